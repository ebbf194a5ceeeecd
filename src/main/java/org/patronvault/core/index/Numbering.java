package org.patronvault.core.index;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.IndexRows;
import org.patronvault.core.store.table.IndexRows.Entries;

/**
 * The assignment of entry numbers: each entry about to be written to one version gets its term's next number. For one
 * call.
 */
final class Numbering {

    /** A term of those patrons, and the number of its last entry, including those about to be written. */
    static final class Turn {
        private final byte[] firstLabel;
        private final PostingTailSearch stored;
        private long last;
        private boolean isTaken;

        private Turn(byte[] termKey, byte[] firstLabel) {
            this.firstLabel = firstLabel;
            this.stored = new PostingTailSearch(termKey, firstLabel);
        }

        private void begin(OptionalLong staged) {
            last = staged.orElse(stored.index());
            isTaken = staged.isPresent();
        }

        private long next() {
            isTaken = true;
            return ++last;
        }

        byte[] firstLabel() {
            return firstLabel;
        }

        long last() {
            return last;
        }
    }

    private final IndexCipher cipher;
    private final LastKnown known;
    private final boolean remembers;
    private final Map<ByteBuffer, Turn> turns = new HashMap<>();
    private final List<PatronEntries> patrons;

    /** The turns of each patron's terms. */
    private final List<Turn[]> theirs = new ArrayList<>();

    /** Creates the numbering for the terms of those patrons, in the cipher's version. */
    Numbering(
            IndexRows rows,
            IndexCipher cipher,
            LastKnown known,
            Optional<? extends Numbers> remembered,
            List<PatronEntries> patrons) {
        this.cipher = cipher;
        this.known = known;
        this.remembers = remembered.isPresent();
        this.patrons = patrons;
        for (PatronEntries patron : patrons) {
            PatronEntries.OfVersion prepared = patron.in(cipher.version());
            Turn[] own = new Turn[patron.terms().size()];
            for (int i = 0; i < own.length; i++) {
                int at = i;
                byte[] label = prepared.entries().label(at);
                own[at] = turns.computeIfAbsent(ByteBuffer.wrap(label), first -> new Turn(prepared.termKey(at), label));
            }
            theirs.add(own);
        }
        Map<Turn, OptionalLong> staged = new HashMap<>();
        remembered.ifPresent(beside -> turns.values().forEach(turn -> {
            OptionalLong last = beside.last(turn.firstLabel);
            last.ifPresent(number -> staged.put(turn, last));
        }));
        if (!rows.isEmpty()) {
            // While the first are staged, the index has nothing to find.
            PostingTailSearch.find(
                    rows,
                    known,
                    turns.values().stream()
                            .filter(turn -> !staged.containsKey(turn) && !isNew(remembered, turn))
                            .map(turn -> turn.stored)
                            .toList());
        }
        turns.values().forEach(turn -> turn.begin(staged.getOrDefault(turn, OptionalLong.empty())));
        free(rows, staged.keySet());
    }

    private static boolean isNew(Optional<? extends Numbers> remembered, Turn turn) {
        return remembered.filter(beside -> beside.isNew(turn.firstLabel)).isPresent();
    }

    /** Frees the cards of staged entries that a dummy in the index replaces: their patron was changed since. */
    private void free(IndexRows rows, Set<Turn> staged) {
        Map<ByteBuffer, Turn> cards = new HashMap<>();
        for (int i = 0; i < patrons.size(); i++) {
            List<IndexedTerm> terms = patrons.get(i).terms();
            for (int at = 0; at < terms.size(); at++) {
                Turn turn = theirs.get(i)[at];
                if (terms.get(at).term().type() == IndexTerm.TermClass.CARD && staged.contains(turn)) {
                    cards.put(ByteBuffer.wrap(turn.stored.label(turn.last)), turn);
                }
            }
        }
        ByteBuffer labels = ByteBuffer.allocate(cards.size() * IndexRows.LABEL_BYTES);
        cards.keySet().forEach(label -> labels.put(label.duplicate()));
        rows.findAll(labels.array()).forEach((label, value) -> {
            Turn turn = cards.get(label);
            turn.isTaken = cipher.open(turn.stored.label(turn.last), value).isPresent();
        });
    }

    /** Returns the turns of all terms. */
    Collection<Turn> turns() {
        return turns.values();
    }

    /** Returns the entries, with each term's entry under its term's next number. */
    List<PatronEntries> numbered() {
        List<long[]> numbers = IntStream.range(0, patrons.size())
                .mapToObj(i -> numbers(patrons.get(i), theirs.get(i)))
                .toList();
        if (!remembers) {
            // The act may be rolled back; then the next probe finds fewer.
            turns.values().forEach(turn -> known.put(turn.firstLabel, turn.last));
        }
        return IntStream.range(0, patrons.size())
                .parallel()
                .mapToObj(i -> numbered(patrons.get(i), theirs.get(i), numbers.get(i)))
                .toList();
    }

    private long[] numbers(PatronEntries patron, Turn[] turns) {
        long[] numbers = new long[turns.length];
        for (int at = 0; at < numbers.length; at++) {
            if (patron.terms().get(at).term().type() == IndexTerm.TermClass.CARD) {
                requireFree(turns[at]);
            }
            numbers[at] = turns[at].next();
        }
        return numbers;
    }

    /** Refuses a card that is somebody's: its last entry is no dummy, or is not in the index yet. */
    private void requireFree(Turn turn) {
        PostingTailSearch last = turn.stored;
        boolean stored = last.index() >= 0
                && cipher.open(last.label(last.index()), last.value()).isPresent();
        if (stored || turn.isTaken) {
            throw new Refused(Problem.CARD_IN_USE, "That card is in use, or was, by another patron.");
        }
    }

    private PatronEntries numbered(PatronEntries patron, Turn[] turns, long[] numbers) {
        Entries prepared = patron.in(cipher.version()).entries();
        Entries entries = null;
        for (int at = 0; at < numbers.length; at++) {
            if (numbers[at] > 0 || Arrays.equals(prepared.value(at), EncryptedIndex.NOT_SEALED)) {
                entries = entries == null ? prepared.copy() : entries;
                byte[] label = turns[at].stored.label(numbers[at]);
                IndexedTerm term = patron.terms().get(at);
                entries.set(at, label, cipher.live(label, term, patron.patron(), patron.generation()));
            }
        }
        return entries == null ? patron : patron.with(cipher.version(), entries);
    }
}
