package org.patronvault.log.view;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.store.table.ViewRows;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.log.view.PatronView.Of;

/**
 * One piece of work on the view by patron. It is computed in a snapshot and written in short transactions, each with
 * some of its rows, in random order. For one thread.
 */
final class ViewPiece {
    /** The rows written at once while others wait, which takes a millisecond or two. */
    private static final int ROWS_AT_ONCE = 64;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The work of one transaction. */
    @FunctionalInterface
    interface Part {
        /** Writes the part. Returns the state that is then stored. */
        Optional<String> write(WriteTx tx, UnsealedKeys keys);
    }

    private final long keys;
    private final Map<Of, Integer> counts;
    private final Deque<Part> parts = new ArrayDeque<>();
    private Optional<String> seen;

    private ViewPiece(Optional<String> seen, UnsealedKeys keys, Map<Of, Integer> counts) {
        this.seen = seen;
        this.keys = keys.number();
        this.counts = counts;
    }

    /**
     * Returns a piece of one part.
     *
     * @param seen the state it was computed from, as stored
     * @param work all of it
     */
    static ViewPiece of(Optional<String> seen, UnsealedKeys keys, Part work) {
        ViewPiece piece = new ViewPiece(seen, keys, Map.of());
        piece.parts.add(work);
        return piece;
    }

    /**
     * Returns a piece that adds rows. Until the last row is stored, the end of the view stays where it was.
     *
     * @param state what the rows are added to
     * @param to the end of the view afterwards
     * @param counts the number of entries of each patron afterwards
     * @param taken what is done if a label is taken
     */
    static ViewPiece of(
            Optional<String> seen,
            UnsealedKeys keys,
            List<ViewRows.Entry> rows,
            ViewState state,
            long to,
            Map<Of, Integer> counts,
            Part taken) {
        ViewPiece piece = new ViewPiece(seen, keys, counts);
        // Otherwise a copy made in between would hold labels of one kind: the first ones.
        List<ViewRows.Entry> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, RANDOM);
        ViewState sum = state;
        int from = 0;
        do {
            int end = Math.min(from + ROWS_AT_ONCE, shuffled.size());
            SortedMap<Integer, List<ViewRows.Entry>> part = byMonth(shuffled.subList(from, end));
            ViewState next = end == shuffled.size() ? sum.at(to, keys, part) : sum.begun(keys, part);
            piece.parts.add((tx, same) -> piece.put(tx, same, part, next, taken));
            sum = next;
            from = end;
        } while (from < shuffled.size());
        return piece;
    }

    static SortedMap<Integer, List<ViewRows.Entry>> byMonth(List<ViewRows.Entry> rows) {
        return rows.stream().collect(Collectors.groupingBy(ViewRows.Entry::month, TreeMap::new, Collectors.toList()));
    }

    private Optional<String> put(
            WriteTx tx, UnsealedKeys same, SortedMap<Integer, List<ViewRows.Entry>> part, ViewState next, Part taken) {
        for (Map.Entry<Integer, List<ViewRows.Entry>> month : part.entrySet()) {
            if (tx.view().insert(month.getKey(), month.getValue())
                    != month.getValue().size()) {
                parts.clear();
                return taken.write(tx, same);
            }
        }
        return Optional.of(next.write(tx, same));
    }

    /** Whether it was computed with these keys. */
    boolean isOf(UnsealedKeys others) {
        return keys == others.number();
    }

    /**
     * Does the next part. Returns false, and does nothing, if the view changed since the last part.
     *
     * @param same the keys that it was computed with
     */
    boolean carryOn(WriteTx tx, UnsealedKeys same) {
        boolean asLeft = tx.fact(ViewState.FACT).equals(seen);
        if (asLeft) {
            seen = parts.remove().write(tx, same);
        }
        return asLeft;
    }

    /** Whether nothing of it is left to be done. */
    boolean isDone() {
        return parts.isEmpty();
    }

    /** Returns the stored state after the last part. */
    Optional<String> seen() {
        return seen;
    }

    /** Returns the number of entries of each patron once the piece is done. */
    Map<Of, Integer> counts() {
        return counts;
    }
}
