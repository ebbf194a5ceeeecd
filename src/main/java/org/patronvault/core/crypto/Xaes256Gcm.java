package org.patronvault.core.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cipher XAES-256-GCM (c2sp.org/XAES-256-GCM). Its 24-byte nonce may be drawn at random for 2^80 messages under one
 * key, so wraps need not be counted. It does not commit to its key: {@link Envelope} and {@link SealedBox} add that.
 * Output is {@code nonce(24) || ciphertext || tag(16)}. Thread-safe.
 *
 * <pre>
 * K1 = AES-256(key, 0^128) doubled in GF(2^128), as in CMAC
 * message key = AES-256(key, 00 01 58 00 || nonce[0..12] xor K1) || AES-256(key, 00 02 58 00 || nonce[0..12] xor K1)
 * ciphertext || tag = AES-256-GCM(message key, nonce[12..24])
 * </pre>
 *
 * <p>Tink has it too, but sets up the key again for each message.
 */
final class Xaes256Gcm {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 24;
    static final int TAG_BYTES = AesGcm.TAG_BYTES;

    private static final int BLOCK_BYTES = 16;
    private static final int SALT_BYTES = 12;

    /** The byte of the block's number in 00 01 58 00 and 00 02 58 00; the next byte is the label. */
    private static final int NUMBER_AT = 1;

    private static final int LABEL_AT = 2;
    private static final byte LABEL = 0x58;
    private static final int SALT_AT = 4;

    /** x^128 = x^7 + x^2 + x + 1. */
    private static final byte REDUCTION = (byte) 0x87;

    /** Encrypts single blocks under the key; used under its own lock, for some tens of nanoseconds. */
    private final Cipher blocks;

    private final byte[] k1;
    private final AesGcm gcm;

    private Xaes256Gcm(Cipher blocks, byte[] k1, AesGcm gcm) {
        this.blocks = blocks;
        this.k1 = k1;
        this.gcm = gcm;
    }

    /** Makes the cipher with these 32 bytes, for hundreds of messages. */
    static Xaes256Gcm of(byte[] key32) {
        return of(key32, AesGcm.fastest());
    }

    /** Makes the cipher with these 32 bytes and that AES-GCM implementation. */
    static Xaes256Gcm of(byte[] key32, AesGcm gcm) {
        SecureBytes.requireSize("XAES-256-GCM key", key32, KEY_BYTES);
        try {
            // The JDK's own cipher: it holds a ready key, and needs no native call for two blocks.
            Cipher blocks = Cipher.getInstance("AES/ECB/NoPadding");
            blocks.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key32, "AES"));
            return new Xaes256Gcm(blocks, doubled(blocks.doFinal(new byte[BLOCK_BYTES])), gcm);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES is not available", e);
        }
    }

    private static byte[] doubled(byte[] block) {
        byte[] doubled = new byte[BLOCK_BYTES];
        int carry = 0;
        for (int i = BLOCK_BYTES - 1; i >= 0; i--) {
            doubled[i] = (byte) (block[i] << 1 | carry);
            carry = (block[i] & 0xFF) >>> (Byte.SIZE - 1);
        }
        // Without a branch on a secret.
        doubled[BLOCK_BYTES - 1] ^= (byte) (-carry & REDUCTION);
        return doubled;
    }

    /** Encrypts {@code plaintext} bound to {@code aad}, under a fresh random nonce. */
    byte[] seal(byte[] plaintext, byte[] aad) {
        return seal(SecureBytes.random(NONCE_BYTES), plaintext, aad);
    }

    /** Encrypts under a given nonce; for published test vectors. */
    byte[] seal(byte[] nonce24, byte[] plaintext, byte[] aad) {
        SecureBytes.requireSize("nonce", nonce24, NONCE_BYTES);
        byte[] sealed = Arrays.copyOf(nonce24, NONCE_BYTES + plaintext.length + TAG_BYTES);
        byte[] messageKey = messageKey(sealed);
        try {
            gcm.seal(messageKey, plaintext, aad, sealed, SALT_BYTES, NONCE_BYTES);
            return sealed;
        } finally {
            SecureBytes.wipe(messageKey);
        }
    }

    /**
     * Decrypts a result of {@link #seal}.
     *
     * @throws GeneralSecurityException if key or {@code aad} is wrong, any bit was changed, or it is too short
     */
    byte[] open(byte[] sealed, byte[] aad) throws GeneralSecurityException {
        // Too short a text gets zeros for its nonce, and is refused below.
        byte[] messageKey = messageKey(sealed.length < NONCE_BYTES ? new byte[NONCE_BYTES] : sealed);
        try {
            return gcm.open(messageKey, sealed, SALT_BYTES, NONCE_BYTES, aad);
        } finally {
            SecureBytes.wipe(messageKey);
        }
    }

    private byte[] messageKey(byte[] nonce) {
        byte[] both = new byte[2 * BLOCK_BYTES];
        for (int number = 1; number <= 2; number++) {
            int block = (number - 1) * BLOCK_BYTES;
            both[block + NUMBER_AT] = (byte) number;
            both[block + LABEL_AT] = LABEL;
            System.arraycopy(nonce, 0, both, block + SALT_AT, SALT_BYTES);
            for (int i = 0; i < BLOCK_BYTES; i++) {
                both[block + i] ^= k1[i];
            }
        }
        try {
            synchronized (blocks) {
                return blocks.doFinal(both);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES failed", e);
        }
    }
}
