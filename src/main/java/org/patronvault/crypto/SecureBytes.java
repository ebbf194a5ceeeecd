package org.patronvault.crypto;

import java.security.SecureRandom;
import java.util.Arrays;

/** Where secret bytes begin and end. */
public final class SecureBytes {
    private static final SecureRandom RANDOM = new SecureRandom();

    private SecureBytes() {}

    /** Fresh bytes from the operating system's generator, {@code sizeBytes} of them. */
    public static byte[] random(int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** Overwrites the arrays with zeros; {@code null} is passed over, so that it may stand in a {@code finally}. */
    public static void wipe(byte[]... secrets) {
        for (byte[] secret : secrets) {
            if (secret != null) {
                Arrays.fill(secret, (byte) 0);
            }
        }
    }

    /** The key itself, once its length is seen to be right. */
    static byte[] requireSize(String what, byte[] bytes, int sizeBytes) {
        if (bytes.length != sizeBytes) {
            throw new IllegalArgumentException(what + " must be " + sizeBytes + " bytes, was " + bytes.length);
        }
        return bytes;
    }
}
