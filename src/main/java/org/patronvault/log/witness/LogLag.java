package org.patronvault.log.witness;

import java.time.Instant;
import java.util.Optional;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;

/**
 * The distance between the log and its newest checkpoint.
 *
 * @param entries number of entries in the log
 * @param unsigned number of entries that no checkpoint covers
 * @param newestSigned time of the newest covered entry, since a checkpoint has no time of its own
 * @param oldestUnsigned time of the oldest entry that no checkpoint covers; empty if there is none
 */
public record LogLag(long entries, long unsigned, Optional<Instant> newestSigned, Optional<Instant> oldestUnsigned) {

    /** Returns the current lag. Empty if the database cannot be read. */
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
