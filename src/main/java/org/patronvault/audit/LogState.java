package org.patronvault.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.audit.Witnesses.StoredWitness;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.store.Tx;

/**
 * How far the log is signed, and by whom.
 *
 * @param entries that it has
 * @param signed over how many of them the newest checkpoint is signed; 0 for none
 * @param newest from when the last of those is: a checkpoint has no time of its own
 * @param witnesses those that are asked to sign too
 */
public record LogState(long entries, long signed, Optional<Instant> newest, List<StoredWitness> witnesses) {

    /** As that snapshot shows it. */
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

    /** How many witnesses have signed the newest checkpoint. */
    public long cosigned() {
        return witnesses.stream()
                .filter(one -> signed > 0 && one.signed() == signed)
                .count();
    }

    /** When a witness signed last. */
    public Optional<Instant> lastCosigned() {
        return witnesses.stream().flatMap(one -> one.at().stream()).max(Instant::compareTo);
    }
}
