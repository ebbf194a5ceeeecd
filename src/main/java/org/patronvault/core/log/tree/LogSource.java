package org.patronvault.core.log.tree;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.Tile;

/** A log to be verified, from any source. None of its statements is trusted. */
interface LogSource {

    /** A receiver of each fault, and the entry that shows it. */
    @FunctionalInterface
    interface Findings {
        void found(long entry, String what);
    }

    /** Returns the vault that the log claims to be of. Empty if the source does not say. */
    String vaultId();

    /** Returns the number of entries that the source claims; 0 if it does not say. */
    long size();

    /** Returns the entry at an index. */
    Optional<byte[]> leaf(long index);

    /** Passes on every entry, in order, up to the last one that exists. */
    void forEachLeaf(BiConsumer<Long, byte[]> action, Findings findings);

    /** Returns the checkpoints in it, by size. A size of -1 means that none is stored beside the note. */
    List<CheckpointRow> checkpoints();

    /** Returns the hashes of a tile that a log of that size must have here. */
    Optional<byte[]> tile(Tile tile);

    /** Returns the partial tiles that a log of that size must have. */
    List<Tile> partialTiles(long size);

    /** Reports what is wrong with the log's end, given the tree of its entries. */
    void checkEnd(Frontier frontier, Findings findings);
}
