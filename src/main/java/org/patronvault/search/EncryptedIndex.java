package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.crypto.Prf;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.IndexRows.Entry;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * The encrypted index: entry {@code i} of a term has label HMAC(HMAC(K, class ‖ term), i) cut to 16 bytes and a value
 * under AES-SIV bound to it (Π_bas of Cash et al., NDSS 2014, with every patron padded to {@value #ENTRIES} entries).
 * Entries of a term are without gaps, so their number is found by probing and never stored. Safe for use by many
 * threads; writing methods run inside a unit, which holds the lock.
 */
public final class EncryptedIndex {
    /** Entries of every patron, whatever he or she is called. */
    public static final int ENTRIES = 40;

    /** Size of one label in bytes. */
    public static final int LABEL_BYTES = 16;

    private static final int VALUE_BYTES = 16;
    private static final int DUMMY = 0;
    private static final int CURRENT = 1;
    private static final int FORMER = 2;
    private static final int FIRST_PROBES = 4;

    private final KeyCustody custody;

    /** An index under the keys of that custody. */
    public EncryptedIndex(KeyCustody custody) {
        this.custody = custody;
    }

    /** Live entries of a term, newest first, at most {@code limit}. */
    public List<Posting> find(Tx tx, Term term, int limit) {
        UnsealedKeys keys = custody.keys();
        Prf labels = termKey(keys, term);
        List<Posting> found = new ArrayList<>();
        long count = count(tx, labels);
        for (long i = count - 1; i >= 0 && found.size() < limit; i--) {
            byte[] label = label(labels, i);
            byte[] value = tx.index().find(label).orElseThrow(() -> new IntegrityException("search index: gap"));
            open(keys, label, value).ifPresent(found::add);
            if (term.type() == Term.TermClass.CARD) {
                // A card is live at most once, and then in its last entry.
                break;
            }
        }
        return found;
    }

    /**
     * Writes the entries of a patron: the terms, and dummies up to {@value #ENTRIES}, in random order.
     *
     * @return the labels written, {@value #ENTRIES} × {@value #LABEL_BYTES} bytes, to be kept in the patron's envelope
     * @throws Refused with {@code card-in-use} if a card is another patron's, or was
     */
    public byte[] put(WriteTx tx, PatronId patron, long generation, List<IndexedTerm> terms) {
        if (terms.size() > ENTRIES) {
            throw new IllegalStateException("terms must be at most " + ENTRIES + ", were " + terms.size());
        }
        UnsealedKeys keys = custody.keys();
        List<Entry> entries = new ArrayList<>(ENTRIES);
        for (IndexedTerm term : terms) {
            Prf labels = termKey(keys, term.term());
            long count = count(tx, labels);
            if (term.term().type() == Term.TermClass.CARD) {
                requireFree(tx, keys, labels, count);
            }
            entries.add(entry(keys, label(labels, count), term.former() ? FORMER : CURRENT, patron, generation));
        }
        while (entries.size() < ENTRIES) {
            entries.add(dummy(keys, SecureBytes.random(LABEL_BYTES)));
        }
        Collections.shuffle(entries, SHUFFLE);
        if (tx.index().insert(entries) != ENTRIES) {
            throw new IntegrityException("search index: label taken");
        }
        ByteBuffer written = ByteBuffer.allocate(ENTRIES * LABEL_BYTES);
        entries.forEach(entry -> written.put(entry.label()));
        return written.array();
    }

    private static final java.security.SecureRandom SHUFFLE = new java.security.SecureRandom();

    private static void requireFree(WriteTx tx, UnsealedKeys keys, Prf labels, long count) {
        if (count == 0) {
            return;
        }
        byte[] last = label(labels, count - 1);
        byte[] value = tx.index().find(last).orElseThrow(() -> new IntegrityException("search index: gap"));
        if (open(keys, last, value).isPresent()) {
            throw new Refused(Problem.CARD_IN_USE, "That card is in use, or was, by another patron.");
        }
    }

    /** Turns the entries at those labels into dummies; nobody can tell that from any other write. */
    public void retire(WriteTx tx, byte[] labels) {
        UnsealedKeys keys = custody.keys();
        List<Entry> entries = new ArrayList<>(ENTRIES);
        for (int at = 0; at < labels.length; at += LABEL_BYTES) {
            entries.add(dummy(keys, java.util.Arrays.copyOfRange(labels, at, at + LABEL_BYTES)));
        }
        Collections.shuffle(entries, SHUFFLE);
        if (tx.index().replace(entries) != entries.size()) {
            throw new IntegrityException("search index: entry missing");
        }
    }

    /** The first label that is missing: gallops, then halves. */
    private static long count(Tx tx, Prf labels) {
        List<byte[]> first = new ArrayList<>();
        for (int i = 0; i < FIRST_PROBES; i++) {
            first.add(label(labels, i));
        }
        Map<ByteBuffer, byte[]> found = tx.index().findAll(first);
        for (int i = 0; i < FIRST_PROBES; i++) {
            if (!found.containsKey(ByteBuffer.wrap(first.get(i)))) {
                return i;
            }
        }
        long there = FIRST_PROBES - 1;
        long missing = FIRST_PROBES;
        while (tx.index().find(label(labels, missing)).isPresent()) {
            there = missing;
            missing *= 2;
        }
        while (missing - there > 1) {
            long middle = (there + missing) >>> 1;
            if (tx.index().find(label(labels, middle)).isPresent()) {
                there = middle;
            } else {
                missing = middle;
            }
        }
        return missing;
    }

    private static Prf termKey(UnsealedKeys keys, Term term) {
        byte[] input = CanonicalBytes.plain()
                .lp(term.type().wireName())
                .lp(term.text())
                .bytes();
        return Prf.of(keys.indexLabels().full(input));
    }

    private static byte[] label(Prf labels, long i) {
        return labels.truncated(CanonicalBytes.plain().u64(i).bytes(), LABEL_BYTES);
    }

    private static Entry entry(UnsealedKeys keys, byte[] label, int kind, PatronId patron, long generation) {
        byte[] value = CanonicalBytes.plain()
                .u8(kind)
                .u64(patron.number())
                .u32(generation)
                .raw(new byte[3])
                .bytes();
        return new Entry(label, keys.indexValues().seal(value, aad(keys, label)));
    }

    /** A dummy is authentic, so only who holds the keys can tell it from a live entry, or make one. */
    private static Entry dummy(UnsealedKeys keys, byte[] label) {
        byte[] value = SecureBytes.random(VALUE_BYTES);
        value[0] = DUMMY;
        return new Entry(label, keys.indexValues().seal(value, aad(keys, label)));
    }

    private static byte[] aad(UnsealedKeys keys, byte[] label) {
        return CanonicalBytes.plain().u32(keys.indexVersion()).raw(label).bytes();
    }

    private static Optional<Posting> open(UnsealedKeys keys, byte[] label, byte[] sealed) {
        CanonicalReader value = CanonicalReader.of(keys.indexValues().open(sealed, aad(keys, label)));
        int kind = value.u8();
        if (kind == DUMMY) {
            return Optional.empty();
        }
        if (kind != CURRENT && kind != FORMER) {
            throw new IntegrityException("search index: kind");
        }
        return Optional.of(new Posting(new PatronId(value.u64()), value.u32(), kind == FORMER));
    }
}
