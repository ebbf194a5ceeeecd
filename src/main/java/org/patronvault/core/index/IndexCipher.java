package org.patronvault.core.index;

import java.util.Arrays;
import java.util.Optional;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.crypto.SivBox;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.IndexRows;
import org.patronvault.core.store.table.IndexRows.Entries;

/** The labels and values under the keys of one version of the index (format.md, "Search index"). */
public record IndexCipher(int version, Prf labels, SivBox values) {
    private static final int DUMMY_BYTES = 16;
    private static final int DUMMY = 0;
    private static final int CURRENT = 1;
    private static final int FORMER = 2;

    public static IndexCipher of(UnsealedKeys keys, int version) {
        return new IndexCipher(version, keys.indexLabels(version), keys.indexValues(version));
    }

    /** Returns the key that makes the labels of a term. */
    public byte[] termKey(IndexTerm term) {
        byte[] input = CanonicalBytes.plain()
                .lp(term.type().wireName())
                .lp(term.text())
                .bytes();
        return labels.full(input);
    }

    public static byte[] label(byte[] termKey, long i) {
        return Arrays.copyOf(Prf.once(termKey, CanonicalBytes.plain().u64(i).bytes()), IndexRows.LABEL_BYTES);
    }

    public byte[] live(byte[] label, IndexedTerm term, PatronId patron, long generation) {
        byte[] value = CanonicalBytes.plain()
                .u8(term.former() ? FORMER : CURRENT)
                .u64(patron.number())
                .u32(generation)
                .u8(term.hint().bits() >>> Short.SIZE)
                .u16(term.hint().bits() & 0xffff)
                .bytes();
        return values.seal(value, aad(label));
    }

    /**
     * Gives dummies' values to the entries from {@code from} on. A dummy is authentic, so only a holder of the keys can
     * make one or tell it from a live entry. It is random, so nobody can tell whether it replaced a live entry.
     */
    void makeDummies(Entries entries, int from) {
        byte[] random = SecureBytes.random((entries.size() - from) * DUMMY_BYTES);
        for (int i = from; i < entries.size(); i++) {
            byte[] value = Arrays.copyOfRange(random, (i - from) * DUMMY_BYTES, (i - from + 1) * DUMMY_BYTES);
            value[0] = DUMMY;
            byte[] label = entries.label(i);
            entries.set(i, label, values.seal(value, aad(label)));
        }
    }

    /** Returns dummies at those labels. */
    Entries dummies(byte[] labels) {
        Entries entries = new Entries(labels, new byte[labels.length / IndexRows.LABEL_BYTES * IndexRows.VALUE_BYTES]);
        makeDummies(entries, 0);
        return entries;
    }

    /** Returns the posting; empty for a dummy. */
    public Optional<Posting> open(byte[] label, byte[] sealed) {
        CanonicalReader value = CanonicalReader.of(values.open(sealed, aad(label)));
        int kind = value.u8();
        if (kind == DUMMY) {
            return Optional.empty();
        }
        if (kind != CURRENT && kind != FORMER) {
            throw new IntegrityException("search index: kind");
        }
        PatronId patron = new PatronId(value.u64());
        long generation = value.u32();
        NameHint hint = new NameHint(value.u8() << Short.SIZE | value.u16());
        return Optional.of(new Posting(patron, generation, kind == FORMER, hint));
    }

    private byte[] aad(byte[] label) {
        return CanonicalBytes.plain().u32(version).raw(label).bytes();
    }
}
