package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.IndexRows;

/**
 * The entries of one term in one snapshot, the newest first, read as far as somebody asks: the newest alone, and then
 * ever longer stretches at once. For one thread.
 */
final class PostingList {
    private static final int FIRST_STRETCH = 8;
    private static final int LONGEST_STRETCH = 256;

    private final IndexRows rows;
    private final IndexCipher cipher;
    private final byte[] termKey;
    private final List<Optional<Posting>> read = new ArrayList<>();
    private final long last;
    private final long size;
    private int stretch = FIRST_STRETCH;

    PostingList(IndexRows rows, IndexCipher cipher, Term term) {
        this.rows = rows;
        this.cipher = cipher;
        this.termKey = cipher.termKey(term);
        Numbering.Last last = Numbering.Last.of(rows, termKey);
        // A card is live at most once, and then in its last entry.
        this.last = last.index();
        this.size = term.type() == Term.TermClass.CARD ? Math.min(1, last.index() + 1) : last.index() + 1;
        if (size > 0) {
            read.add(cipher.open(IndexCipher.label(termKey, last.index()), last.value()));
        }
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

    private void readOn() {
        int count = (int) Math.min(stretch, size - read.size());
        byte[][] labels = new byte[count][];
        ByteBuffer all = ByteBuffer.allocate(count * IndexRows.LABEL_BYTES);
        for (int i = 0; i < count; i++) {
            labels[i] = IndexCipher.label(termKey, last - read.size() - i);
            all.put(labels[i]);
        }
        Map<ByteBuffer, byte[]> values = rows.findAll(all.array());
        for (byte[] label : labels) {
            byte[] value = values.get(ByteBuffer.wrap(label));
            if (value == null) {
                throw new IntegrityException("search index: gap");
            }
            read.add(cipher.open(label, value));
        }
        stretch = Math.min(2 * stretch, LONGEST_STRETCH);
    }
}
