package org.patronvault.core.crypto;

import java.util.Objects;

/**
 * The place that an envelope is bound to: it opens only there, and not after a newer generation has replaced it.
 *
 * @param vaultId the vault
 * @param field name of the field and of its KEK, for example {@code phone}
 * @param patronId the patron
 * @param generation the number of this write of the field, 0 or more; generations never restart
 * @param bound further canonical AAD of the payload, empty for every field but {@code meta}
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

    /** Makes a context without further AAD. */
    public EnvelopeContext(String vaultId, String field, String patronId, long generation) {
        this(vaultId, field, patronId, generation, new byte[0]);
    }

    /** Returns a copy. */
    @Override
    public byte[] bound() {
        return bound.clone();
    }

    /** Returns P, the AAD of the payload and the commitment. It has no KEK version, so a rewrap does not change it. */
    byte[] payloadBinding() {
        return identity("pv1.payload").raw(bound).bytes();
    }

    /** Returns W, the AAD of the wrap. */
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

    /** Returns field and generation only: the patron belongs in no log line. */
    @Override
    public String toString() {
        return "EnvelopeContext[field=" + field + ", generation=" + generation + "]";
    }
}
