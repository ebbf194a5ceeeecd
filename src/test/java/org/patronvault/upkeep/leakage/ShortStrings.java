package org.patronvault.upkeep.leakage;

import java.util.Map;
import java.util.TreeMap;

/**
 * The test whether a column's values share four bytes in one place more often than chance, which by birthday is a few
 * times. Not thread safe.
 */
final class ShortStrings {
    private static final double DIFFERENT = 0x1p32;

    private final StringSample strings = new StringSample();
    private final TreeMap<Integer, Long> lengths = new TreeMap<>();

    /** Adds every four consecutive bytes with their place. */
    void add(byte[] bytes) {
        if (bytes.length >= Integer.BYTES) {
            lengths.merge(bytes.length, 1L, Long::sum);
            long string = 0;
            for (int at = 0; at < bytes.length; at++) {
                string = (string << Byte.SIZE | Byte.toUnsignedLong(bytes[at])) & 0xffff_ffffL;
                if (at >= Integer.BYTES - 1) {
                    strings.add((long) at << Integer.SIZE | string);
                }
            }
        }
    }

    /** How often a string had occurred in its place before. */
    long recurrences() {
        return strings.recurrences();
    }

    /** The expected number by chance. */
    double byChance() {
        double chance = 0;
        long values = 0;
        int end = lengths.isEmpty() ? 0 : lengths.lastKey();
        for (Map.Entry<Integer, Long> longest : lengths.descendingMap().entrySet()) {
            chance += (end - longest.getKey()) * recurring(values);
            values += longest.getValue();
            end = longest.getKey();
        }
        return (chance + (end - Integer.BYTES + 1) * recurring(values)) / strings.oneIn();
    }

    /** The expected number of repeats among this many random strings. */
    private static double recurring(long drawn) {
        return drawn + DIFFERENT * Math.expm1(-drawn / DIFFERENT);
    }

    /** Whether chance does not explain it. */
    boolean isMore() {
        return Chance.isExceeded(byChance(), recurrences());
    }
}
