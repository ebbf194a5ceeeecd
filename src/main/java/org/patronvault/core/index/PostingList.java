package org.patronvault.core.index;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.IndexRows;

/**
 * The entries of one term in one snapshot, newest first. It reads them on demand: first the newest alone, then ever
 * longer stretches. For one thread.
 */
public final class PostingList {
    /** The number of entries in the second read: a page. */
    public static final int FIRST_STRETCH = 24;

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

    /** Returns the lists of those terms. A term without entries has an empty list. */
    public static Map<IndexTerm, PostingList> of(
            IndexRows rows, IndexCipher cipher, LastKnown known, Collection<IndexTerm> terms) {
        // In the order of the terms, in which their first labels may have been read ahead.
        Map<IndexTerm, PostingTailSearch> lasts = new LinkedHashMap<>();
        for (IndexTerm term : terms) {
            lasts.put(term, PostingTailSearch.of(cipher, term));
        }
        PostingTailSearch.find(rows, known, lasts.values());
        Map<IndexTerm, PostingList> lists = new HashMap<>();
        lasts.forEach((term, last) -> lists.put(term, new PostingList(rows, cipher, last, term.type())));
        return lists;
    }

    public static PostingList of(IndexRows rows, IndexCipher cipher, LastKnown known, IndexTerm term) {
        return of(rows, cipher, known, Set.of(term)).get(term);
    }

    /** Returns the number of entries, including dummies. A card counts its last entry only. */
    public long size() {
        return size;
    }

    /**
     * Returns an entry; empty for a dummy.
     *
     * @param n from 0 for the newest to {@link #size} less one
     */
    public Optional<Posting> get(int n) {
        while (read.size() <= n) {
            readOn();
        }
        return read.get(n);
    }

    /** Returns the label of an entry. */
    byte[] label(int n) {
        return last.label(last.index() - n);
    }

    /** Whether an entry is in memory, so that {@link #get} does not ask the database. */
    public boolean isRead(int n) {
        return n < read.size();
    }

    private void readOn() {
        int unused = readOn(List.of(this), stretch);
        stretch = longer(stretch);
    }

    /** Returns how many entries to read next, after a read that was not enough. */
    public static int longer(int stretch) {
        return Math.min(2 * stretch, LONGEST_STRETCH);
    }

    /**
     * Reads further entries of those lists, each list once and one after the other, in one query. Returns how many were
     * read.
     */
    public static int readOn(List<PostingList> lists, int count) {
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
