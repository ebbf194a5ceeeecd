package org.patronvault.log.view;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.log.view.PatronView.Of;

/**
 * The number of entries that each patron has in the view. Some numbers are cached while the view is unchanged. For one
 * thread.
 */
final class ViewEnds {
    private static final int KNOWN = 50_000;
    private static final int LAST_STEP = 1_024;

    private final Map<Of, Integer> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Of, Integer> eldest) {
            return size() > KNOWN;
        }
    };

    private Optional<String> state = Optional.empty();

    /** Whether the cache is of the view with that stored state. */
    boolean isOf(Optional<String> seen) {
        return seen.isPresent() && seen.equals(state);
    }

    /** Empties the cache. */
    void forget() {
        known.clear();
        state = Optional.empty();
    }

    /** Records that the view is as that piece left it. Its entries count once the piece is done. */
    void are(ViewPiece piece) {
        state = piece.seen();
        if (piece.isDone()) {
            known.putAll(piece.counts());
        }
    }

    /**
     * Returns the number of entries of each patron, from the cache and a snapshot.
     *
     * @param before the end of the view: entries from that on do not count
     * @throws IntegrityException if a row is none of the vault's
     */
    Map<Of, Integer> of(Tx tx, UnsealedKeys keys, long before, Set<Of> named) {
        Map<Of, Integer> counts = new HashMap<>();
        named.forEach(of -> counts.compute(of, (any, none) -> known.get(of)));
        Set<Of> unknown = new HashSet<>(named);
        unknown.removeAll(counts.keySet());
        counts.putAll(stored(tx, keys, before, unknown));
        return counts;
    }

    /** Returns the stored numbers, in one request. A patron that is new there costs one label. */
    private static Map<Of, Integer> stored(Tx tx, UnsealedKeys keys, long before, Collection<Of> all) {
        Map<Of, Integer> ends = new HashMap<>();
        List<Of> left = new ArrayList<>(all);
        for (int step = 1; !left.isEmpty(); step = Math.min(step * 4, LAST_STEP)) {
            Map<Integer, List<byte[]>> asked = new HashMap<>();
            Map<Of, List<byte[]>> own = new HashMap<>();
            for (Of of : left) {
                Prf labels = ViewCipher.of(keys, of.month()).of(of.patron());
                List<byte[]> next = new ArrayList<>(step);
                for (int i = 0; i < step; i++) {
                    next.add(ViewCipher.label(labels, ends.getOrDefault(of, 0) + i));
                }
                own.put(of, next);
                asked.computeIfAbsent(of.month(), any -> new ArrayList<>()).addAll(next);
            }
            Map<Integer, Map<ByteBuffer, byte[]>> found = new HashMap<>();
            asked.forEach((month, labels) -> found.put(month, tx.view().find(month, PatronView.together(labels))));
            left.removeIf(of -> {
                List<byte[]> labels = own.get(of);
                Map<ByteBuffer, byte[]> values = found.get(of.month());
                int there = 0;
                while (there < labels.size() && values.containsKey(ByteBuffer.wrap(labels.get(there)))) {
                    there++;
                }
                boolean more = there == labels.size();
                // Oldest first, so that when one is counted, all before it are.
                while (there > 0 && index(keys, of, labels.get(there - 1), values) >= before) {
                    there--;
                    more = false;
                }
                ends.merge(of, there, Integer::sum);
                return !more;
            });
        }
        return ends;
    }

    private static long index(UnsealedKeys keys, Of of, byte[] label, Map<ByteBuffer, byte[]> values) {
        return ViewCipher.of(keys, of.month()).index(label, values.get(ByteBuffer.wrap(label)));
    }
}
