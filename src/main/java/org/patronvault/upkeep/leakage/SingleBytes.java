package org.patronvault.upkeep.leakage;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether each byte of what ought to look random is as often there as any other, in each place of values of one kind and
 * length: a byte of it that stands in clear, were it one of two, is told (Pearson's chi-square). For the kinds of one
 * table; not for use by several threads.
 */
final class SingleBytes {
    private static final int VALUES = 1 << Byte.SIZE;

    /** Counters that are kept at most: 16 MB. What comes when there is no room is not looked at. */
    private static final int ROOM = 1 << 22;

    /** So many bytes of a value are looked at: what is longer is hashes in a row. */
    private static final int LONGEST = 2_200;

    /** Of fewer values one that is there thrice is much, and chance leads further off. */
    private static final int ENOUGH = VALUES;

    private static final int FREEDOM = VALUES - 1;

    /**
     * How far chance may lead off, in standard deviations. Chernoff's bound for {@link #ENOUGH} values, where chance leads
     * off furthest, is less than once in 10^11 for a place, and there is room for fewer than 10^5 places.
     */
    private static final int DEVIATIONS = 16;

    private final Map<String, Map<Integer, int[]>> counts = new HashMap<>();
    private int room = ROOM;

    /** Every byte of a value, with its place. */
    void add(String cell, byte[] bytes) {
        int[] places = counts.computeIfAbsent(cell, any -> new HashMap<>())
                .computeIfAbsent(bytes.length, length -> made(Math.min(length, LONGEST)));
        for (int at = 0; at < places.length / VALUES; at++) {
            places[at * VALUES + Byte.toUnsignedInt(bytes[at])]++;
        }
    }

    private int[] made(int bytes) {
        int size = Math.min(room / VALUES, bytes) * VALUES;
        room -= size;
        return new int[size];
    }

    /**
     * What came of it.
     *
     * @param places how many places were looked at
     * @param furthest how far off the furthest was, in standard deviations
     * @param cells the kinds of values in which some byte is there too often
     */
    record Outcome(long places, double furthest, Set<String> cells) {}

    /** What came of all that was added. */
    Outcome outcome() {
        long places = 0;
        double furthest = 0;
        Set<String> cells = new TreeSet<>();
        for (Map.Entry<String, Map<Integer, int[]>> cell : counts.entrySet()) {
            for (int[] counted : cell.getValue().values()) {
                for (int from = 0; from < counted.length && all(counted, from) >= ENOUGH; from += VALUES) {
                    double off = deviations(counted, from);
                    places++;
                    furthest = Math.max(furthest, off);
                    if (off > DEVIATIONS) {
                        cells.add(cell.getKey());
                    }
                }
            }
        }
        return new Outcome(places, furthest, cells);
    }

    private static long all(int[] counted, int from) {
        long all = 0;
        for (int value = 0; value < VALUES; value++) {
            all += counted[from + value];
        }
        return all;
    }

    private static double deviations(int[] counted, int from) {
        double expected = (double) all(counted, from) / VALUES;
        double square = 0;
        for (int value = 0; value < VALUES; value++) {
            double more = counted[from + value] - expected;
            square += more * more / expected;
        }
        return (square - FREEDOM) / Math.sqrt(2.0 * FREEDOM);
    }
}
