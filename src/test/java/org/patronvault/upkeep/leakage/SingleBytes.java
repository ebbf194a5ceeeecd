package org.patronvault.upkeep.leakage;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The test whether random-looking values have every byte equally often, in each place of values of one kind and length.
 * It finds a byte that has only two values (Pearson's chi-square). For the kinds of one table. Not thread safe.
 */
final class SingleBytes {
    private static final int VALUES = 1 << Byte.SIZE;

    /** The greatest number of counters: 16 MB. Later values without room are not tested. */
    private static final int ROOM = 1 << 22;

    /** The tested bytes of a value. Longer values are sequences of hashes. */
    private static final int LONGEST = 2_200;

    /** Among fewer values three equal bytes are many, and chance deviates further. */
    private static final int ENOUGH = VALUES;

    private static final int FREEDOM = VALUES - 1;

    /**
     * How far chance may deviate, in standard deviations. By Chernoff's bound for {@link #ENOUGH} values, the worst
     * case, more occurs less than once in 10^11 places, and there is room for fewer than 10^5 places.
     */
    private static final int DEVIATIONS = 16;

    private final Map<String, Map<Integer, int[]>> counts = new HashMap<>();
    private int room = ROOM;

    /** Adds every byte of a value with its place. */
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
     * The result of the test.
     *
     * @param places how many places were tested
     * @param furthest the greatest deviation, in standard deviations
     * @param cells the kinds of values with a too frequent byte
     */
    record Outcome(long places, double furthest, Set<String> cells) {}

    /** Returns the result of all added values. */
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
