package org.patronvault.log.witness;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.tree.WitnessPeer;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.log.witness.Witnesses.StoredWitness;

/**
 * The signed size of the log, and its witnesses.
 *
 * @param entries number of entries in it
 * @param signed number of entries that the newest checkpoint covers; 0 for none
 * @param newest time of the newest covered entry, since a checkpoint has no time of its own
 * @param witnesses the witnesses that are asked to sign too
 */
public record LogState(long entries, long signed, Optional<Instant> newest, List<StoredWitness> witnesses) {

    /** Returns the state in a snapshot. */
    static LogState of(Tx tx, List<WitnessPeer> peers) {
        long signed = tx.log().lastCheckpoint().map(CheckpointRow::size).orElse(0L);
        return new LogState(
                LogReader.size(tx),
                signed,
                tx.log()
                        .leaf(signed - 1)
                        .map(leaf -> LeafInClear.of(leaf).event().time()),
                peers.stream().map(peer -> Witnesses.written(tx, peer)).toList());
    }

    /** Returns the number of witnesses that have signed the newest checkpoint. */
    public long cosigned() {
        return witnesses.stream()
                .filter(one -> signed > 0 && one.signed() == signed)
                .count();
    }

    /** Returns the time of the last witness signature. */
    public Optional<Instant> lastCosigned() {
        return witnesses.stream().flatMap(one -> one.at().stream()).max(Instant::compareTo);
    }
}
