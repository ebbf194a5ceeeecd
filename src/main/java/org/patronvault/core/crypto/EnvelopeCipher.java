package org.patronvault.core.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import org.patronvault.core.model.IntegrityException;

/**
 * The encryption and decryption of envelopes, version 1. Each envelope has its own DEK, so no key encrypts two values.
 * Encrypting a value twice gives unrelated bytes of one length.
 */
public final class EnvelopeCipher {
    private EnvelopeCipher() {}

    /**
     * Starts to load the needed classes and libraries in another thread, for a caller that first waits for something
     * else.
     */
    public static void prepareAside() {
        var unused = CompletableFuture.runAsync(AesGcm::fastest);
    }

    /**
     * Encrypts one value for one place.
     *
     * @param value the value, not padded; the caller wipes it
     * @param padding the size classes of the field
     * @return the bytes to store, {@link Envelope#OVERHEAD_BYTES} longer than the size class
     * @throws org.patronvault.core.model.Refused with {@code INVALID} if the value is longer than the largest class holds
     */
    public static byte[] seal(Kek kek, EnvelopeContext context, byte[] value, Padding padding) {
        byte[] p = context.payloadBinding();
        byte[] padded = padding.pad(value);
        try (Dek dek = Dek.fresh()) {
            return Envelope.of(
                            kek.version(),
                            dek.wrap(kek, context.wrapBinding(kek.version())),
                            dek.commitment(p),
                            dek.encrypt(padded, p))
                    .bytes();
        } finally {
            SecureBytes.wipe(padded);
        }
    }

    /**
     * Decrypts one value. This call makes plaintext, so it belongs behind a receipt.
     *
     * @param kek the version the envelope names
     * @param padding the size classes the value was encrypted with
     * @return the value without padding; the caller wipes it
     * @throws IntegrityException if the bytes are not an envelope, were encrypted for another place, generation, size
     *     class or KEK, or were changed in any bit
     */
    public static byte[] open(Kek kek, EnvelopeContext context, byte[] stored, Padding padding) {
        Envelope envelope = Envelope.parse(stored);
        if (!padding.hasClass(envelope.paddedSizeBytes())) {
            throw new IntegrityException("envelope: size class");
        }
        byte[] p = context.payloadBinding();
        byte[] padded = null;
        try (Dek dek = unwrapCommitted(kek, context, envelope, p)) {
            padded = dek.decrypt(envelope.payload(), p);
            return padding.unpad(padded);
        } finally {
            SecureBytes.wipe(padded);
        }
    }

    /**
     * Rewraps the DEK under another KEK version. It changes only version and wrap, not commitment, payload or row hash.
     * It decrypts no value. The result opens with {@code to} alone.
     *
     * @throws IntegrityException if the wrap or the commitment is not that of {@code from} and {@code context}, so a
     *     damaged envelope is found now and not carried along
     */
    public static byte[] rewrap(Kek from, Kek to, EnvelopeContext context, byte[] stored) {
        Envelope envelope = Envelope.parse(stored);
        try (Dek dek = unwrapCommitted(from, context, envelope, context.payloadBinding())) {
            return Envelope.of(
                            to.version(),
                            dek.wrap(to, context.wrapBinding(to.version())),
                            envelope.commitment(),
                            envelope.payload())
                    .bytes();
        }
    }

    /**
     * Requires that a rewrap would succeed. Then the envelope opens if its row hash is right too. It decrypts no value.
     *
     * @throws IntegrityException if the wrap or the commitment is not that of {@code kek} and {@code context}
     */
    public static void requireWrapped(Kek kek, EnvelopeContext context, byte[] stored) {
        unwrapCommitted(kek, context, Envelope.parse(stored), context.payloadBinding())
                .close();
    }

    /**
     * Returns SHA-256(P || C || nonce || ciphertext || tag), which the log entry of a write holds for the row. It has
     * 32 bytes, needs no key, reveals nothing of the value, and does not change at a rewrap.
     */
    public static byte[] rowHash(EnvelopeContext context, byte[] stored) {
        Envelope envelope = Envelope.parse(stored);
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(context.payloadBinding());
            sha256.update(envelope.kept());
            return sha256.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
    }

    private static Dek unwrapCommitted(Kek kek, EnvelopeContext context, Envelope envelope, byte[] p) {
        if (kek.version() != envelope.kekVersion()) {
            throw new IntegrityException("envelope: KEK version");
        }
        Dek dek = Dek.unwrap(kek, context.wrapBinding(kek.version()), envelope.wrap());
        try {
            dek.requireCommitment(p, envelope.commitment());
        } catch (IntegrityException e) {
            dek.close();
            throw e;
        }
        return dek;
    }
}
