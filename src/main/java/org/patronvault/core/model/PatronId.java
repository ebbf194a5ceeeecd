package org.patronvault.core.model;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The random 64-bit number of one patron, written as 16 lower-case hexadecimal digits. It says nothing about the
 * patron, and is never used again after erasure.
 */
public record PatronId(long number) implements Comparable<PatronId> {

    /** The id written as {@code text}, or empty if it is not 16 lower-case hexadecimal digits. */
    public static Optional<PatronId> parse(String text) {
        if (text == null || text.length() != 16 || !text.chars().allMatch(PatronId::isHexDigit)) {
            return Optional.empty();
        }
        return Optional.of(new PatronId(Long.parseUnsignedLong(text, 16)));
    }

    private static boolean isHexDigit(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    @Override
    public int compareTo(PatronId other) {
        return Long.compareUnsigned(number, other.number);
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(number);
    }
}
