package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.Waits;
import org.patronvault.core.log.BackgroundWorker;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.BackupRegister.VerifiedBackup;
import org.patronvault.log.witness.OngoingAlert;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The automatic backups, in their own thread. A backup starts when the newest verified one is too old. Backups past
 * their time are removed. A failed backup raises an alert and is tried again each hour.
 */
public final class ScheduledBackup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduledBackup.class);
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    /** Longer than any backup takes, on any node. */
    private static final Duration UNFINISHED_FOR = Duration.ofDays(1);

    /** Kept for a missing backup after its time: its disk may be off-site just now. */
    private static final Duration AWAY_FOR = Duration.ofDays(365);

    private static final long TRIED_AGAIN = TimeUnit.HOURS.toNanos(1);
    private static final long LOOKED_THROUGH = TimeUnit.HOURS.toNanos(1);
    /** The name of the file that records each backup's time of presence. */
    private static final String WAITS = "backup-waits";

    private final Optional<BackupPlan> plan;
    private final Backup backup;
    private final KeyCustody custody;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final OngoingAlert unmade;
    private final Waits kept;
    private final String process;
    private final BackgroundWorker background = new BackgroundWorker("vault-backup");
    private Optional<Long> triedAt = Optional.empty();
    private Optional<Long> lookedThroughAt = Optional.empty();

    /**
     * Creates the backups without starting one. Without a plan there is never one.
     *
     * @param node the directory of that file
     */
    public ScheduledBackup(Optional<BackupPlan> plan, Backup backup, Path node, Clock clock) {
        this(plan, backup, node, clock, System::nanoTime);
    }

    /** Creates the backups with another monotonic clock, in nanoseconds. */
    ScheduledBackup(Optional<BackupPlan> plan, Backup backup, Path node, Clock clock, LongSupplier nanoTime) {
        this.plan = plan;
        this.backup = backup;
        this.custody = backup.custody();
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.unmade = new OngoingAlert(backup.log(), ActKind.BACKUP, Alert.BACKUP_FAILED, "schedule", nanoTime);
        this.kept = new Waits(node.resolve(WAITS), custody, nanoTime);
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        this.process = HexFormat.of().formatHex(random);
    }

    /** Starts a due backup and returns at once. For one thread. */
    public void turn() {
        if (plan.isEmpty() || background.isBusy()) {
            return;
        }
        long now = nanoTime.getAsLong();
        boolean due = !isWithin(triedAt, now, TRIED_AGAIN) && isDue(plan.get());
        boolean looks = !isWithin(lookedThroughAt, now, LOOKED_THROUGH);
        if (due) {
            triedAt = Optional.of(now);
        }
        if (due || looks) {
            lookedThroughAt = Optional.of(now);
            background.begin(() -> byItself(plan.get(), due));
        }
    }

    private static boolean isWithin(Optional<Long> since, long now, long nanos) {
        return since.filter(then -> now - then < nanos).isPresent();
    }

    /** A backup dated in the future may be of any age. */
    private boolean isDue(BackupPlan asked) {
        Instant now = clock.instant();
        Instant tooOld = now.minus(Duration.ofDays(asked.everyDays()));
        return backup.register()
                .newestProven()
                .filter(newest -> newest.made().isAfter(tooOld) && !newest.isAheadOf(now))
                .isEmpty();
    }

    private void byItself(BackupPlan asked, boolean due) {
        // Removed first: otherwise a disk full of old backups would have no room for a new one, hour after hour.
        attempt("An old backup was not removed", () -> removeOld(asked));
        if (!due) {
            return;
        }
        attempt("The backup that vault.yaml asks for was not made", () -> {
            // Checked before the turn is taken, because a node that cannot back up must not block another.
            requireUsable(asked);
            if (backup.register().takeTurn(process, clock.instant())) {
                makeInTurn(asked);
                unmade.over();
                attempt("An old backup was not removed", () -> removeOld(asked));
            }
        });
    }

    private void makeInTurn(BackupPlan asked) {
        try {
            make(asked);
        } catch (RuntimeException | Error e) {
            // An hour from its end: however long each try takes, another node gets a turn in between.
            triedAt = Optional.of(nanoTime.getAsLong());
            try {
                backup.register().giveTurnBack(process);
            } catch (RuntimeException notNow) {
                // The vault is sealed, or its database is gone. The turn expires after some hours.
                e.addSuppressed(notNow);
            }
            throw e;
        }
    }

    private void attempt(String otherwise, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            if (isToStop()) {
                // It is done after the next start or unseal.
                return;
            }
            LOG.error(
                    "{}: {}",
                    otherwise,
                    e instanceof Refused || e instanceof IntegrityException
                            ? e.getMessage()
                            : e.getClass().getName());
            unmade.say();
        }
    }

    private boolean isToStop() {
        return background.isStopping() || custody.isSealed();
    }

    private void requireUsable(BackupPlan asked) {
        asked.fault(backup.databaseFile()).ifPresent(fault -> {
            throw new Refused(Problem.NOT_FOUND, "The directory that vault.yaml names as backup.directory " + fault);
        });
    }

    private void make(BackupPlan asked) {
        Path into = asked.directory().resolve(NAME.format(clock.instant()));
        boolean begins = !Files.exists(into);
        try {
            backup.makeByItself(into, this::requireGoingOn);
        } catch (RuntimeException | Error e) {
            // Nobody else would remove it, and each failure would take more space.
            BackupDirectory unfinished = new BackupDirectory(into);
            if (begins && unfinished.isUnfinished()) {
                unfinished.remove();
            }
            throw e;
        }
    }

    private void requireGoingOn(String step, long done, long total) {
        if (isToStop()) {
            throw new Refused(Problem.SEALED, "The vault is sealed, or stops.");
        }
    }

    /**
     * Removes old backups of this vault from this directory alone. The newest verified one stays, whatever its age. An
     * unfinished backup goes too, once nobody can be writing it any more.
     *
     * <p>Age is the vault's running time since it first saw the backup, never the clock. A clock one minute ahead could
     * otherwise remove all but the newest for good.
     */
    private void removeOld(BackupPlan asked) {
        Optional<VerifiedBackup> newest = backup.register().newestProven();
        if (newest.isEmpty() || !Files.isDirectory(asked.directory())) {
            return;
        }
        long keepSeconds = Duration.ofDays(asked.keepDays()).toSeconds();
        Set<String> waiting = new HashSet<>(kept.waiting());
        // A name that returns belongs to another backup.
        waiting.removeIf(id -> isOfASchedule(id) || kept.seconds(id) > keepSeconds + AWAY_FOR.toSeconds());
        for (Path one : directories(asked.directory())) {
            BackupDirectory there = new BackupDirectory(one);
            String name = one.getFileName().toString();
            if (isOfASchedule(name) && there.isUnfinished()) {
                if (kept.seconds(name) > UNFINISHED_FOR.toSeconds()) {
                    there.remove();
                } else {
                    waiting.add(name);
                }
                continue;
            }
            Optional<String> id = there.manifestIfOurs(custody.keys())
                    .filter(manifest -> manifest.contents().vault().equals(custody.vaultId()))
                    .map(BackupManifest::id);
            id.ifPresent(waiting::add);
            id.filter(old -> kept.seconds(old) > keepSeconds
                            && !old.equals(newest.get().id()))
                    .ifPresent(old -> {
                        there.remove();
                        waiting.remove(old);
                    });
        }
        // Written last, because its file may be on the disk that old backups fill.
        kept.turn(waiting);
    }

    /** Whether the name has the form of a scheduled backup's directory. */
    private static boolean isOfASchedule(String name) {
        try {
            return NAME.parse(name).isSupported(ChronoField.INSTANT_SECONDS);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static List<Path> directories(Path in) {
        try (Stream<Path> all = Files.list(in)) {
            return all.filter(one -> Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the directory of backups cannot be read", e);
        }
    }

    /** Waits until the work begun by {@link #turn} has ended. */
    void settle() throws InterruptedException, ExecutionException {
        background.settle();
    }

    /** Ends a running backup and removes it. */
    @Override
    public void close() {
        background.close();
    }
}
