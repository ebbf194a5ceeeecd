package org.patronvault.audit;

import java.time.Instant;
import java.util.Optional;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.store.StoreException;
import org.patronvault.store.Tx;

/**
 * How far the checkpoints are behind the log.
 *
 * @param entries that the log has
 * @param unsigned how many of them no checkpoint covers
 * @param newestSigned when the newest was made that one covers: a checkpoint has no time of its own
 * @param oldestUnsigned when the oldest was made that none covers; empty if there is none
 */
public record LogLag(long entries, long unsigned, Optional<Instant> newestSigned, Optional<Instant> oldestUnsigned) {

    /** As it is now; empty if the database cannot be read. */
    public static Optional<LogLag> of(AuditLog log) {
        try {
            return Optional.of(log.reader().read(LogLag::of));
        } catch (StoreException | IntegrityException e) {
            return Optional.empty();
        }
    }

    private static LogLag of(Tx tx) {
        long entries = LogReader.size(tx);
        long signed = tx.log().lastCheckpoint().map(CheckpointRow::size).orElse(0L);
        return new LogLag(entries, Math.max(0, entries - signed), time(tx, signed - 1), time(tx, signed));
    }

    private static Optional<Instant> time(Tx tx, long index) {
        return tx.log().leaf(index).map(leaf -> LeafInClear.of(leaf).event().time());
    }
}
