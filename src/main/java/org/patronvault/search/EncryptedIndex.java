package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
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

    /** Those of the terms that have, or had, an entry; of a first look at many it leaves the few worth a second. */
    public Set<Term> begun(Tx tx, Collection<Term> terms) {
        UnsealedKeys keys = custody.keys();
        Map<ByteBuffer, Term> byLabel = new HashMap<>();
        terms.forEach(term -> byLabel.put(ByteBuffer.wrap(label(termKey(keys, term), 0)), term));
        Set<Term> begun = new HashSet<>();
        tx.index()
                .findAll(byLabel.keySet().stream().map(ByteBuffer::array).toList())
                .keySet()
                .forEach(label -> begun.add(byLabel.get(label)));
        return begun;
    }

    /** Makes the entries of a patron: the terms, and dummies up to {@value #ENTRIES}. */
    public PatronEntries prepare(PatronId patron, long generation, List<IndexedTerm> terms) {
        if (terms.size() > ENTRIES) {
            throw new IllegalStateException("terms must be at most " + ENTRIES + ", were " + terms.size());
        }
        UnsealedKeys keys = custody.keys();
        List<PatronEntries.Live> live = new ArrayList<>(terms.size());
        for (IndexedTerm term : terms) {
            Prf labels = termKey(keys, term.term());
            live.add(new PatronEntries.Live(
                    term, labels, entry(keys, label(labels, 0), kind(term), patron, generation)));
        }
        List<Entry> dummies = new ArrayList<>(ENTRIES);
        byte[] random = SecureBytes.random((ENTRIES - live.size()) * LABEL_BYTES);
        for (int at = 0; at < random.length; at += LABEL_BYTES) {
            dummies.add(dummy(keys, Arrays.copyOfRange(random, at, at + LABEL_BYTES)));
        }
        return new PatronEntries(patron, generation, live, dummies);
    }

    /** Writes the entries of one patron; returns the labels written, like {@link #put(WriteTx, List)}. */
    public byte[] put(WriteTx tx, PatronId patron, long generation, List<IndexedTerm> terms) {
        return put(tx, List.of(prepare(patron, generation, terms))).get(0);
    }

    /**
     * Writes the entries of patrons in the order of their labels, which is no order.
     *
     * @return for each patron the labels written, {@value #ENTRIES} × {@value #LABEL_BYTES} bytes, to be kept in the
     *     patron's envelope
     * @throws Refused with {@code card-in-use} if a card is another patron's, or was
     */
    public List<byte[]> put(WriteTx tx, List<PatronEntries> patrons) {
        UnsealedKeys keys = custody.keys();
        Counts counts = new Counts(tx, keys, patrons);
        List<Entry> entries = new ArrayList<>(patrons.size() * ENTRIES);
        List<byte[]> written = new ArrayList<>(patrons.size());
        for (PatronEntries patron : patrons) {
            List<Entry> own = new ArrayList<>(patron.dummies());
            for (PatronEntries.Live live : patron.live()) {
                own.add(entry(keys, live, counts.next(live), patron));
            }
            own.sort(BY_LABEL);
            ByteBuffer labels = ByteBuffer.allocate(ENTRIES * LABEL_BYTES);
            own.forEach(entry -> labels.put(entry.label()));
            written.add(labels.array());
            entries.addAll(own);
        }
        // Neighbours are written together, and the order tells nobody which entries are a patron's.
        entries.sort(BY_LABEL);
        if (tx.index().insert(entries) != entries.size()) {
            throw new IntegrityException("search index: label taken");
        }
        return written;
    }

    private static final Comparator<Entry> BY_LABEL = (a, b) -> Arrays.compareUnsigned(a.label(), b.label());

    private static Entry entry(UnsealedKeys keys, PatronEntries.Live live, long i, PatronEntries of) {
        return i == 0
                ? live.first()
                : entry(keys, label(live.labels(), i), kind(live.term()), of.patron(), of.generation());
    }

    private static int kind(IndexedTerm term) {
        return term.former() ? FORMER : CURRENT;
    }

    /** How many entries terms have, those about to be written included. For one call. */
    private static final class Counts {
        private final WriteTx tx;
        private final UnsealedKeys keys;
        private final Set<ByteBuffer> begun;
        private final Map<Term, Long> next = new HashMap<>();

        Counts(WriteTx tx, UnsealedKeys keys, List<PatronEntries> patrons) {
            this.tx = tx;
            this.keys = keys;
            this.begun = tx.index()
                    .findAll(patrons.stream()
                            .flatMap(patron -> patron.live().stream())
                            .map(live -> live.first().label())
                            .toList())
                    .keySet();
        }

        /** The number the term's next entry has. */
        long next(PatronEntries.Live live) {
            Term term = live.term().term();
            Long known = next.get(term);
            if (term.type() == Term.TermClass.CARD && known != null) {
                throw cardInUse();
            }
            long count = known == null ? stored(live) : known;
            if (term.type() == Term.TermClass.CARD) {
                requireFree(tx, keys, live.labels(), count);
            }
            next.put(term, count + 1);
            return count;
        }

        private long stored(PatronEntries.Live live) {
            boolean any = begun.contains(ByteBuffer.wrap(live.first().label()));
            return any ? count(tx, live.labels()) : 0;
        }
    }

    private static Refused cardInUse() {
        return new Refused(Problem.CARD_IN_USE, "That card is in use, or was, by another patron.");
    }

    private static void requireFree(WriteTx tx, UnsealedKeys keys, Prf labels, long count) {
        if (count == 0) {
            return;
        }
        byte[] last = label(labels, count - 1);
        byte[] value = tx.index().find(last).orElseThrow(() -> new IntegrityException("search index: gap"));
        if (open(keys, last, value).isPresent()) {
            throw cardInUse();
        }
    }

    /** Turns the entries at those labels into dummies; nobody can tell that from any other write. */
    public void retire(WriteTx tx, byte[] labels) {
        UnsealedKeys keys = custody.keys();
        List<Entry> entries = new ArrayList<>(ENTRIES);
        for (int at = 0; at < labels.length; at += LABEL_BYTES) {
            entries.add(dummy(keys, Arrays.copyOfRange(labels, at, at + LABEL_BYTES)));
        }
        entries.sort(BY_LABEL);
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
