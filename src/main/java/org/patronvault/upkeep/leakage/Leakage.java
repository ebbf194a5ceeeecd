package org.patronvault.upkeep.leakage;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.check.SurnameSample;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.upkeep.backup.OpenedBackup;
import org.patronvault.upkeep.backup.Progress;

/**
 * The measurement of what a thief of the present database would learn. One at a time in a process. Thread safe.
 *
 * <p>It reads one snapshot, which takes minutes for a large vault. Meanwhile SQLite's write-ahead log grows by all
 * writes, and a rebuild of the index does not exchange its tables. Nothing is copied to disk.
 */
public final class Leakage {
    /** The default number of decrypted surnames. */
    public static final int SAMPLE = 2_000;

    /** The least number of decrypted surnames, if any: figures about fewer would reveal which surname they have. */
    public static final int MIN_SAMPLE = 100;

    /** The greatest number of decrypted surnames. */
    public static final int MAX_SAMPLE = 100_000;

    /** The promises, which the games test as far as they can. */
    private static final List<String> LEARNS_NOT = List.of(
            "names, cards, addresses, telephone numbers, e-mail addresses",
            "who shares a surname, an address or a telephone number",
            "whom staff searched or looked at",
            "what an entry of the index stands for",
            "who consented to what, which fields are empty");

    /** Holds for a single copy whose rows are not in order of time. */
    private static final String WRITTEN =
            "Which patrons, by their numbers, staff wrote, erased, protected or made decoys of is not said anywhere. But"
                    + " times and counts of writes are on the list: where few were written, or two copies were taken"
                    + " close together, he can put the two together.";

    private static final String LIVE =
            "Who watches the database while it is searched sees the same entries asked for again: the promise is about"
                    + " copies.";
    private static final String NOT_READ =
            "Tables are read as they are: neither pages that the database gave free nor its write-ahead log, and what was"
                    + " deleted or written over can be there yet. What was written last lies in the log beside its"
                    + " entry.";
    private static final String NO_KEY =
            "Whether what looks random was made with a key cannot be seen from a copy; nor are the words looked at that"
                    + " accounts, facts and entries of the log hold in clear, but for what the document names.";
    private static final String POSTGRES =
            "On PostgreSQL the order of rows, xmin and the write-ahead log tie the 40 entries of one patron to each other:"
                    + " there are 40 for everybody and they are pseudo-random, so that says nothing of what they stand for."
                    + " Rows lie in the order in which they were written, and xmin ties each row of a patron to the entry"
                    + " of the log that was written with it: who holds a copy of the server's files sees which number"
                    + " staff wrote, erased or protected, and when.";

    /**
     * A request to measure.
     *
     * @param sample how many surnames are decrypted to score the thief: none, or {@value #MIN_SAMPLE} to {@value
     *     #MAX_SAMPLE}
     * @param before the directory of an older backup, or the file of a copy, for comparison
     */
    public record Asked(int sample, Optional<Path> before) {
        public Asked {
            if (sample != 0 && (sample < MIN_SAMPLE || sample > MAX_SAMPLE)) {
                throw new Refused(
                        Problem.INVALID,
                        "--sample must be 0, or " + MIN_SAMPLE + " to " + MAX_SAMPLE
                                + ": of fewer the figures would say what their surname is. Leave it out for " + SAMPLE
                                + ".");
            }
        }
    }

    /** One a process, because the memory does not suffice for two. */
    private static final AtomicBoolean RUNNING = new AtomicBoolean();

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final Patrons patrons;
    private final Path home;
    private final List<String> surnames;

    /**
     * Creates the measurement without running it.
     *
     * @param home in which a backup for comparison is decrypted
     * @param surnames the thief's table, most frequent first
     */
    public Leakage(
            Store store,
            KeyCustody custody,
            AuditLog log,
            Access access,
            Patrons patrons,
            Path home,
            List<String> surnames) {
        this.store = store;
        this.custody = custody;
        this.home = home;
        this.log = log;
        this.access = access;
        this.patrons = patrons;
        this.surnames = List.copyOf(surnames);
    }

