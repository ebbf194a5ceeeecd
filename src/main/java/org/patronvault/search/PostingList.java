package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.IndexRows;

/**
 * The entries of one term in one snapshot, the newest first, read as far as somebody asks: the newest alone, and then
 * ever longer stretches at once. For one thread.
 */
final class PostingList {
    /** So many entries are read on at first: a page. */
    static final int FIRST_STRETCH = 24;

    private static final int LONGEST_STRETCH = 512;

    private final IndexRows rows;
    private final IndexCipher cipher;
    private final PostingTailSearch last;
    private final long size;
    private final List<Optional<Posting>> read = new ArrayList<>();
    private int stretch = FIRST_STRETCH;

    private PostingList(IndexRows rows, IndexCipher cipher, PostingTailSearch last, IndexTerm.TermClass type) {
        this.rows = rows;
        this.cipher = cipher;
        this.last = last;
        // A card is live at most once, and then in its last entry.
        this.size = type == IndexTerm.TermClass.CARD ? Math.min(1, last.index() + 1) : last.index() + 1;
        if (size > 0) {
            read.add(cipher.open(last.label(last.index()), last.value()));
        }
    }

    /** The lists of those terms; of a term that has no entry an empty one. */
    static Map<IndexTerm, PostingList> of(
            IndexRows rows, IndexCipher cipher, LastKnown known, Collection<IndexTerm> terms) {
        // In the order of the terms, in which their first labels may have been asked for ahead.
        Map<IndexTerm, PostingTailSearch> lasts = new LinkedHashMap<>();
        for (IndexTerm term : terms) {
            lasts.put(term, PostingTailSearch.of(cipher, term));
        }
        PostingTailSearch.find(rows, known, lasts.values());
        Map<IndexTerm, PostingList> lists = new HashMap<>();
        lasts.forEach((term, last) -> lists.put(term, new PostingList(rows, cipher, last, term.type())));
        return lists;
    }

    static PostingList of(IndexRows rows, IndexCipher cipher, LastKnown known, IndexTerm term) {
        return of(rows, cipher, known, Set.of(term)).get(term);
    }

    /** How many there are, dummies among them; of a card none but the last counts. */
    long size() {
        return size;
    }

    /**
     * One of them; empty for a dummy.
     *
     * @param n from 0 for the newest to {@link #size} less one
     */
    Optional<Posting> get(int n) {
        while (read.size() <= n) {
            readOn();
        }
        return read.get(n);
    }

    /** The label of the one that {@link #get} gives. */
    byte[] label(int n) {
        return last.label(last.index() - n);
    }

    /** Whether {@link #get} gives that one without asking the database. */
    boolean isRead(int n) {
        return n < read.size();
    }

    private void readOn() {
        int unused = readOn(List.of(this), stretch);
        stretch = longer(stretch);
    }

    /** How many to read on after so many did not do. */
    static int longer(int stretch) {
        return Math.min(2 * stretch, LONGEST_STRETCH);
    }

    /**
     * Reads on in those lists, each once and one behind the other, as many entries as that in one question; returns how
     * many there were.
     */
    static int readOn(List<PostingList> lists, int count) {
        ByteBuffer labels = ByteBuffer.allocate(count * IndexRows.LABEL_BYTES);
        int[] counts = new int[lists.size()];
        for (int i = 0; i < counts.length; i++) {
            PostingList list = lists.get(i);
            counts[i] = (int) Math.min(labels.remaining() / IndexRows.LABEL_BYTES, list.size - list.read.size());
            for (int n = 0; n < counts[i]; n++) {
                labels.put(list.label(list.read.size() + n));
            }
        }
        labels.flip();
        byte[] asked = new byte[labels.remaining()];
        labels.get(asked).flip();
        Map<ByteBuffer, byte[]> values = lists.get(0).rows.findAll(asked);
        for (int i = 0; i < counts.length; i++) {
            for (int n = 0; n < counts[i]; n++) {
                lists.get(i).add(labels, values);
            }
        }
        return asked.length / IndexRows.LABEL_BYTES;
    }

    private void add(ByteBuffer labels, Map<ByteBuffer, byte[]> values) {
        byte[] label = new byte[IndexRows.LABEL_BYTES];
        labels.get(label);
        byte[] value = values.get(ByteBuffer.wrap(label));
        if (value == null) {
            throw new IntegrityException("search index: gap");
        }
        read.add(cipher.open(label, value));
    }
}
