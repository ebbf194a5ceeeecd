package org.patronvault.tlog;

import java.util.List;

/**
 * A note that at least one known key has signed and in which no signature of a known key is wrong. Made only by
 * {@link SignedNote#verify}, so that having one is the proof. Who must have signed is still the caller's to ask.
 * Immutable, thread-safe.
 */
public final class VerifiedNote {
    private final String text;
    private final List<VerifiedSignature> signatures;

    VerifiedNote(String text, List<VerifiedSignature> signatures) {
        this.text = text;
        this.signatures = List.copyOf(signatures);
    }

    /** The text that was signed, its last newline included. */
    public String text() {
        return text;
    }

    /** The signatures of known keys, in the note's order; never empty. */
    public List<VerifiedSignature> signatures() {
        return signatures;
    }

    /** Whether this key has signed. */
    public boolean isSignedBy(VerifierKey key) {
        return signatures.stream().anyMatch(signature -> signature.key().equals(key));
    }
}
