package org.patronvault.core.crypto;

/**
 * One version of one field's key-encryption key (KEK), ready for use. It wraps DEKs and nothing else, by XAES-256-GCM.
 * Thread-safe.
 */
public final class Kek {
    private final int version;
    private final Xaes256Gcm wraps;

    private Kek(int version, Xaes256Gcm wraps) {
        this.version = version;
        this.wraps = wraps;
    }

    /**
     * Makes the KEK with these 32 bytes.
     *
     * @param version 1 or more; written beside every value it wraps, and never used again for another key
     */
    public static Kek of(int version, byte[] key32) {
        if (version < 1) {
            throw new IllegalArgumentException("KEK version must be 1 or more, was " + version);
        }
        return new Kek(version, Xaes256Gcm.of(SecureBytes.requireSize("KEK", key32, Xaes256Gcm.KEY_BYTES)));
    }

    /** Returns the version, 1 or more. */
    public int version() {
        return version;
    }

    Xaes256Gcm wraps() {
        return wraps;
    }

    /** Returns the version only. */
    @Override
    public String toString() {
        return "Kek[version=" + version + "]";
    }
}
