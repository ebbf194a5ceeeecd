package org.patronvault.log.view;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.log.read.TileRoots;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;
import org.patronvault.log.view.PatronView.Of;

/**
 * The log entries that the view by patron lacks. It reads them in order, as many as one step writes. For one thread.
 */
final class Unindexed {
    /** The number of rows that is enough for one step. */
    static final int ROWS = 2_048;

    private static final int OF_NOBODY = 50_000;

    private final Map<Of, List<Long>> named = new HashMap<>();
    private final long from;
    private final TileRoots roots;
    private final Frontier read;
    private int entries;
    private int rows;
    private boolean unreadable;

    /**
     * Creates a reader with no entries. {@link #isOf} says at the end whether the tree before {@code from} is the
     * log's.
     */
    Unindexed(Tx tx, long from, TileRoots roots) {
        this.from = from;
        this.roots = roots;
        this.read = Frontier.at(from, StoredTiles.reader(tx, from, roots));
    }

    /** Returns the entries that name each patron, oldest first. */
    Map<Of, List<Long>> named() {
        return named;
    }

    /** Returns the end of the entries read, exclusive. */
    long to() {
        return read.size();
    }

    /** Whether every leaf, as it was read, is the tree's. So no leaf was replaced just for the time of the reading. */
    boolean isOf(Tx tx, Frontier tree) {
        var path = Proofs.consistency(to(), tree.size(), StoredTiles.reader(tx, tree.size(), roots));
        boolean same = Proofs.verifyConsistency(to(), read.root(), tree.size(), tree.root(), path);
        if (!same) {
            roots.forget();
        }
        return same;
    }

    /** Whether it ends at an entry that is missing or cannot be read. The entry may be readable again in a moment. */
    boolean isUnreadable() {
        return unreadable;
    }

    boolean isEnough(int leastEntries) {
        return entries >= leastEntries || rows >= ROWS;
    }

    /** Whether it is so long, and names no patron, that the view can skip it without a row. */
    boolean isOfNobody() {
        return rows == 0 && to() - from >= OF_NOBODY;
    }

    /** Adds an entry. An unreadable entry stops the reading, since its patrons could otherwise be missed for ever. */
    void add(UnsealedKeys keys, long index, byte[] leaf) {
        if (index != to()) {
            unreadable = true;
            return;
        }
        try {
            Optional<Integer> month = Leaf.parse(leaf).month();
            List<Of> patrons = LogReader.open(keys, leaf).subjects().stream()
                    .map(Subject::patron)
                    .distinct()
                    .map(patron -> new Of(month.orElseThrow(), patron))
                    .toList();
            patrons.forEach(
                    of -> named.computeIfAbsent(of, any -> new ArrayList<>()).add(index));
            entries += patrons.isEmpty() ? 0 : 1;
            rows += patrons.size();
            read.append(MerkleHash.leaf(leaf));
        } catch (IntegrityException e) {
            unreadable = true;
        }
    }

    /** Treats a missing entry at the end of a stretch like an unreadable one. */
    void requireAllBefore(long end, int leastEntries) {
        unreadable |= to() < end && !isEnough(leastEntries);
    }
}