    /**
     * Plays all games.
     *
     * @throws Refused with {@code operation-running} during another measurement
     */
    public Report run(Caller caller, Asked asked, Progress progress) {
        AccessEvent event = log.event(caller.actor(), ActKind.LEAKAGE, Outcome.REFUSED, AuditLog.newRequest())
                .forPurpose(Purpose.CHECK);
        access.require(caller, Permission.LEAKAGE, event);
        return log.logging(event, () -> {
            if (!RUNNING.compareAndSet(false, true)) {
                throw new Refused(
                        Problem.OPERATION_RUNNING, "Leakage is being measured already. Wait until that has ended.");
            }
            try {
                return run(event, asked, progress);
            } finally {
                RUNNING.set(false);
            }
        });
    }

    private Report run(AccessEvent event, Asked asked, Progress progress) {
        Report report;
        if (asked.before().isPresent()) {
            report = compared(event, asked.sample(), asked.before().get(), progress);
        } else {
            report = measure(event, asked.sample(), Optional.empty(), progress);
        }
        log.record(event.ending(report.ok() ? Outcome.VERIFIED : Outcome.FAILED).counting(report.patrons()));
        return report;
    }

    private Report compared(AccessEvent event, int sample, Path named, Progress progress) {
        if (Files.isDirectory(named)) {
            try (OpenedBackup backup = OpenedBackup.of(named, custody.keys(), home, progress)) {
                return comparedWith(event, sample, backup.database(), progress);
            }
        }
        if (!Files.isRegularFile(named)) {
            throw new Refused(
                    Problem.NOT_FOUND,
                    "There is no backup where --before says; name its directory, or the file of a copy.");
        }
        return comparedWith(event, sample, named, progress);
    }

    private Report comparedWith(AccessEvent event, int sample, Path file, Progress progress) {
        try (StoreCopy copy = opened(file)) {
            return copy.read(before -> measure(event, sample, Optional.of(before), progress));
        }
    }

    /** Reads the copy once, so that an invalid one is refused before any surname is decrypted. */
    private static StoreCopy opened(Path file) {
        try {
            StoreCopy copy = StoreCopy.open(file);
            try {
                copy.read(Tx::schema);
                return copy;
            } catch (StoreException e) {
                copy.close();
                throw e;
            }
        } catch (StoreException e) {
            throw new Refused(
                    Problem.INVALID,
                    "What --before names is no copy of a vault that can be read; name a backup's directory, or the file"
                            + " of a copy.");
        }
    }

    private Report measure(AccessEvent event, int size, Optional<Tx> before, Progress progress) {
        return store.read(now -> {
            before.ifPresent(then -> TwoSnapshots.requireOfOneVault(then, now));
            // Read early, because it holds the names of the index's tables.
            OptionalLong entries =
                    OptionalLong.of(patrons.inspection().index().size(now).entries());
            // Figures about fewer patrons would reveal their surname.
            boolean isEnough = now.patrons().count() >= MIN_SAMPLE;
            Sample sample = draw(now, event, isEnough ? size : 0, progress);
            Games games = new Games(now, sample, surnames.size()).play(progress);
            List<Report.Game> outcomes = new ArrayList<>(games.outcomes(entries));
            outcomes.add(before.map(then -> TwoSnapshots.compare(then, now, progress))
                    .orElseGet(TwoSnapshots::notPlayed));
            return new Report(
                    sample.size(),
                    outcomes,
                    games.learns(),
                    LEARNS_NOT,
                    store.isOfOneProcess()
                            ? List.of(WRITTEN, NO_KEY, NOT_READ, LIVE)
                            : List.of(POSTGRES, WRITTEN, NO_KEY, NOT_READ, LIVE),
                    games.columns());
        });
    }

    private Sample draw(Tx now, AccessEvent event, int size, Progress progress) {
        if (size > 0) {
            log.record(event.ending(Outcome.COUNTED).counting(size));
        }
        AccessEvent opening = log.event(Actor.VAULT, ActKind.LEAKAGE, Outcome.DISCLOSED, event.request())
                .forPurpose(Purpose.CHECK);
        SurnameSample.Drawn drawn = patrons.surnames()
                .draw(now, size, surnames, opening, opened -> progress.at("Opening surnames", opened, size));
        return new Sample(drawn.patrons(), drawn.surnames(), drawn.unreadable());
    }
}
