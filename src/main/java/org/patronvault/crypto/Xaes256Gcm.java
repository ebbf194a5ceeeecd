package org.patronvault.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * XAES-256-GCM (c2sp.org/XAES-256-GCM) under one key: AES-256-GCM with a key of each message's own, which AES-CMAC
 * derives from the first half of a 24-byte nonce. The nonce may be drawn at random for 2^80 messages, so nobody has to
 * count wraps. It does not commit to its key: {@link Envelope} and {@link SealedBox} add that. Thread safe.
 *
 * <p>Tink has the same; what is derived there sets up the block cipher anew twice for each message, which takes as long
 * as all the rest of opening a value. A test has each open what the other sealed.
 */
final class Xaes256Gcm {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 24;
    static final int TAG_BYTES = AesGcm.TAG_BYTES;

    private static final int BLOCK_BYTES = 16;
    private static final int SALT_BYTES = NONCE_BYTES - AesGcm.IV_BYTES;

    /** What the polynomial of CMAC's doubling leaves of a bit shifted out (NIST SP 800-38B, 5.3). */
    private static final int CARRY = 0x87;

    private final Cipher block;

    /** CMAC's first subkey, for the blocks that are whole. */
    private final byte[] subkey;

    private Xaes256Gcm(Cipher block) throws GeneralSecurityException {
        this.block = block;
        this.subkey = doubled(block.doFinal(new byte[BLOCK_BYTES]));
    }

    /** The cipher of this key, of which a copy is kept. */
    static Xaes256Gcm of(byte[] key32) {
        try {
            Cipher block = Cipher.getInstance("AES/ECB/NoPadding");
            block.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(SecureBytes.requireSize("XAES-256-GCM key", key32, KEY_BYTES), "AES"));
            return new Xaes256Gcm(block);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES is not available", e);
        }
    }

    /** Encrypts under a fresh random nonce: {@code nonce(24) || ciphertext || tag(16)}. */
    byte[] encrypt(byte[] plaintext, byte[] aad) {
        byte[] nonce = SecureBytes.random(NONCE_BYTES);
        byte[] key = messageKey(nonce);
        try {
            return AesGcm.seal(key, nonce, plaintext, aad);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    /**
     * Opens what {@link #encrypt} made.
     *
     * @throws AEADBadTagException if key or {@code aad} is another, or any bit was changed
     */
    byte[] decrypt(byte[] sealed, byte[] aad) throws AEADBadTagException {
        if (sealed.length < NONCE_BYTES + TAG_BYTES) {
            throw new AEADBadTagException("too short");
        }
        byte[] key = messageKey(sealed);
        try {
            return AesGcm.open(key, sealed, NONCE_BYTES, aad);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    /** Two CMACs of a block each, {@code 0x00 || counter || "X" || 0x00 || salt(12)}: the counter KDF of SP 800-108. */
    private byte[] messageKey(byte[] nonce) {
        byte[] blocks = new byte[KEY_BYTES];
        for (int i = 0; i < blocks.length; i += BLOCK_BYTES) {
            blocks[i + 1] = (byte) (i / BLOCK_BYTES + 1);
            blocks[i + 2] = 'X';
            System.arraycopy(nonce, 0, blocks, i + BLOCK_BYTES - SALT_BYTES, SALT_BYTES);
            for (int n = 0; n < BLOCK_BYTES; n++) {
                blocks[i + n] ^= subkey[n];
            }
        }
        byte[] key = new byte[KEY_BYTES];
        try {
            // A thirtieth of a microsecond: shorter than to have a cipher object for each thread and key.
            synchronized (block) {
                int unused = block.doFinal(blocks, 0, blocks.length, key, 0);
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES is not available", e);
        }
    }

    private static byte[] doubled(byte[] block) {
        byte[] twice = new byte[BLOCK_BYTES];
        int carry = 0;
        for (int i = BLOCK_BYTES - 1; i >= 0; i--) {
            int shifted = Byte.toUnsignedInt(block[i]) << 1;
            twice[i] = (byte) (shifted | carry);
            carry = shifted >>> Byte.SIZE;
        }
        twice[BLOCK_BYTES - 1] ^= (byte) (CARRY * carry);
        return twice;
    }
}
