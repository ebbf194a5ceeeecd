package org.patronvault.core.crypto;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA-256 (RFC 2104) under a ready key: a keyed pseudorandom function. Thread-safe and cheap: a call on a short
 * input takes a fraction of a microsecond and no lock.
 */
public final class Prf {
    /** The size of a full output. */
    public static final int OUTPUT_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    // Initialized and then only cloned. A Mac in use is not thread-safe, but copying an idle one is. A copy is cheaper
    // than a thread-local for the many keys that live for a few calls.
    private final Mac ready;

    /** A Mac that never gets a key: finding the algorithm costs as much as using it. */
    private static final Mac KEYLESS = keyless();

    private Prf(Mac ready) {
        this.ready = ready;
    }

    /** Makes the function of this key, and keeps a copy. Keys are 16 bytes or more. */
    public static Prf of(byte[] key) {
        return new Prf(keyed(key));
    }

    /** Returns all 32 bytes of the function of a key that is used once; the key is 16 bytes or more. */
    public static byte[] once(byte[] key, byte[] input) {
        return keyed(key).doFinal(input);
    }

    private static Mac keyless() {
        try {
            return Mac.getInstance(ALGORITHM);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("HMAC-SHA-256 is not available", e);
        }
    }

    private static Mac keyed(byte[] key) {
        if (key.length < 16) {
            throw new IllegalArgumentException("PRF key must be 16 bytes or more, was " + key.length);
        }
        try {
            Mac mac = (Mac) KEYLESS.clone();
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (CloneNotSupportedException | InvalidKeyException e) {
            throw new IllegalStateException("HMAC-SHA-256 is not available", e);
        }
    }

    /** Returns all 32 bytes. */
    public byte[] full(byte[] input) {
        try {
            return ((Mac) ready.clone()).doFinal(input);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("HMAC-SHA-256 cannot be copied", e);
        }
    }

    /** Returns the first {@code sizeBytes} bytes, 1 to 32. */
    public byte[] truncated(byte[] input, int sizeBytes) {
        if (sizeBytes < 1 || sizeBytes > OUTPUT_BYTES) {
            throw new IllegalArgumentException("size must be 1 to 32 bytes, was " + sizeBytes);
        }
        return Arrays.copyOf(full(input), sizeBytes);
    }
}
