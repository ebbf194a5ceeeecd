package org.patronvault.core.crypto;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;

/**
 * The key derivation Argon2id, version 1.3 (RFC 9106), which makes a key from a passphrase, slowly and with much
 * memory.
 *
 * <p>Each call uses {@link Argon2Parameters#memoryKiB} of Java heap; the caller limits how many run at once.
 */
public final class Argon2id {
    private static final int MIN_SALT_BYTES = 8;
    private static final int MIN_SIZE_BYTES = 16;
    private static final int MAX_SIZE_BYTES = 64;

    private Argon2id() {}

    /**
     * Derives a key from {@code secret}.
     *
     * @param secret the passphrase as bytes; the caller wipes it
     * @param salt 8 bytes or more; 16 random ones are usual
     * @param parameters memory of at least 8 KiB a lane, and not above 1 GiB, 10 passes, 16 lanes
     * @param sizeBytes 16 to 64
     * @throws IllegalArgumentException outside these bounds
     */
    public static byte[] derive(byte[] secret, byte[] salt, Argon2Parameters parameters, int sizeBytes) {
        requireBounds(salt, parameters, sizeBytes);
        org.bouncycastle.crypto.params.Argon2Parameters.Builder builder =
                new org.bouncycastle.crypto.params.Argon2Parameters.Builder(
                                org.bouncycastle.crypto.params.Argon2Parameters.ARGON2_id)
                        .withVersion(org.bouncycastle.crypto.params.Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(parameters.memoryKiB())
                        .withIterations(parameters.passes())
                        .withParallelism(parameters.lanes())
                        .withSalt(salt);
        byte[] secretCopy = secret.clone();
        byte[] key = new byte[sizeBytes];
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(builder.build());
            generator.generateBytes(secretCopy, key);
            return key;
        } finally {
            SecureBytes.wipe(secretCopy);
            builder.clear();
        }
    }

    private static void requireBounds(byte[] salt, Argon2Parameters parameters, int sizeBytes) {
        if (salt.length < MIN_SALT_BYTES) {
            throw new IllegalArgumentException("salt must be 8 bytes or more, was " + salt.length);
        }
        if (sizeBytes < MIN_SIZE_BYTES || sizeBytes > MAX_SIZE_BYTES) {
            throw new IllegalArgumentException("size must be 16 to 64 bytes, was " + sizeBytes);
        }
        if (parameters.lanes() < 1
                || parameters.passes() < 1
                || parameters.memoryKiB() < 8 * parameters.lanes()
                || !parameters.isWithinCeiling()) {
            throw new IllegalArgumentException("parameters are outside the bounds: " + parameters);
        }
    }
}
