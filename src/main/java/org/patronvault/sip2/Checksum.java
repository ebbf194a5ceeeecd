package org.patronvault.sip2;

import java.util.Locale;

/** The checksum of SIP2: the two's complement of the sum of all bytes through {@code AZ}, 16 bits. */
final class Checksum {
    private Checksum() {}

    /**
     * That of a message up to its checksum.
     *
     * @param through each character a byte
     */
    static int of(String through) {
        return -through.chars().sum() & 0xffff;
    }

    /** The same with its four digits behind it. */
    static String append(String through) {
        return through + String.format(Locale.ROOT, "%04X", of(through));
    }
}
