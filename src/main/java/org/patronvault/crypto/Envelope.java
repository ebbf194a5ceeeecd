package org.patronvault.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.patronvault.model.IntegrityException;

/**
 * The stored form of one value, taken apart but not yet trusted: that it parses says nothing about who made it.
 *
 * <pre>
 * u8  version = 1
 * u32 KEK version, 1 to 2^31 - 1
 * 72  wrap: nonce(24) || encrypted DEK(32) || tag(16)
 * 32  commitment
 * n   payload: nonce(12) || ciphertext || tag(16)
 * </pre>
 */
public final class Envelope {
    static final int VERSION = 1;
    static final int WRAP_BYTES = Xaes256Gcm.NONCE_BYTES + Dek.SIZE_BYTES + Xaes256Gcm.TAG_BYTES;
    static final int COMMITMENT_BYTES = 32;
    static final int PAYLOAD_OVERHEAD_BYTES = 12 + 16;

    private static final int WRAP_AT = 1 + 4;
    private static final int COMMITMENT_AT = WRAP_AT + WRAP_BYTES;
    private static final int PAYLOAD_AT = COMMITMENT_AT + COMMITMENT_BYTES;

    /** What an envelope adds to the padded value, in bytes. */
    public static final int OVERHEAD_BYTES = PAYLOAD_AT + PAYLOAD_OVERHEAD_BYTES;

    private final int kekVersion;
    private final byte[] bytes;

    private Envelope(int kekVersion, byte[] bytes) {
        this.kekVersion = kekVersion;
        this.bytes = bytes;
    }

    /**
     * Takes stored bytes apart; they are not copied.
     *
     * @throws IntegrityException if the version byte is not 1, the KEK version is 0 or above 2^31 - 1, or the length
     *     is that of no envelope
     */
    public static Envelope parse(byte[] stored) {
        if (stored.length == 0 || stored[0] != VERSION) {
            throw new IntegrityException("envelope: version byte");
        }
        int paddedSize = stored.length - OVERHEAD_BYTES;
        if (paddedSize < Padding.MIN_CLASS_BYTES || paddedSize > Padding.MAX_CLASS_BYTES) {
            throw new IntegrityException("envelope: length");
        }
        long kekVersion = Integer.toUnsignedLong(ByteBuffer.wrap(stored).getInt(1));
        if (kekVersion < 1 || kekVersion > Integer.MAX_VALUE) {
            throw new IntegrityException("envelope: KEK version");
        }
        return new Envelope((int) kekVersion, stored);
    }

    /** Lays out parts of the right lengths. */
    static Envelope of(int kekVersion, byte[] wrap, byte[] commitment, byte[] payload) {
        return new Envelope(
                kekVersion,
                CanonicalBytes.plain()
                        .u8(VERSION)
                        .u32(kekVersion)
                        .raw(SecureBytes.requireSize("wrap", wrap, WRAP_BYTES))
                        .raw(SecureBytes.requireSize("commitment", commitment, COMMITMENT_BYTES))
                        .raw(payload)
                        .bytes());
    }

    /** The version of the KEK that opens it, 1 or more. */
    public int kekVersion() {
        return kekVersion;
    }

    /** The stored bytes, a copy. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** How long the padded value is, in bytes. */
    int paddedSizeBytes() {
        return bytes.length - OVERHEAD_BYTES;
    }

    byte[] wrap() {
        return Arrays.copyOfRange(bytes, WRAP_AT, COMMITMENT_AT);
    }

    byte[] commitment() {
        return Arrays.copyOfRange(bytes, COMMITMENT_AT, PAYLOAD_AT);
    }

    /** Commitment and payload: what a rewrap leaves as it is. */
    ByteBuffer kept() {
        return ByteBuffer.wrap(bytes, COMMITMENT_AT, bytes.length - COMMITMENT_AT);
    }

    byte[] payload() {
        return Arrays.copyOfRange(bytes, PAYLOAD_AT, bytes.length);
    }

    /** KEK version and length only. */
    @Override
    public String toString() {
        return "Envelope[kekVersion=" + kekVersion + ", " + bytes.length + " bytes]";
    }
}
