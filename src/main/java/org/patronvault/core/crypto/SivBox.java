package org.patronvault.core.crypto;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.daead.AesSivKey;
import com.google.crypto.tink.daead.AesSivParameters;
import com.google.crypto.tink.subtle.AesSiv;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;
import org.patronvault.core.model.IntegrityException;

/**
 * AES-SIV (RFC 5297) under a 64-byte key. It is deterministic: equal plaintext and AAD give equal bytes. It is only for
 * random values, or values with an AAD of their own, as an index posting has its label. Output is
 * {@code SIV(16) || ciphertext}. Thread-safe.
 */
public final class SivBox {
    /** The size of a key. */
    public static final int KEY_BYTES = 64;

    /** The bytes that encryption adds to the plaintext. */
    public static final int OVERHEAD_BYTES = 16;

    private final DeterministicAead siv;

    private SivBox(DeterministicAead siv) {
        this.siv = siv;
    }

    /** Makes the box with these 64 bytes of key. */
    @AccessesPartialKey
    public static SivBox of(byte[] key64) {
        SecureBytes.requireSize("AES-SIV key", key64, KEY_BYTES);
        try {
            AesSivParameters parameters = AesSivParameters.builder()
                    .setKeySizeBytes(KEY_BYTES)
                    .setVariant(AesSivParameters.Variant.NO_PREFIX)
                    .build();
            AesSivKey key = AesSivKey.builder()
                    .setParameters(parameters)
                    .setKeyBytes(SecretBytes.copyFrom(key64, InsecureSecretKeyAccess.get()))
                    .build();
            return new SivBox(AesSiv.create(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-SIV is not available", e);
        }
    }

    /** Encrypts {@code plaintext} bound to {@code aad}. */
    public byte[] seal(byte[] plaintext, byte[] aad) {
        try {
            return siv.encryptDeterministically(plaintext, aad);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    /**
     * Decrypts a result of {@link #seal}.
     *
     * @throws IntegrityException if key or {@code aad} is wrong, or any bit was changed
     */
    public byte[] open(byte[] stored, byte[] aad) {
        try {
            return siv.decryptDeterministically(stored, aad);
        } catch (GeneralSecurityException e) {
            throw new IntegrityException("siv box", e);
        }
    }
}
