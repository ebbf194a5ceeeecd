package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.IndexRows;
import org.patronvault.store.IndexRows.Entries;

/** Which entry of each term is the last in one version, those about to be written included. For one call. */
final class Numbering {

    /** The last entry of a term. */
    record Last(long index, byte[] value) {
        private static final Last NONE = new Last(-1, new byte[0]);

        /** Gallops to a label that is missing, then halves. */
        static Last of(IndexRows rows, byte[] termKey) {
            Last there = NONE;
            long missing = 0;
            long probe = 0;
            boolean galloping = true;
            while (galloping || missing - there.index() > 1) {
                Optional<byte[]> value = rows.find(IndexCipher.label(termKey, probe));
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
    }

    private final IndexRows rows;
    private final IndexCipher cipher;
    private final Set<ByteBuffer> begun;
    private final Map<Term, Long> last = new HashMap<>();

    /** Of the terms of those patrons, in the cipher's version. */
    Numbering(IndexRows rows, IndexCipher cipher, List<PatronEntries> patrons) {
        this.rows = rows;
        this.cipher = cipher;
        int terms = patrons.stream().mapToInt(patron -> patron.terms().size()).sum();
        ByteBuffer labels = ByteBuffer.allocate(terms * IndexRows.LABEL_BYTES);
        patrons.forEach(patron -> labels.put(
                patron.in(cipher.version()).entries().labels(),
                0,
                patron.terms().size() * IndexRows.LABEL_BYTES));
        this.begun = rows.findAll(labels.array()).keySet();
    }

    /** The same entries with each term's under the number that is its turn. */
    PatronEntries numbered(PatronEntries patron) {
        PatronEntries.OfVersion prepared = patron.in(cipher.version());
        Entries entries = null;
        for (int at = 0; at < patron.terms().size(); at++) {
            IndexedTerm term = patron.terms().get(at);
            byte[] key = prepared.termKeys().get(at);
            long number = next(term.term(), key, prepared.entries().label(at));
            if (number > 0) {
                entries = entries == null ? prepared.entries().copy() : entries;
                byte[] label = IndexCipher.label(key, number);
                entries.set(at, label, cipher.live(label, term, patron.patron(), patron.generation()));
            }
        }
        return entries == null ? patron : patron.with(cipher.version(), entries);
    }

    private long next(Term term, byte[] key, byte[] firstLabel) {
        boolean isCard = term.type() == Term.TermClass.CARD;
        Long given = last.get(term);
        if (isCard && given != null) {
            throw cardInUse();
        }
        if (given == null) {
            Last stored = begun.contains(ByteBuffer.wrap(firstLabel)) ? Last.of(rows, key) : Last.NONE;
            if (isCard && stored.index() >= 0) {
                requireDummy(IndexCipher.label(key, stored.index()), stored.value());
            }
            given = stored.index();
        }
        last.put(term, given + 1);
        return given + 1;
    }

    /** Or else the card is somebody's. */
    private void requireDummy(byte[] label, byte[] value) {
        if (cipher.open(label, value).isPresent()) {
            throw cardInUse();
        }
    }

    private static Refused cardInUse() {
        return new Refused(Problem.CARD_IN_USE, "That card is in use, or was, by another patron.");
    }
}
