package org.patronvault.core.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.patronvault.core.model.IntegrityException;

/**
 * The stored form of one value, parsed but not yet trusted: parsing does not authenticate it.
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

    /** The bytes that an envelope adds to the padded value. */
    public static final int OVERHEAD_BYTES = PAYLOAD_AT + PAYLOAD_OVERHEAD_BYTES;

    private final int kekVersion;
    private final byte[] bytes;

    private Envelope(int kekVersion, byte[] bytes) {
        this.kekVersion = kekVersion;
        this.bytes = bytes;
    }

    /**
     * Parses stored bytes without copying them.
     *
     * @throws IntegrityException if the version byte is not 1, the KEK version is 0 or above 2^31 - 1, or no envelope
     *     has that length
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

    /** Makes an envelope of parts with the right lengths. */
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

    /** Returns the version of the KEK that opens it, 1 or more. */
    public int kekVersion() {
        return kekVersion;
    }

    /** Returns a copy of the stored bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Returns the length of the padded value, in bytes. */
    int paddedSizeBytes() {
        return bytes.length - OVERHEAD_BYTES;
    }

    byte[] wrap() {
        return Arrays.copyOfRange(bytes, WRAP_AT, COMMITMENT_AT);
    }

    byte[] commitment() {
        return Arrays.copyOfRange(bytes, COMMITMENT_AT, PAYLOAD_AT);
    }

    /** Returns commitment and payload, which a rewrap does not change. */
    ByteBuffer kept() {
        return ByteBuffer.wrap(bytes, COMMITMENT_AT, bytes.length - COMMITMENT_AT);
    }

    byte[] payload() {
        return Arrays.copyOfRange(bytes, PAYLOAD_AT, bytes.length);
    }

    /** Returns KEK version and length only. */
    @Override
    public String toString() {
        return "Envelope[kekVersion=" + kekVersion + ", " + bytes.length + " bytes]";
    }
}
