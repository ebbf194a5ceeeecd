package org.patronvault.upkeep.leakage;

import java.util.Map;
import java.util.TreeMap;

/**
 * Whether more values of a column have four bytes in common, in the same place of each, than chance has it, which by
 * birthday is a few. Not for use by several threads.
 */
final class ShortStrings {
    private static final double DIFFERENT = 0x1p32;

    private final StringSample strings = new StringSample();
    private final TreeMap<Integer, Long> lengths = new TreeMap<>();

    /** Every four bytes in a row among {@code bytes}, each with its place. */
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

    /** How often one that was looked at had been in that place before. */
    long recurrences() {
        return strings.recurrences();
    }

    /** How often that would be by chance. */
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

    /** Of so many strings drawn at random, how many have been drawn before. */
    private static double recurring(long drawn) {
        return drawn + DIFFERENT * Math.expm1(-drawn / DIFFERENT);
    }

    /** Whether chance does not explain it. */
    boolean isMore() {
        return Chance.isExceeded(byChance(), recurrences());
    }
}
