package org.patronvault.custody.rotate;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;

/**
 * The register of backups that were verified after they were written. It does not know where they are, or whether they
 * still exist.
 */
public final class BackupRegister {
    private static final String KIND = "backup";
    private static final String TURN = "backup-turn";
    private static final String SCHEDULE = "schedule";
    private static final Duration TURN_LASTS = Duration.ofHours(6);
    /** Each node asks every hour, so within this time all others have asked. */
    private static final Duration OTHERS_ASK = Duration.ofHours(2);
    /** More than two correct clocks differ. */
    private static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

    /**
     * A verified backup.
     *
     * @param id 16 hexadecimal digits
     * @param made when its copy of the database was begun
     * @param logSize how many log entries are in it, with everything they record
     * @param manifest SHA-256 of its manifest, in hexadecimal
     * @param ringRevision of the key ring that opens everything in it
     * @param by canonical name of its maker
     * @param ownDisk whether it was written to the home's own disk
     */
    public record VerifiedBackup(
            String id, Instant made, long logSize, String manifest, long ringRevision, String by, boolean ownDisk) {

        /** Whether its time is in the future: a clock was or is wrong, so its age is unknown. */
        public boolean isAheadOf(Instant now) {
            return made.isAfter(now.plus(CLOCKS_DIFFER));
        }
    }

    /** The stored row; times are Unix seconds. */
    private record StoredBackup(
            long made, long logSize, String manifest, long ringRevision, String by, boolean ownDisk) {

        VerifiedBackup of(String id) {
            return new VerifiedBackup(id, Instant.ofEpochSecond(made), logSize, manifest, ringRevision, by, ownDisk);
        }
    }

    /** The process that makes the next scheduled backup, and when it began, in Unix seconds. */
    private record ScheduleClaim(String node, long at) {}

    private final Store store;
    private final AuditLog log;
    private final Authority authority;

    /** Opens the register of that store. */
    public BackupRegister(Store store, AuditLog log, Access access) {
        this.store = store;
        this.log = log;
        this.authority = access.authority();
    }

    /**
     * Adds a backup to the register; returns the index of its log entry.
     *
     * @param event the log entry
     */
    public long record(AccessEvent event, VerifiedBackup proven) {
        StoredBackup row = new StoredBackup(
                proven.made().getEpochSecond(),
                proven.logSize(),
                proven.manifest(),
                proven.ringRevision(),
                proven.by(),
                proven.ownDisk());
        return log.call(event, now -> {
            authority.insert(
                    now.tx(),
                    KIND,
                    proven.id(),
                    row,
                    new Refused(Problem.CHANGED_MEANWHILE, "A backup of that id is there already."));
            return Decision.finishing(event, Decision.Receipts::index);
        });
    }

    /**
     * Claims the next scheduled backup, if several nodes could make it. The holder of a claim may continue, without
     * extending it. After its end the other nodes come first. So a node that always fails, and cannot even release its
     * claim, blocks no other node.
     *
     * @param node this process
     * @return whether this process has the claim; if not, another one does
     */
    public boolean takeTurn(String node, Instant at) {
        if (store.isOfOneProcess()) {
            return true;
        }
        ScheduleClaim mine = new ScheduleClaim(node, at.getEpochSecond());
        AccessEvent event = turnEvent();
        try {
            log.call(event, now -> {
                Optional<Authority.Versioned<ScheduleClaim>> held =
                        authority.find(now.tx(), TURN, SCHEDULE, ScheduleClaim.class);
                if (held.filter(last -> isOthers(last.body(), mine)).isPresent()) {
                    throw new Refused(Problem.CHANGED_MEANWHILE, "Another node makes the backup.");
                }
                if (held.filter(last -> goesOn(last.body(), mine)).isEmpty()) {
                    authority.put(now.tx(), TURN, SCHEDULE, held, mine);
                }
                return Decision.done(event);
            });
            return true;
        } catch (Refused e) {
            if (e.problem() == Problem.CHANGED_MEANWHILE) {
                return false;
            }
            throw e;
        }
    }

    private AccessEvent turnEvent() {
        return log.event(Actor.VAULT, ActKind.BACKUP, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(SCHEDULE);
    }

    private static boolean isOthers(ScheduleClaim last, ScheduleClaim mine) {
        return last.node().equals(mine.node())
                ? !isWithin(last, mine, TURN_LASTS) && isWithin(last, mine, TURN_LASTS.plus(OTHERS_ASK))
                : isWithin(last, mine, TURN_LASTS);
    }

    private static boolean goesOn(ScheduleClaim last, ScheduleClaim mine) {
        return last.node().equals(mine.node()) && isWithin(last, mine, TURN_LASTS);
    }

    /** A claim far in the future is over too: the clock was wrong once. */
    private static boolean isWithin(ScheduleClaim last, ScheduleClaim mine, Duration time) {
        return Math.abs(mine.at() - last.at()) < time.toSeconds();
    }

    /** Releases the claim of a process that could not make the backup; the next node that asks may try. */
    public void giveTurnBack(String node) {
        if (store.isOfOneProcess()) {
            return;
        }
        AccessEvent event = turnEvent();
        log.call(event, now -> {
            authority
                    .find(now.tx(), TURN, SCHEDULE, ScheduleClaim.class)
                    .filter(held -> held.body().node().equals(node))
                    .ifPresent(held -> authority.remove(now.tx(), held));
            return Decision.done(event);
        });
    }

    /** Returns the verified backup with the most log entries. */
    public Optional<VerifiedBackup> newestProven() {
        return newest(all());
    }

    private List<VerifiedBackup> all() {
        return store.read(tx -> authority.all(tx, KIND, StoredBackup.class)).stream()
                .map(held -> held.body().of(held.name()))
                .toList();
    }

    /** Returns the IDs of backups whose copy was begun before {@code then}, the oldest first. */
    public List<String> madeBefore(Instant then) {
        return all().stream()
                .filter(proven -> proven.made().isBefore(then))
                .sorted(Comparator.comparing(VerifiedBackup::made))
                .map(VerifiedBackup::id)
                .toList();
    }

    /** Returns the newest backup, if it contains that log entry. */
    public Optional<VerifiedBackup> provenAfter(long logIndex) {
        return newestProven().filter(proven -> proven.logSize() > logIndex);
    }

    /** Returns the newest backup without checking MACs; for readers that have no key and decide nothing by it. */
    public static Optional<VerifiedBackup> newestWritten(Tx tx) {
        return newest(tx.authority().all(KIND).stream()
                .map(row -> Authority.unproven(row, StoredBackup.class).of(row.name()))
                .toList());
    }

    private static Optional<VerifiedBackup> newest(List<VerifiedBackup> all) {
        return all.stream()
                .max(Comparator.comparingLong(VerifiedBackup::logSize).thenComparing(VerifiedBackup::made));
    }
}
