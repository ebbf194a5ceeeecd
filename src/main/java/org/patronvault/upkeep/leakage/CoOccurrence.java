package org.patronvault.upkeep.leakage;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.patronvault.model.PatronId;

/**
 * Plays the thief of the game {@code pairs} (leakage.md, "The games"). He assumes that patrons whom one search lists
 * share a surname, and looks in a copy for all data that tie two patrons to each other. He knows the tables and no key.
 * He treats all tables alike, so that he looks at a table that is added later too. Not for use by several threads.
 */
public final class CoOccurrence implements Look {
    /** Pairs are scored of so many patrons at most, for there are half as many squared. */
    static final int PAIRED = 2_000;

    /** Strings that are kept at most, or nearly. */
    private static final int ROOM = 1 << 21;

    /** A string that more patrons have in common, of a few, is part of the format; no surname has half as many bearers. */
    private static final int MOST = 40;

    /** So many rows or pages apart, two patrons are still near each other. */
    private static final int NEAR = 8;

    private final int patrons;
    private final ByteStrings sealed;
    private final PatronNumbers numbers;
    private final Named named;
    private final ByteStrings clear;
    private final int most;
    private final int halvings;
    private final PairScores rows;
    private final PairScores places;
    private final PairScores shown;
    private final BitSet found = new BitSet();
    private final BitSet here = new BitSet();
    private final Deque<BitSet> lately = new ArrayDeque<>();

    /**
     * Of those patrons, who are told by their numbers.
     *
     * @param bytes how many are stored of them, about
     */
    CoOccurrence(List<PatronId> patrons, long bytes) {
        this.halvings = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(bytes / ROOM));
        this.sealed = new ByteStrings(Math.max(MOST, patrons.size() / 10), halvings, false);
        this.patrons = Math.min(PAIRED, patrons.size());
        this.most = Math.max(MOST, this.patrons / 10);
        this.clear = new ByteStrings(most, 0, true);
        this.rows = new PairScores(this.patrons);
        this.places = new PairScores(this.patrons);
        this.shown = new PairScores(this.patrons);
        this.numbers = new PatronNumbers(patrons.subList(0, this.patrons), most);
        this.named = new Named(numbers);
    }

    /** Eight bytes for the length of what stands in a column, of each kind of row. */
    private static long length(Row row, int i) {
        return (long) row.layout().cell(i, row.values()).hashCode() << Integer.SIZE | row.values()[i].length;
    }

    /** Eight bytes for what stands in a column in clear, if that is shorter, of each kind of row. */
    private static long whole(Row row, int i) {
        return (long) row.layout().cell(i, row.values()).hashCode() << Integer.SIZE
                | Integer.toUnsignedLong(Arrays.hashCode(row.values()[i]));
    }

    /** What is in a row belongs to a patron, since it names him by number. */
    void belongs(Row row, int patron) {
        for (int i = 0; i < row.values().length; i++) {
            byte[] value = row.values()[i];
            KnownColumns.Known known = row.layout().known(i);
            if (value != null && known.isRandom()) {
                sealed.add(known.random().apply(value), patron);
            }
            if (value != null && patron < patrons) {
                addClear(row, i, patron);
            }
        }
    }

    private void addClear(Row row, int i, int patron) {
        if (row.layout().known(i).isRandom()) {
            clear.add(length(row, i), patron);
        } else if (row.values()[i].length < ByteStrings.BYTES) {
            clear.add(whole(row, i), patron);
        } else {
            clear.add(row.values()[i], patron);
        }
    }

    /** What of a value several have in common, as a number; 0 if nothing. */
    long shared(KnownColumns.Known known, byte[] value) {
        return known.isRandom() ? sealed.shared(known.random().apply(value)) : 0;
    }

    @Override
    public void row(Row row) {
        found.clear();
        for (int i = 0; i < row.values().length; i++) {
            if (row.values()[i] != null) {
                here.clear();
                numbers.findParts(row.values()[i], here);
                if (!here.isEmpty()) {
                    named.maybe(row, i, here);
                    found.or(here);
                }
            }
        }
        for (int i = 0; i < row.values().length; i++) {
            if (row.values()[i] != null && row.layout().known(i).isRandom()) {
                sealed.find(row.values()[i], found);
            }
        }
        found.clear(patrons, Math.max(patrons, found.length()));
        if (!found.isEmpty()) {
            rows.together(found);
            place((BitSet) found.clone());
            show(row);
        }
    }

    /** Who is in a row together by what stands there in clear, or by how long it is, too. */
    private void show(Row row) {
        for (int i = 0; i < row.values().length; i++) {
            if (row.values()[i] == null) {
                continue;
            }
            if (row.layout().known(i).isRandom()) {
                clear.find(length(row, i), found);
            } else if (row.values()[i].length < ByteStrings.BYTES) {
                clear.find(whole(row, i), found);
            } else {
                clear.find(row.values()[i], found);
            }
        }
        found.clear(patrons, Math.max(patrons, found.length()));
        shown.together(found);
    }

    private void place(BitSet who) {
        int apart = 1;
        for (BitSet before : lately) {
            places.near(before, who, 1.0 / apart++);
        }
        lately.addFirst(who);
        if (lately.size() > NEAR) {
            lately.removeLast();
        }
    }

    @Override
    public void endOf(Layout table) {
        lately.clear();
    }

    /** A page of a file, of one that was given free as well, for whoever has the files themselves. */
    public void page(byte[] page) {
        BitSet who = new BitSet();
        numbers.findParts(page, who);
        who.clear(patrons, Math.max(patrons, who.length()));
        // Where all are, nobody is near anybody.
        if (!who.isEmpty() && who.cardinality() <= most) {
            places.together(who);
            place(who);
        }
    }

    /** How many patrons were looked for by number. */
    int looked() {
        return patrons;
    }

    /** In how many rows of each column patrons are named who should not be. */
    Map<String, Long> named() {
        return named.rows();
    }

    /** Who is named, or has eight bytes of what is sealed of them, in one row of any table. */
    public PairScores byRows() {
        return rows;
    }

    /** Who is so in rows that lie near each other, or on pages. */
    public PairScores byPlaces() {
        return places;
    }

    /** Who is in one row, or is alike in what stands in clear, or in how long something is. */
    public PairScores byWhatIsShown() {
        return shown;
    }

    /** One in so many strings of what is sealed was looked for. */
    long oneIn() {
        return 1L << halvings;
    }
}
