package org.patronvault.crypto;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.daead.AesSivKey;
import com.google.crypto.tink.daead.AesSivParameters;
import com.google.crypto.tink.subtle.AesSiv;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;
import org.patronvault.model.IntegrityException;

/**
 * AES-SIV (RFC 5297) under a 64-byte key: deterministic, so the same plaintext under the same AAD gives the same bytes.
 * Only for what is random by itself or has an AAD of its own, as a posting of the index has its label. Output is {@code
 * SIV(16) || ciphertext}. Thread safe.
 */
public final class SivBox {
    /** The size of a key. */
    public static final int KEY_BYTES = 64;

    /** What sealing adds to the plaintext, in bytes. */
    public static final int OVERHEAD_BYTES = 16;

    private final DeterministicAead siv;

    private SivBox(DeterministicAead siv) {
        this.siv = siv;
    }

    /** The box with these 64 bytes of key. */
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

    /** Seals {@code plaintext} bound to {@code aad}. */
    public byte[] seal(byte[] plaintext, byte[] aad) {
        try {
            return siv.encryptDeterministically(plaintext, aad);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    /**
     * Opens what {@link #seal} made.
     *
     * @throws IntegrityException if key or {@code aad} is another, or any bit was changed
     */
    public byte[] open(byte[] stored, byte[] aad) {
        try {
            return siv.decryptDeterministically(stored, aad);
        } catch (GeneralSecurityException e) {
            throw new IntegrityException("siv box", e);
        }
    }
}
