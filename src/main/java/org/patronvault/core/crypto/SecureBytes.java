package org.patronvault.core.crypto;

import java.security.SecureRandom;
import java.util.Arrays;

/** The making and wiping of secret bytes. */
public final class SecureBytes {
    private static final SecureRandom RANDOM = new SecureRandom();

    private SecureBytes() {}

    /** Returns {@code sizeBytes} fresh bytes from the operating system's generator. */
    public static byte[] random(int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** Overwrites the arrays with zeros; skips {@code null}, so that it can be used in a {@code finally}. */
    public static void wipe(byte[]... secrets) {
        for (byte[] secret : secrets) {
            if (secret != null) {
                Arrays.fill(secret, (byte) 0);
            }
        }
    }

    /** Returns the key itself, after checking its length. */
    static byte[] requireSize(String what, byte[] bytes, int sizeBytes) {
        if (bytes.length != sizeBytes) {
            throw new IllegalArgumentException(what + " must be " + sizeBytes + " bytes, was " + bytes.length);
        }
        return bytes;
    }
}
