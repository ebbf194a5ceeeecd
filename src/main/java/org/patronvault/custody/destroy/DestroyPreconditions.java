package org.patronvault.custody.destroy;

import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.custody.rotate.Rotations;

/** The preconditions for destroying a key version. They are checked at the approval and again at the destruction. */
final class DestroyPreconditions {
    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final BackupRegister backups;
    private final KeyCopies copies;

    DestroyPreconditions(
            Store store, KeyCustody custody, Access access, AuditLog log, BackupRegister backups, KeyCopies copies) {
        this.access = access;
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.backups = backups;
        this.copies = copies;
    }

    /** Requires all preconditions, outside an act. */
    void require(KeyVersionToDestroy doomed, List<String> gone) {
        store.read(tx -> {
            require(tx, doomed, gone);
            return doomed;
        });
        requireBackup(doomed);
    }

    /** Returns the first precondition that does not hold. */
    Optional<String> hindrance(KeyVersionToDestroy doomed) {
        try {
            require(doomed, List.of());
            return Optional.empty();
        } catch (Refused e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Requires the preconditions that can change at any moment; also callable inside an act. */
    void require(Tx tx, KeyVersionToDestroy doomed, List<String> gone) {
        doomed.requireUnused(tx, custody.keys(), access, log.now());
        List<String> left = copies.holding(tx, doomed.ringKeys().get(0), doomed.version()).stream()
                .map(KeyCopies.Copy::id)
                .filter(copy -> !gone.contains(copy))
                .toList();
        if (!left.isEmpty()) {
            throw new Refused(
                    Problem.COPIES_UNATTESTED,
                    "Copies of the keys hold that version: " + String.join(", ", left)
                            + ". Have them destroyed, and say so with --gone ID for each.");
        }
    }

    /** A backup counts if no value was moved off that key since: restoring it no longer needs the version. */
    private void requireBackup(KeyVersionToDestroy doomed) {
        long from = backups.newestProven()
                .map(BackupRegister.VerifiedBackup::logSize)
                .orElse(-1L);
        if (from < 0 || isMovedSince(doomed.field(), from)) {
            throw new Refused(
                    Problem.BACKUP_REQUIRED,
                    "No proved backup is newer than the last rotation of that key: make one with `backup DIR`.");
        }
    }

    /**
     * Returns the verified backups that need that version to open, the oldest first: each needs all keys of its time.
     */
    List<String> endingBackups(KeyVersionToDestroy doomed) {
        return doomed.isOfBackups()
                ? custody.keys().inventory().stream()
                        .filter(key -> key.name().equals(doomed.field()) && key.version() == doomed.version() + 1)
                        .flatMap(next -> backups.madeBefore(next.created()).stream())
                        .toList()
                : List.of();
    }

    /** The owners of passwords and client keys that open nothing any more without that version. */
    List<String> endingOwners(KeyVersionToDestroy doomed) {
        return store.read(tx -> access.keptUntilUsed().owners(tx, doomed.field(), doomed.version()));
    }

    private boolean isMovedSince(String field, long from) {
        LogReader reader = log.reader();
        LogReader.Page page = reader.entries(from, Long.MAX_VALUE);
        while (!page.entries().isEmpty()) {
            if (page.entries().stream().map(LogReader.Entry::event).anyMatch(event -> isMove(event, field))) {
                return true;
            }
            page = reader.entries(page.next(), Long.MAX_VALUE);
        }
        return false;
    }

    private static boolean isMove(AccessEvent event, String field) {
        boolean moves =
                event.act() == ActKind.ROTATE || event.act() == ActKind.REENCRYPT || event.act() == ActKind.REINDEX;
        return moves
                && event.outcome() == Outcome.KEY
                && event.about()
                        .filter(about -> Rotations.keys(about).contains(field))
                        .isPresent();
    }
}
