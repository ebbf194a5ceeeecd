package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.patronvault.core.model.IntegrityException;

/**
 * The data-encryption key of one value and one write. Lives for one call; {@link #close} wipes it.
 */
final class Dek implements AutoCloseable {
    static final int SIZE_BYTES = 32;

    private static final byte[] COMMIT_LABEL = "pv1.commit".getBytes(US_ASCII);

    private final byte[] key;

    private Dek(byte[] key) {
        this.key = key;
    }

    /** Returns a new random key. */
    static Dek fresh() {
        return new Dek(SecureBytes.random(SIZE_BYTES));
    }

    /** Unwraps the key in {@code wrap}; {@code kek} and {@code wrapBinding} must be those it was wrapped with. */
    static Dek unwrap(Kek kek, byte[] wrapBinding, byte[] wrap) {
        try {
            return new Dek(kek.wraps().open(wrap, wrapBinding));
        } catch (GeneralSecurityException e) {
            throw new IntegrityException("envelope: wrap", e);
        }
    }

    /** Returns {@code nonce(24) || encrypted DEK(32) || tag(16)}. */
    byte[] wrap(Kek kek, byte[] wrapBinding) {
        return kek.wraps().seal(key, wrapBinding);
    }

    /**
     * Returns the commitment C = HMAC-SHA-256(DEK, "pv1.commit" || P). AES-GCM commits to no key: a ciphertext can be
     * made that decrypts under two keys. With C the envelope has one DEK only.
     */
    byte[] commitment(byte[] payloadBinding) {
        return Prf.once(
                key,
                CanonicalBytes.plain().raw(COMMIT_LABEL).raw(payloadBinding).bytes());
    }

    /** Requires that {@code commitment} is that of this key and {@code payloadBinding}; takes constant time. */
    void requireCommitment(byte[] payloadBinding, byte[] commitment) {
        if (!MessageDigest.isEqual(commitment(payloadBinding), commitment)) {
            throw new IntegrityException("envelope: commitment");
        }
    }

    /**
     * Returns {@code nonce(12) || ciphertext || tag(16)} by AES-256-GCM. The key encrypts once, so the nonce cannot
     * repeat.
     */
    byte[] encrypt(byte[] padded, byte[] payloadBinding) {
        byte[] payload = Arrays.copyOf(
                SecureBytes.random(AesGcm.NONCE_BYTES), AesGcm.NONCE_BYTES + padded.length + AesGcm.TAG_BYTES);
        AesGcm.fastest().seal(key, padded, payloadBinding, payload, 0, AesGcm.NONCE_BYTES);
        return payload;
    }

    /** Returns the padded value. */
    byte[] decrypt(byte[] payload, byte[] payloadBinding) {
        return openPayload(AesGcm.fastest(), key, payload, payloadBinding);
    }

    /** Decrypts as {@link #decrypt} does, with a key given as bytes; for published test vectors. */
    static byte[] openPayload(AesGcm gcm, byte[] key32, byte[] payload, byte[] payloadBinding) {
        try {
            return gcm.open(key32, payload, 0, AesGcm.NONCE_BYTES, payloadBinding);
        } catch (GeneralSecurityException e) {
            throw new IntegrityException("envelope: payload", e);
        }
    }

    @Override
    public void close() {
        SecureBytes.wipe(key);
    }
}
