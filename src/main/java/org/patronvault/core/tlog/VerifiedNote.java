package org.patronvault.core.tlog;

import java.util.List;

/**
 * A note that at least one known key has signed, with no wrong signature of a known key. Made only by
 * {@link SignedNote#verify}, so an instance is the proof. The caller still checks which key must have signed.
 * Immutable, thread-safe.
 */
public final class VerifiedNote {
    private final String text;
    private final List<VerifiedSignature> signatures;

    VerifiedNote(String text, List<VerifiedSignature> signatures) {
        this.text = text;
        this.signatures = List.copyOf(signatures);
    }

    /** Returns the signed text, including its last newline. */
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
