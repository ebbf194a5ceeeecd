package org.patronvault.upkeep.leakage;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.patronvault.core.model.PatronId;

/**
 * The attack of the game {@code pairs} (leakage.md, "The games"). The thief assumes that the patrons in one search
 * result share a surname. The attack searches a copy for all data that tie two patrons to each other. The thief knows
 * the tables and no key. All tables are treated alike, so tables added later are searched too. Not thread safe.
 */
public final class CoOccurrence implements Look {
    /** At most this many patrons are scored, because pairs grow with the square. */
    static final int PAIRED = 2_000;

    /** About the greatest number of strings kept. */
    private static final int ROOM = 1 << 21;

    /** A string that more of a few patrons share is part of the format: no surname has half as many bearers. */
    private static final int MOST = 40;

    /** The distance in rows or pages within which two patrons count as near. */
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
     * Creates the attack on these patrons, referred to by their places.
     *
     * @param bytes roughly how many bytes are stored about them
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

    /** Eight bytes for the length of a column's value, by kind of row. */
    private static long length(Row row, int i) {
        return (long) row.layout().cell(i, row.values()).hashCode() << Integer.SIZE | row.values()[i].length;
    }

    /** Eight bytes for a shorter unencrypted value of a column, by kind of row. */
    private static long whole(Row row, int i) {
        return (long) row.layout().cell(i, row.values()).hashCode() << Integer.SIZE
                | Integer.toUnsignedLong(Arrays.hashCode(row.values()[i]));
    }

    /** Assigns a row's content to the patron whose number it holds. */
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
        } else if (row.values()[i].length < Long.BYTES) {
            clear.add(whole(row, i), patron);
        } else {
            clear.add(row.values()[i], patron);
        }
    }

    /** Returns what a value shares with several patrons, as a number, or 0. */
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

    /** Notes the patrons that share a row by its unencrypted values or its lengths. */
    private void show(Row row) {
        for (int i = 0; i < row.values().length; i++) {
            if (row.values()[i] == null) {
                continue;
            }
            if (row.layout().known(i).isRandom()) {
                clear.find(length(row, i), found);
            } else if (row.values()[i].length < Long.BYTES) {
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

    /** Notes the patrons of a file's page, even a freed one, for a thief who has the files. */
    public void page(byte[] page) {
        BitSet who = new BitSet();
        numbers.findParts(page, who);
        who.clear(patrons, Math.max(patrons, who.length()));
        // If all patrons are there, none is near another.
        if (!who.isEmpty() && who.cardinality() <= most) {
            places.together(who);
            place(who);
        }
    }

    /** The number of patrons searched for by number. */
    int looked() {
        return patrons;
    }

    /** The rows, by column, that name patrons and should not. */
    Map<String, Long> named() {
        return named.rows();
    }

    /** Scores by rows: two patrons are named in one row of any table, or share eight encrypted bytes there. */
    public PairScores byRows() {
        return rows;
    }

    /** Scores by places: two patrons are so in neighboring rows, or on pages. */
    public PairScores byPlaces() {
        return places;
    }

    /** Scores by visible data: two patrons share a row, unencrypted values or lengths. */
    public PairScores byWhatIsShown() {
        return shown;
    }

    /** One in this many encrypted strings was searched for. */
    long oneIn() {
        return 1L << halvings;
    }
}
