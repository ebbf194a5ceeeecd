package org.patronvault.core.index;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.IndexRows;

/**
 * A search for the last entry of a term. Entries have no gaps, so it lies between an existing and a missing one. Many
 * terms are searched at once, since one statement with many labels costs less than many statements. For one thread.
 */
public final class PostingTailSearch {
    private static final long UNKNOWN = Long.MAX_VALUE;
    private static final byte[] NO_VALUE = {};

    /** The labels of one query, unless there are more terms: this many take about as long as one further query. */
    private static final int AT_ONCE = 8;

    private final byte[] termKey;
    private final byte[] firstLabel;
    private final boolean oneAtMost;
    private final long[] probes = new long[AT_ONCE];
    private int probing;
    private long step = 1;
    private long there = -1;
    private long missing = UNKNOWN;
    private byte[] value = NO_VALUE;

    /** Creates a search for the term with that key and first label. */
    PostingTailSearch(byte[] termKey, byte[] firstLabel) {
        this(termKey, firstLabel, false);
    }

    /**
     * Creates a search for the term with that key and first label.
     *
     * @param oneAtMost whether more than one entry is rare: then the second is read with the first, so that an existing
     *     entry takes as long as a missing one
     */
    PostingTailSearch(byte[] termKey, byte[] firstLabel, boolean oneAtMost) {
        this.termKey = termKey;
        this.firstLabel = firstLabel;
        this.oneAtMost = oneAtMost;
    }

    /** Creates a search for a term. */
    public static PostingTailSearch of(IndexCipher cipher, IndexTerm term) {
        byte[] termKey = cipher.termKey(term);
        return new PostingTailSearch(termKey, IndexCipher.label(termKey, 0), term.type() == IndexTerm.TermClass.CARD);
    }

    /** Returns the labels that {@link #find} reads first. */
    public byte[] firstLabels(LastKnown known) {
        beginAt(known.last(firstLabel));
        ByteBuffer labels = ByteBuffer.allocate(probing * IndexRows.LABEL_BYTES);
        addTo(labels);
        return labels.array();
    }

    /** Searches the last entries of all these terms. */
    static void find(IndexRows rows, LastKnown known, Collection<PostingTailSearch> terms) {
        List<PostingTailSearch> left = new ArrayList<>(terms);
        left.forEach(term -> term.beginAt(known.last(term.firstLabel)));
        while (!left.isEmpty()) {
            ByteBuffer labels = ByteBuffer.allocate(
                    left.stream().mapToInt(term -> term.probing).sum() * IndexRows.LABEL_BYTES);
            left.forEach(term -> term.addTo(labels));
            Map<ByteBuffer, byte[]> found = rows.findAll(labels.array());
            labels.flip();
            left.forEach(term -> term.learn(labels, found));
            left.removeIf(PostingTailSearch::isFound);
            int each = Math.max(1, AT_ONCE / Math.max(1, left.size()));
            left.forEach(term -> term.probeOn(each));
        }
        terms.forEach(term -> known.put(term.firstLabel, term.there));
    }

    /** Starts at the known last entry. This and the next one are enough if nothing was added. */
    private void beginAt(long known) {
        probes[0] = known;
        probes[1] = known + 1;
        probing = known > 0 || oneAtMost ? 2 : 1;
    }

    private void addTo(ByteBuffer labels) {
        for (int i = 0; i < probing; i++) {
            labels.put(label(probes[i]));
        }
    }

    private void learn(ByteBuffer labels, Map<ByteBuffer, byte[]> found) {
        for (int i = 0; i < probing; i++) {
            ByteBuffer label = labels.slice(labels.position(), IndexRows.LABEL_BYTES);
            labels.position(labels.position() + IndexRows.LABEL_BYTES);
            byte[] stored = found.get(label);
            if (stored == null) {
                missing = Math.min(missing, probes[i]);
            } else if (probes[i] > there) {
                there = probes[i];
                value = stored;
            }
        }
    }

    private boolean isFound() {
        if (missing <= there) {
            throw new IntegrityException("search index: gap");
        }
        return missing - there == 1;
    }

    /** Gallops from the start until one entry exists and one is missing, then bisects between them. */
    private void probeOn(int most) {
        probing = 0;
        if (missing == UNKNOWN) {
            for (; probing < most; step *= 2) {
                probes[probing++] = there + step;
            }
        } else if (there < 0) {
            for (long low = missing; probing < most && low > 0; step *= 2) {
                low = Math.max(0, low - step);
                probes[probing++] = low;
            }
        } else {
            long between = missing - there;
            int parts = (int) Math.min(most + 1, between);
            while (probing < parts - 1) {
                probes[probing] = there + (probing + 1) * between / parts;
                probing++;
            }
        }
    }

    /** Returns the number of the last entry; −1 if the term has none. */
    long index() {
        return there;
    }

    /** Returns the value of the last entry; empty if the term has none. */
    byte[] value() {
        return value;
    }

    /** Returns the label of any entry of the term. */
    byte[] label(long i) {
        return i == 0 ? firstLabel : IndexCipher.label(termKey, i);
    }
}
