package org.patronvault.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM (NIST SP 800-38D) with an IV of 12 bytes and a tag of 16, by the platform, for keys that are used for one
 * message. It does not commit to its key. Each thread keeps the platform's cipher object, which costs more to look for
 * than to use.
 */
final class AesGcm {
    static final int IV_BYTES = 12;
    static final int TAG_BYTES = 16;

    private static final ThreadLocal<Cipher> CIPHER = ThreadLocal.withInitial(AesGcm::cipher);

    private AesGcm() {}

    /**
     * Encrypts under a key and an IV that are used together once.
     *
     * @param head what the output begins with; its last 12 bytes are the IV
     * @return {@code head || ciphertext || tag(16)}
     */
    static byte[] seal(byte[] key32, byte[] head, byte[] plaintext, byte[] aad) {
        byte[] sealed = Arrays.copyOf(head, head.length + plaintext.length + TAG_BYTES);
        try {
            Cipher cipher = keyed(Cipher.ENCRYPT_MODE, key32, head, head.length, aad);
            int unused = cipher.doFinal(plaintext, 0, plaintext.length, sealed, head.length);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    /**
     * Opens what {@link #seal} made.
     *
     * @param headBytes how long the head is, 12 or more
     * @throws AEADBadTagException if key or {@code aad} is another, or any bit from the IV on was changed
     */
    static byte[] open(byte[] key32, byte[] sealed, int headBytes, byte[] aad) throws AEADBadTagException {
        if (sealed.length < headBytes + TAG_BYTES) {
            throw new AEADBadTagException("too short");
        }
        try {
            return keyed(Cipher.DECRYPT_MODE, key32, sealed, headBytes, aad)
                    .doFinal(sealed, headBytes, sealed.length - headBytes);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    private static Cipher keyed(int mode, byte[] key32, byte[] head, int headBytes, byte[] aad)
            throws GeneralSecurityException {
        Cipher cipher = CIPHER.get();
        cipher.init(
                mode,
                new SecretKeySpec(key32, "AES"),
                new GCMParameterSpec(TAG_BYTES * Byte.SIZE, head, headBytes - IV_BYTES, IV_BYTES));
        cipher.updateAAD(aad);
        return cipher;
    }

    private static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }
}
