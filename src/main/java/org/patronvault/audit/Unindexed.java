package org.patronvault.audit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.audit.PatronView.Of;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.Tx;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MerkleHash;
import org.patronvault.tlog.Proofs;

/** What the log has that the view by patron has not: as many entries, read in order, as one step writes. For one thread. */
final class Unindexed {
    /** So many rows are enough. */
    static final int ROWS = 2_048;

    private static final int OF_NOBODY = 50_000;

    private final Map<Of, List<Long>> named = new HashMap<>();
    private final long from;
    private final TileRoots roots;
    private final Frontier read;
    private int entries;
    private int rows;
    private boolean unreadable;

    /** Nothing yet; that the tree before {@code from} is the log's, {@link #isOf} says at the end. */
    Unindexed(Tx tx, long from, TileRoots roots) {
        this.from = from;
        this.roots = roots;
        this.read = Frontier.at(from, StoredTiles.reader(tx, from, roots));
    }

    /** The entries that name each patron, oldest first. */
    Map<Of, List<Long>> named() {
        return named;
    }

    /** Up to which entry the log was read, exclusive. */
    long to() {
        return read.size();
    }

    /** Whether every leaf was, as it was read, the one that the tree has: none was another's for just that long. */
    boolean isOf(Tx tx, Frontier tree) {
        var path = Proofs.consistency(to(), tree.size(), StoredTiles.reader(tx, tree.size(), roots));
        boolean same = Proofs.verifyConsistency(to(), read.root(), tree.size(), tree.root(), path);
        if (!same) {
            roots.forget();
        }
        return same;
    }

    /** Whether it ends at an entry that cannot be read, or is not there: it may be there again in a moment. */
    boolean isUnreadable() {
        return unreadable;
    }

    boolean isEnough(int leastEntries) {
        return entries >= leastEntries || rows >= ROWS;
    }

    /** Whether it is so long, and nobody is named in it, that it can be left behind without a row. */
    boolean isOfNobody() {
        return rows == 0 && to() - from >= OF_NOBODY;
    }

    /** Whoever an entry names could be left out for ever if it were passed because it cannot be read. */
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

    /** Of a stretch that was read to there, one that is missing at its end is like one that cannot be read. */
    void requireAllBefore(long end, int leastEntries) {
        unreadable |= to() < end && !isEnough(leastEntries);
    }
}
