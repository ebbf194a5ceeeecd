package org.patronvault.core.tlog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The bytes of a {@code cosignature/v1}: u64 seconds since 1970 and an Ed25519 signature (C2SP tlog-cosignature). */
final class Cosignature {
    static final int SIZE_BYTES = Long.BYTES + Ed25519.SIGNATURE_BYTES;

    private Cosignature() {}

    /** Returns the message that the witness signs: two lines of its own before the whole text of the checkpoint. */
    static byte[] message(String checkpointText, long seconds) {
        return ("cosignature/v1\ntime " + seconds + "\n" + checkpointText).getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the time in a cosignature; below 0 if it is above the 2^63-1 the format allows. */
    static long seconds(byte[] cosignature) {
        return ByteBuffer.wrap(cosignature).getLong();
    }

    static byte[] encode(long seconds, byte[] signature) {
        return ByteBuffer.allocate(SIZE_BYTES).putLong(seconds).put(signature).array();
    }
}
