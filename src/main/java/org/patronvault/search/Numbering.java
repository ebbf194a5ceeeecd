package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.IndexRows;
import org.patronvault.store.IndexRows.Entries;

/** Gives entries that are about to be written to one version the numbers that are their terms' turn. For one call. */
final class Numbering {

    /** A term of those patrons: its last entry that is stored, and how many were numbered behind it. */
    private record Turn(LastEntry last, int[] numbered) {}

    private final IndexCipher cipher;
    private final Map<ByteBuffer, Turn> turns = new HashMap<>();

    /** Of the terms of those patrons, in the cipher's version. */
    Numbering(IndexRows rows, IndexCipher cipher, LastKnown known, List<PatronEntries> patrons) {
        this.cipher = cipher;
        for (PatronEntries patron : patrons) {
            PatronEntries.OfVersion prepared = patron.in(cipher.version());
            for (int at = 0; at < patron.terms().size(); at++) {
                byte[] key = prepared.termKey(at);
                turns.computeIfAbsent(
                        firstLabel(prepared, at), label -> new Turn(new LastEntry(key, bytes(label)), new int[1]));
            }
        }
        LastEntry.find(rows, known, turns.values().stream().map(Turn::last).toList());
    }

    /** Every entry is prepared as its term's first. */
    private static ByteBuffer firstLabel(PatronEntries.OfVersion prepared, int at) {
        return ByteBuffer.wrap(prepared.entries().labels(), at * IndexRows.LABEL_BYTES, IndexRows.LABEL_BYTES);
    }

    private static byte[] bytes(ByteBuffer label) {
        byte[] bytes = new byte[label.remaining()];
        label.duplicate().get(bytes);
        return bytes;
    }

    /** The same entries with each term's under the number that is its turn. */
    PatronEntries numbered(PatronEntries patron) {
        PatronEntries.OfVersion prepared = patron.in(cipher.version());
        Entries entries = null;
        for (int at = 0; at < patron.terms().size(); at++) {
            IndexedTerm term = patron.terms().get(at);
            Turn turn = turns.get(firstLabel(prepared, at));
            if (term.term().type() == Term.TermClass.CARD) {
                requireFree(turn);
            }
            long number = turn.last().index() + ++turn.numbered()[0];
            if (number > 0) {
                entries = entries == null ? prepared.entries().copy() : entries;
                byte[] label = turn.last().label(number);
                entries.set(at, label, cipher.live(label, term, patron.patron(), patron.generation()));
            }
        }
        return entries == null ? patron : patron.with(cipher.version(), entries);
    }

    /** A card is somebody's if its last entry is no dummy, or if another of these patrons has it. */
    private void requireFree(Turn turn) {
        LastEntry last = turn.last();
        boolean stored = last.index() >= 0
                && cipher.open(last.label(last.index()), last.value()).isPresent();
        if (stored || turn.numbered()[0] > 0) {
            throw new Refused(Problem.CARD_IN_USE, "That card is in use, or was, by another patron.");
        }
    }
}
