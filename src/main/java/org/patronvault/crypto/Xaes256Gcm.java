package org.patronvault.crypto;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.XAesGcmKey;
import com.google.crypto.tink.aead.XAesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;

/**
 * XAES-256-GCM (c2sp.org/XAES-256-GCM), whose 24-byte nonce may be drawn at random for 2^80 messages under one key, so
 * nobody has to count wraps. It does not commit to its key: {@link Envelope} and {@link SealedBox} add that.
 */
final class Xaes256Gcm {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 24;
    static final int TAG_BYTES = 16;

    // 12 bytes of salt and 12 of IV make the 24-byte nonce of the C2SP text; Tink also allows shorter salts.
    private static final int SALT_BYTES = 12;

    private Xaes256Gcm() {}

    /**
     * A primitive over a Tink key set of this one key without prefix, so no key is ever found by trying. Its output is
     * {@code nonce(24) || ciphertext || tag(16)}. Thread safe.
     */
    @AccessesPartialKey
    static Aead of(byte[] key32) {
        try {
            XAesGcmKey key = XAesGcmKey.create(
                    XAesGcmParameters.create(XAesGcmParameters.Variant.NO_PREFIX, SALT_BYTES),
                    SecretBytes.copyFrom(key32, InsecureSecretKeyAccess.get()),
                    null);
            return KeysetHandle.newBuilder()
                    .addEntry(KeysetHandle.importKey(key).withRandomId().makePrimary())
                    .build()
                    .getPrimitive(AeadConfig2026.get(), Aead.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("XAES-256-GCM is not available", e);
        }
    }
}
