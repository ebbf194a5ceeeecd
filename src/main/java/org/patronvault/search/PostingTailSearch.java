package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.IndexRows;

/**
 * The last entry of a term, found between one that is there and one that is missing: entries have no gaps. Many terms
 * are looked for at once, since one statement with many labels costs less than many. For one thread.
 */
final class PostingTailSearch {
    private static final long UNKNOWN = Long.MAX_VALUE;
    private static final byte[] NO_VALUE = {};

    /** Labels of one question, unless there are more terms: about as many take as long as one question more. */
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

    /** Of the term with that key and that first label, not looked for yet. */
    PostingTailSearch(byte[] termKey, byte[] firstLabel) {
        this(termKey, firstLabel, false);
    }

    /**
     * The same.
     *
     * @param oneAtMost whether more than one is rare: then the second is asked for with the first, so that one that is
     *     there takes as long as one that is not
     */
    PostingTailSearch(byte[] termKey, byte[] firstLabel, boolean oneAtMost) {
        this.termKey = termKey;
        this.firstLabel = firstLabel;
        this.oneAtMost = oneAtMost;
    }

    /** The same of a term, not looked for yet. */
    static PostingTailSearch of(IndexCipher cipher, IndexTerm term) {
        byte[] termKey = cipher.termKey(term);
        return new PostingTailSearch(termKey, IndexCipher.label(termKey, 0), term.type() == IndexTerm.TermClass.CARD);
    }

    /** The labels that {@link #find} looks for first. */
    byte[] firstLabels(LastKnown known) {
        beginAt(known.last(firstLabel));
        ByteBuffer labels = ByteBuffer.allocate(probing * IndexRows.LABEL_BYTES);
        addTo(labels);
        return labels.array();
    }

    /** Looks for the last entries of all these terms. */
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

    /** The one known and the one behind it are enough, if nothing was added. */
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

    /** Gallops away from where it began until there is one and one is missing, then parts what lies between. */
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

    /** Its number; −1 if the term has none. */
    long index() {
        return there;
    }

    /** Its value; empty if the term has none. */
    byte[] value() {
        return value;
    }

    /** The label of any entry of the term. */
    byte[] label(long i) {
        return i == 0 ? firstLabel : IndexCipher.label(termKey, i);
    }
}
