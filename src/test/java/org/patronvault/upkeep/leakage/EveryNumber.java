package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;

/** The set of all patrons' numbers, with a search for them in bytes. Immutable. */
final class EveryNumber {
    private static final int HEX_DIGITS = 16;
    /** Numbers are random: one in ten million has fewer digits. */
    private static final int FEWEST_DIGITS = 12;

    private static final int MOST_DIGITS = 20;
    private static final long MIX = 0x9e3779b97f4a7c15L;
    private static final int BITS_EACH = 16;
    private static final int LEAST_LONGS = 1_024;

    private final long[] numbers;
    /** A filter with a bit for each hash, which spares nearly all searches. */
    private final long[] filter;

    /** Creates the set. The order of the numbers does not matter. */
    EveryNumber(long[] numbers) {
        this.numbers = numbers.clone();
        Arrays.sort(this.numbers);
        int longs = Math.max(LEAST_LONGS, Integer.highestOneBit(numbers.length / (Long.SIZE / BITS_EACH)));
        this.filter = new long[longs];
        for (long number : numbers) {
            filter[at(number)] |= 1L << bit(number);
        }
    }

    private int at(long number) {
        return (int) ((number * MIX) >>> Integer.SIZE) & (filter.length - 1);
    }

    /** A shift uses only the lowest six bits of its count. */
    private static long bit(long number) {
        return (number * MIX) >>> 26;
    }

    int size() {
        return numbers.length;
    }

    private void find(long number, Set<Long> found) {
        if ((filter[at(number)] & 1L << bit(number)) != 0 && Arrays.binarySearch(numbers, number) >= 0) {
            found.add(number);
        }
    }

    /** Adds to {@code found} the numbers in {@code bytes} as eight bytes, in either byte order. */
    void findBytes(byte[] bytes, Set<Long> found) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + Long.BYTES <= bytes.length; at++) {
            long number = buffer.getLong(at);
            find(number, found);
            find(Long.reverseBytes(number), found);
        }
    }

    /**
     * Adds to {@code found} the numbers in {@code bytes} in hexadecimal or decimal digits, even inside longer digits.
     */
    void findDigits(byte[] bytes, Set<Long> found) {
        long hex = 0;
        int hexDigits = 0;
        long decimal = 0;
        int digits = 0;
        for (int at = 0; at <= bytes.length; at++) {
            int digit = at < bytes.length ? Character.digit(bytes[at], HEX_DIGITS) : -1;
            if (digit < 0) {
                hexDigits = 0;
            } else {
                hex = hex << 4 | digit;
                hexDigits++;
                if (hexDigits >= HEX_DIGITS) {
                    find(hex, found);
                }
            }
            if (digit >= 0 && digit < 10) {
                decimal = (digits == 0 ? 0 : decimal) * 10 + digit;
                digits++;
            } else {
                if (digits >= FEWEST_DIGITS && digits <= MOST_DIGITS) {
                    boolean isNegative = at > digits && bytes[at - digits - 1] == '-';
                    find(isNegative ? -decimal : decimal, found);
                }
                digits = 0;
            }
        }
    }
}
