package org.patronvault.core.crypto;

import com.google.crypto.tink.subtle.Ed25519Sign;
import com.google.crypto.tink.subtle.Ed25519Verify;
import java.security.GeneralSecurityException;

/** An Ed25519 signing key (RFC 8032). Signatures are 64 bytes and deterministic. Thread-safe. */
public final class SigningKey {
    /** The size of a seed. */
    public static final int SEED_BYTES = 32;

    /** The size of a public key. */
    public static final int PUBLIC_KEY_BYTES = 32;

    private final Ed25519Sign signer;
    private final byte[] publicKey;

    private SigningKey(Ed25519Sign signer, byte[] publicKey) {
        this.signer = signer;
        this.publicKey = publicKey;
    }

    /** Makes the key of this seed, the 32 bytes that RFC 8032 calls the private key. */
    public static SigningKey ofSeed(byte[] seed32) {
        SecureBytes.requireSize("Ed25519 seed", seed32, SEED_BYTES);
        try {
            return new SigningKey(
                    new Ed25519Sign(seed32),
                    Ed25519Sign.KeyPair.newKeyPairFromSeed(seed32).getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 is not available", e);
        }
    }

    /**
     * Loads the classes for signing, which takes much longer than to sign; for a caller that waits for something else.
     */
    public static void prepare() {
        byte[] unused = ofSeed(new byte[SEED_BYTES]).sign(new byte[0]);
    }

    /** Returns the signature of {@code message}, 64 bytes. */
    public byte[] sign(byte[] message) {
        try {
            return signer.sign(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing failed", e);
        }
    }

    /** Returns a copy of the public key, 32 bytes. */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /**
     * Whether {@code signature} is one of {@code message} under {@code publicKey}. Anything malformed, a key of the
     * wrong length too, is {@code false}.
     */
    public static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        if (publicKey.length != PUBLIC_KEY_BYTES) {
            return false;
        }
        try {
            new Ed25519Verify(publicKey).verify(signature, message);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
