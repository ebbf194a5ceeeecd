package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.patronvault.store.IndexRows;
import org.patronvault.store.IndexRows.Entries;
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
    public static final int LABEL_BYTES = IndexRows.LABEL_BYTES;

    private static final int DUMMY_BYTES = 16;
    private static final int DUMMY = 0;
    private static final int CURRENT = 1;
    private static final int FORMER = 2;

    private final KeyCustody custody;

    /** An index under the keys of that custody. */
    public EncryptedIndex(KeyCustody custody) {
        this.custody = custody;
    }

    /** Live entries of a term, newest first, at most {@code limit}. */
    public List<Posting> find(Tx tx, Term term, int limit) {
        UnsealedKeys keys = custody.keys();
        byte[] termKey = termKey(keys, term);
        List<Posting> found = new ArrayList<>();
        Last last = last(tx, termKey);
        for (long i = last.index(); i >= 0 && found.size() < limit; i--) {
            byte[] label = label(termKey, i);
            byte[] value = i == last.index() ? last.value() : value(tx, label);
            open(keys, label, value).ifPresent(found::add);
            if (term.type() == Term.TermClass.CARD) {
                // A card is live at most once, and then in its last entry.
                break;
            }
        }
        return found;
    }

    private static byte[] value(Tx tx, byte[] label) {
        return tx.index().find(label).orElseThrow(() -> new IntegrityException("search index: gap"));
    }

    /** Those of the terms that have, or had, an entry; of a first look at many it leaves the few worth a second. */
    public Set<Term> begun(Tx tx, Collection<Term> terms) {
        UnsealedKeys keys = custody.keys();
        Map<ByteBuffer, Term> byLabel = new HashMap<>();
        ByteBuffer labels = ByteBuffer.allocate(terms.size() * LABEL_BYTES);
        for (Term term : terms) {
            byte[] label = label(termKey(keys, term), 0);
            byLabel.put(ByteBuffer.wrap(label), term);
            labels.put(label);
        }
        Set<Term> begun = new HashSet<>();
        tx.index().findAll(labels.array()).keySet().forEach(label -> begun.add(byLabel.get(label)));
        return begun;
    }

    /** Makes the entries of a patron: the terms, as if each were the first of its kind, and dummies. */
    public PatronEntries prepare(PatronId patron, long generation, List<IndexedTerm> terms) {
        if (terms.size() > ENTRIES) {
            throw new IllegalStateException("terms must be at most " + ENTRIES + ", were " + terms.size());
        }
        UnsealedKeys keys = custody.keys();
        Entries entries = Entries.ofSize(ENTRIES);
        List<PatronEntries.Live> live = new ArrayList<>(terms.size());
        for (IndexedTerm term : terms) {
            byte[] key = termKey(keys, term.term());
            byte[] label = label(key, 0);
            entries.set(live.size(), label, live(keys, label, term, patron, generation));
            live.add(new PatronEntries.Live(term, key));
        }
        byte[] random = SecureBytes.random((ENTRIES - live.size()) * LABEL_BYTES);
        System.arraycopy(random, 0, entries.labels(), live.size() * LABEL_BYTES, random.length);
        makeDummies(keys, entries, live.size());
        return new PatronEntries(patron, generation, live, entries);
    }

    /**
     * Writes the entries of one patron; returns the labels written, {@value #ENTRIES} × {@value #LABEL_BYTES} bytes,
     * to be kept in the patron's envelope.
     *
     * @throws Refused with {@code card-in-use} if a card is another patron's, or was
     */
    public byte[] put(WriteTx tx, PatronId patron, long generation, List<IndexedTerm> terms) {
        return put(tx, List.of(prepare(patron, generation, terms))).get(0).labels();
    }

    /**
     * Writes the entries of patrons.
     *
     * @return the entries written: those given, but for patrons one of whose terms had entries already
     * @throws Refused with {@code card-in-use} if a card is another patron's, or was
     */
    public List<PatronEntries> put(WriteTx tx, List<PatronEntries> patrons) {
        Counts counts = new Counts(tx, custody.keys(), patrons);
        List<PatronEntries> written = patrons.stream().map(counts::numbered).toList();
        List<Entries> entries = written.stream().map(PatronEntries::entries).toList();
        if (tx.index().insert(entries) != entries.size() * ENTRIES) {
            throw new IntegrityException("search index: label taken");
        }
        return written;
    }

    /** Which entry of each term is the last, those about to be written included. For one call. */
    private static final class Counts {
        private final WriteTx tx;
        private final UnsealedKeys keys;
        private final Set<ByteBuffer> begun;
        private final Map<Term, Long> last = new HashMap<>();

        Counts(WriteTx tx, UnsealedKeys keys, List<PatronEntries> patrons) {
            this.tx = tx;
            this.keys = keys;
            int terms =
                    patrons.stream().mapToInt(patron -> patron.live().size()).sum();
            ByteBuffer labels = ByteBuffer.allocate(terms * LABEL_BYTES);
            patrons.forEach(patron ->
                    labels.put(patron.entries().labels(), 0, patron.live().size() * LABEL_BYTES));
            this.begun = tx.index().findAll(labels.array()).keySet();
        }

        /** The same entries with each term's under the number that is its turn. */
        PatronEntries numbered(PatronEntries patron) {
            Entries entries = null;
            for (int at = 0; at < patron.live().size(); at++) {
                PatronEntries.Live live = patron.live().get(at);
                long number = next(live, patron.entries().label(at));
                if (number > 0) {
                    entries = entries == null ? patron.entries().copy() : entries;
                    byte[] label = label(live.key(), number);
                    entries.set(at, label, live(keys, label, live.term(), patron.patron(), patron.generation()));
                }
            }
            return entries == null ? patron : patron.with(entries);
        }

        private long next(PatronEntries.Live live, byte[] firstLabel) {
            Term term = live.term().term();
            boolean isCard = term.type() == Term.TermClass.CARD;
            Long given = last.get(term);
            if (isCard && given != null) {
                throw cardInUse();
            }
            if (given == null) {
                Last stored = begun.contains(ByteBuffer.wrap(firstLabel)) ? last(tx, live.key()) : NONE;
                if (isCard && stored.index() >= 0) {
                    requireDummy(label(live.key(), stored.index()), stored.value());
                }
                given = stored.index();
            }
            last.put(term, given + 1);
            return given + 1;
        }

        /** Or else the card is somebody's. */
        private void requireDummy(byte[] label, byte[] value) {
            if (open(keys, label, value).isPresent()) {
                throw cardInUse();
            }
        }
    }

    private static Refused cardInUse() {
        return new Refused(Problem.CARD_IN_USE, "That card is in use, or was, by another patron.");
    }

    /** Turns the entries at those labels into dummies; nobody can tell that from any other write. */
    public void retire(WriteTx tx, byte[] labels) {
        Entries entries = new Entries(labels, new byte[labels.length / LABEL_BYTES * IndexRows.VALUE_BYTES]);
        makeDummies(custody.keys(), entries, 0);
        if (tx.index().replace(entries) != entries.size()) {
            throw new IntegrityException("search index: entry missing");
        }
    }

    /** The last entry of a term. */
    private record Last(long index, byte[] value) {}

    private static final Last NONE = new Last(-1, new byte[0]);

    /** Gallops to a label that is missing, then halves. */
    private static Last last(Tx tx, byte[] termKey) {
        Last there = NONE;
        long missing = 0;
        long probe = 0;
        boolean galloping = true;
        while (galloping || missing - there.index() > 1) {
            Optional<byte[]> value = tx.index().find(label(termKey, probe));
            if (value.isPresent()) {
                there = new Last(probe, value.get());
            } else {
                missing = probe;
                galloping = false;
            }
            probe = galloping ? Math.max(1, 2 * probe) : (there.index() + missing) >>> 1;
        }
        return there;
    }

    private static byte[] termKey(UnsealedKeys keys, Term term) {
        byte[] input = CanonicalBytes.plain()
                .lp(term.type().wireName())
                .lp(term.text())
                .bytes();
        return keys.indexLabels().full(input);
    }

    private static byte[] label(byte[] termKey, long i) {
        return Prf.of(termKey).truncated(CanonicalBytes.plain().u64(i).bytes(), LABEL_BYTES);
    }

    private static byte[] live(UnsealedKeys keys, byte[] label, IndexedTerm term, PatronId patron, long generation) {
        byte[] value = CanonicalBytes.plain()
                .u8(term.former() ? FORMER : CURRENT)
                .u64(patron.number())
                .u32(generation)
                .raw(new byte[3])
                .bytes();
        return keys.indexValues().seal(value, aad(keys, label));
    }

    /**
     * Gives dummies' values to the entries from there on. A dummy is authentic, so only who holds the keys can tell it
     * from a live entry, or make one; and random, so that nobody can tell whether one took a live entry's place.
     */
    private static void makeDummies(UnsealedKeys keys, Entries entries, int from) {
        byte[] random = SecureBytes.random((entries.size() - from) * DUMMY_BYTES);
        for (int i = from; i < entries.size(); i++) {
            byte[] value = Arrays.copyOfRange(random, (i - from) * DUMMY_BYTES, (i - from + 1) * DUMMY_BYTES);
            value[0] = DUMMY;
            byte[] label = entries.label(i);
            entries.set(i, label, keys.indexValues().seal(value, aad(keys, label)));
        }
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
