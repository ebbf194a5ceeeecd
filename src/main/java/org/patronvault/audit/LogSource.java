package org.patronvault.audit;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.Tile;

/** A log that is to be checked, wherever it lies: what it says of itself, none of which is believed. */
interface LogSource {

    /** Takes what is wrong, and the entry where it shows. */
    @FunctionalInterface
    interface Findings {
        void found(long entry, String what);
    }

    /** The vault whose log it is said to be; empty if that is not said. */
    String vaultId();

    /** How many entries there are to go through, as far as it says; 0 if it does not. */
    long size();

    /** The entry at that index. */
    Optional<byte[]> leaf(long index);

    /** Passes every entry on, in order, as far as there are any. */
    void forEachLeaf(BiConsumer<Long, byte[]> action, Findings findings);

    /** The checkpoints in it, by their sizes; a size of -1 is not stated beside the note. */
    List<CheckpointRow> checkpoints();

    /** The hashes of a tile, one of those that a log of that size must have here. */
    Optional<byte[]> tile(Tile tile);

    /** Which of the partial tiles of a log of that size it must have. */
    List<Tile> partialTiles(long size);

    /** Says what is wrong with where it ends, given what its entries come to. */
    void checkEnd(Frontier frontier, Findings findings);
}
