package org.patronvault.core.crypto;

import com.google.crypto.tink.subtle.Hkdf;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.patronvault.core.model.IntegrityException;

/**
 * Key-committing XAES-256-GCM, for all encrypted data except patron fields.
 *
 * <pre>
 * u8  version = 1
 * 32  commitment = HMAC-SHA-256(commitment key, A || nonce)
 * 24  nonce
 * n   ciphertext || tag(16)
 *
 * A = lp("pv1.box") u8(suite = 1) lp(aad)
 * encryption key = HKDF-SHA-256(key, no salt, lp("pv1.box.encrypt"), 32)
 * commitment key = HKDF-SHA-256(key, no salt, lp("pv1.box.commit"), 32)
 * </pre>
 *
 * <p>The commitment includes the nonce, so two boxes of one key and AAD share no bytes.
 */
public final class SealedBox {
    /** The bytes that encryption adds to the plaintext. */
    public static final int OVERHEAD_BYTES = 1 + Prf.OUTPUT_BYTES + Xaes256Gcm.NONCE_BYTES + Xaes256Gcm.TAG_BYTES;

    private static final int VERSION = 1;
    private static final int SUITE = 1;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_AT = 1 + Prf.OUTPUT_BYTES;
    private static final int CIPHERTEXT_AT = NONCE_AT + Xaes256Gcm.NONCE_BYTES;

    private SealedBox() {}

    /**
     * Encrypts once under a key that is not kept; otherwise use {@link Key#seal}. This leaves no copy of the value,
     * such as the ring, outside Java's heap.
     */
    public static byte[] seal(byte[] key32, byte[] aad, byte[] plaintext) {
        return Key.of(key32, AesGcm.jdk()).seal(aad, plaintext);
    }

    /** Decrypts once under a key that is not kept, as {@link #seal} encrypts; otherwise use {@link Key#open}. */
    public static byte[] open(byte[] key32, byte[] aad, byte[] stored) {
        return Key.of(key32, AesGcm.jdk()).open(aad, stored);
    }

    /** A key with its primitives ready. Thread-safe. */
    public static final class Key {
        private final Xaes256Gcm aead;
        private final Prf commitmentKey;

        private Key(Xaes256Gcm aead, Prf commitmentKey) {
            this.aead = aead;
            this.commitmentKey = commitmentKey;
        }

        /** Makes the box key with these 32 bytes, which must be uniformly random or the output of a KDF. */
        public static Key of(byte[] key32) {
            return of(key32, AesGcm.fastest());
        }

        private static Key of(byte[] key32, AesGcm gcm) {
            SecureBytes.requireSize("box key", key32, KEY_BYTES);
            byte[] encryption = null;
            byte[] commitment = null;
            try {
                encryption = derive(key32, lp("pv1.box.encrypt"), KEY_BYTES);
                commitment = derive(key32, lp("pv1.box.commit"), KEY_BYTES);
                return new Key(Xaes256Gcm.of(encryption, gcm), Prf.of(commitment));
            } finally {
                SecureBytes.wipe(encryption, commitment);
            }
        }

        /**
         * Encrypts {@code plaintext} bound to {@code aad}, under a fresh random nonce.
         *
         * @return the bytes to store, {@link SealedBox#OVERHEAD_BYTES} longer than {@code plaintext}
         */
        public byte[] seal(byte[] aad, byte[] plaintext) {
            byte[] bound = bound(aad);
            byte[] encrypted = aead.seal(plaintext, bound);
            byte[] nonce = Arrays.copyOf(encrypted, Xaes256Gcm.NONCE_BYTES);
            return CanonicalBytes.plain()
                    .u8(VERSION)
                    .raw(commitment(bound, nonce))
                    .raw(encrypted)
                    .bytes();
        }

        /**
         * Decrypts a result of {@link #seal}; checks the commitment first, in constant time.
         *
         * @throws IntegrityException if key or {@code aad} is wrong, or any bit was changed
         */
        public byte[] open(byte[] aad, byte[] stored) {
            if (stored.length == 0 || stored[0] != VERSION) {
                throw new IntegrityException("sealed box: version byte");
            }
            if (stored.length < OVERHEAD_BYTES) {
                throw new IntegrityException("sealed box: length");
            }
            byte[] bound = bound(aad);
            byte[] expected = commitment(bound, Arrays.copyOfRange(stored, NONCE_AT, CIPHERTEXT_AT));
            if (!MessageDigest.isEqual(expected, Arrays.copyOfRange(stored, 1, NONCE_AT))) {
                throw new IntegrityException("sealed box: commitment");
            }
            try {
                return aead.open(Arrays.copyOfRange(stored, NONCE_AT, stored.length), bound);
            } catch (GeneralSecurityException e) {
                throw new IntegrityException("sealed box: ciphertext", e);
            }
        }

        private byte[] commitment(byte[] bound, byte[] nonce) {
            return commitmentKey.full(
                    CanonicalBytes.plain().raw(bound).raw(nonce).bytes());
        }
    }

    /** Derives a key for each label by HKDF-SHA-256 (RFC 5869) without salt. */
    static byte[] derive(byte[] key, byte[] label, int sizeBytes) {
        return hkdf(key, new byte[0], label, sizeBytes);
    }

    /** Derives a key by HKDF-SHA-256 with salt and info, as published test vectors need it. */
    static byte[] hkdf(byte[] key, byte[] salt, byte[] info, int sizeBytes) {
        try {
            return Hkdf.computeHkdf("HmacSha256", key, salt, info, sizeBytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("size must be 0 to 8160 bytes, was " + sizeBytes, e);
        }
    }

    private static byte[] bound(byte[] aad) {
        return CanonicalBytes.begin("pv1.box").u8(SUITE).lp(aad).bytes();
    }

    private static byte[] lp(String label) {
        return CanonicalBytes.begin(label).bytes();
    }
}
