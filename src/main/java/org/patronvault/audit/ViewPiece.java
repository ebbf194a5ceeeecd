package org.patronvault.audit;

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
import org.patronvault.audit.PatronView.Of;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.store.ViewRows;
import org.patronvault.store.WriteTx;

/**
 * One piece of work on the view by patron, worked out in a snapshot and written in short transactions, each of which has
 * some of its rows, drawn by lot. For one thread.
 */
final class ViewPiece {
    /** So many rows are written while others wait, a millisecond or two. */
    private static final int ROWS_AT_ONCE = 64;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** What is written in one transaction. */
    @FunctionalInterface
    interface Part {
        /** Writes it; what is stored as the state then. */
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
     * That alone.
     *
     * @param seen the state it was worked out from, as stored
     * @param work all of it
     */
    static ViewPiece of(Optional<String> seen, UnsealedKeys keys, Part work) {
        ViewPiece piece = new ViewPiece(seen, keys, Map.of());
        piece.parts.add(work);
        return piece;
    }

    /**
     * Rows that are to be added. Until the last is there the view goes no further than it did.
     *
     * @param state what the rows are added to
     * @param to how far it goes then
     * @param counts how many entries patrons have then
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
        // A copy made in between would else have labels of a kind, those that come first.
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

    /** Whether it was worked out with these keys. */
    boolean isOf(UnsealedKeys others) {
        return keys == others.number();
    }

    /**
     * Does the next part; false, and nothing, if the view is not as it was left.
     *
     * @param same the keys that it was worked out with
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

    /** The state as it is stored after what was done. */
    Optional<String> seen() {
        return seen;
    }

    /** How many entries patrons have once it is done. */
    Map<Of, Integer> counts() {
        return counts;
    }
}
