package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;

/** The numbers of all patrons, and who is named by one. Immutable. */
final class EveryNumber {
    private static final int HEX_DIGITS = 16;
    /** Numbers are random: that one has fewer digits happens once in ten million times. */
    private static final int FEWEST_DIGITS = 12;

    private static final int MOST_DIGITS = 20;
    private static final long MIX = 0x9e3779b97f4a7c15L;
    private static final int BITS_EACH = 16;
    private static final int LEAST_LONGS = 1_024;

    private final long[] numbers;
    /** A bit for each number's hash: it spares nearly all searches. */
    private final long[] filter;

    /** Those numbers, in any order. */
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

    /** A shift takes the lowest six bits of what it is given. */
    private static long bit(long number) {
        return (number * MIX) >>> 26;
    }

    /** How many there are. */
    int size() {
        return numbers.length;
    }

    private void find(long number, Set<Long> found) {
        if ((filter[at(number)] & 1L << bit(number)) != 0 && Arrays.binarySearch(numbers, number) >= 0) {
            found.add(number);
        }
    }

    /** Adds to {@code found} whose number is among {@code bytes} as eight bytes, in either order. */
    void findBytes(byte[] bytes, Set<Long> found) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + Long.BYTES <= bytes.length; at++) {
            long number = buffer.getLong(at);
            find(number, found);
            find(Long.reverseBytes(number), found);
        }
    }

    /** Adds to {@code found} whose number is among {@code bytes} in hexadecimal or decimal digits, as a part of more too. */
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
