package org.patronvault.core.keys.ring;

import java.util.Arrays;

/**
 * The identity of one state of the ring: its revision, and the SHA-256 of the sealed ring. Key events of the log carry
 * both.
 */
public record RingRevision(long revision, byte[] digest) {
    /** Whether both are one state of the ring. */
    public boolean isSame(RingRevision other) {
        return revision == other.revision && Arrays.equals(digest, other.digest);
    }
}
