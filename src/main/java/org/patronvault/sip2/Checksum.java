package org.patronvault.sip2;

import java.util.Locale;

/** The checksum of SIP2: the two's complement of the sum of all bytes through {@code AZ}, 16 bits. */
final class Checksum {
    private Checksum() {}

    /**
     * Returns the checksum of a message up to the checksum's own place.
     *
     * @param through each character a byte
     */
    static int of(String through) {
        return -through.chars().sum() & 0xffff;
    }

    /** Returns a message with the four digits of its checksum appended. */
    static String append(String through) {
        return through + String.format(Locale.ROOT, "%04X", of(through));
    }
}
