package org.patronvault.crypto;

import java.util.Objects;

/**
 * What an envelope is bound to: it opens here and nowhere else, and not after a newer generation has taken its place.
 *
 * @param vaultId which vault
 * @param field name of the field and of its KEK, for example {@code phone}
 * @param patronId whose it is
 * @param generation which write of this field it is, 0 or more; generations never restart
 * @param bound further canonical bytes the payload is bound to, empty for every field but {@code meta}
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out; contexts are not compared
public record EnvelopeContext(String vaultId, String field, String patronId, long generation, byte[] bound) {
    /** The only suite of version 1: AES-256-GCM payload, HMAC-SHA-256 commitment, XAES-256-GCM wrap. */
    static final int SUITE = 1;

    /** Takes a copy of {@code bound}. */
    public EnvelopeContext {
        requireText("vault id", vaultId);
        requireText("field", field);
        requireText("patron id", patronId);
        if (generation < 0) {
            throw new IllegalArgumentException("generation must be 0 or more, was " + generation);
        }
        bound = bound.clone();
    }

    /** With nothing further bound. */
    public EnvelopeContext(String vaultId, String field, String patronId, long generation) {
        this(vaultId, field, patronId, generation, new byte[0]);
    }

    /** A copy. */
    @Override
    public byte[] bound() {
        return bound.clone();
    }

    /** P: what the payload and the commitment are bound to. Holds no KEK version, so a rewrap leaves it as it is. */
    byte[] payloadBinding() {
        return identity("pv1.payload").raw(bound).bytes();
    }

    /** W: what the wrap is bound to. */
    byte[] wrapBinding(int kekVersion) {
        return identity("pv1.wrap").u32(kekVersion).bytes();
    }

    private CanonicalBytes identity(String domainTag) {
        return CanonicalBytes.begin(domainTag)
                .lp(vaultId)
                .lp(field)
                .lp(patronId)
                .u64(generation)
                .u8(SUITE);
    }

    private static void requireText(String what, String text) {
        if (Objects.requireNonNull(text, what).isEmpty()) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
    }

    /** Field and generation only: whose it is belongs in no log line. */
    @Override
    public String toString() {
        return "EnvelopeContext[field=" + field + ", generation=" + generation + "]";
    }
}
