package org.patronvault.core.tlog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A text with signatures (C2SP signed-note), parsed but not verified. Only {@link #verify} makes it trustworthy.
 * Parsing and writing are exact inverses. Immutable, thread-safe.
 */
public final class SignedNote {
    /** The size of the longest note that is read or made; 64 post-quantum signatures of other parties fit. */
    public static final int MAX_BYTES = 512 * 1024;

    /** The most signatures a note may have; the format asks for at least 16. */
    public static final int MAX_SIGNATURES = 64;

    private static final String FORMAT = "note";

    private final String text;
    private final List<NoteSignature> signatures;

    private SignedNote(String text, List<NoteSignature> signatures) {
        this.text = text;
        this.signatures = List.copyOf(signatures);
    }

    /**
     * Reads a note.
     *
     * @throws MalformedException if it is too long, not UTF-8, has control characters, is not text, blank line and 1 to
     *     64 signature lines, or does not end with a newline
     */
    public static SignedNote parse(byte[] utf8) throws MalformedException {
        return split(StrictText.decode(utf8, MAX_BYTES, FORMAT));
    }

    /** As {@link #parse(byte[])}, from a string. */
    public static SignedNote parse(String note) throws MalformedException {
        return split(StrictText.check(note, MAX_BYTES, FORMAT));
    }

    private static SignedNote split(String note) throws MalformedException {
        int blank = note.lastIndexOf("\n\n");
        if (blank < 0) {
            throw new MalformedException("note: no blank line before the signatures");
        }
        if (!note.endsWith("\n") || blank + 2 == note.length()) {
            throw new MalformedException("note: does not end with a signature line and a newline");
        }
        String[] lines = note.substring(blank + 2, note.length() - 1).split("\n", MAX_SIGNATURES + 1);
        if (lines.length > MAX_SIGNATURES) {
            throw new MalformedException("note: must have at most 64 signatures");
        }
        List<NoteSignature> signatures = new ArrayList<>(lines.length);
        for (String line : lines) {
            signatures.add(NoteSignature.parse(line));
        }
        return new SignedNote(note.substring(0, blank + 1), signatures);
    }

    /**
     * Makes a note with one signature.
     *
     * @param text ends with a newline and has no other control characters
     * @throws IllegalArgumentException if the text is not fit for a note, or the key not of type ED25519
     * @throws IllegalStateException if the signer's answer does not verify under {@code key}
     */
    public static SignedNote sign(String text, VerifierKey key, NoteSigner signer) {
        return checked(text, List.of(NoteSignature.sign(text, key, signer)));
    }

    /**
     * Returns this note with one more signature, for example a witness's.
     *
     * @throws IllegalArgumentException if the note would have more than 64 signatures or become too long
     */
    public SignedNote with(NoteSignature signature) {
        List<NoteSignature> more = new ArrayList<>(signatures);
        more.add(signature);
        return checked(text, more);
    }

    /**
     * Returns this note with only the signatures that are named after those keys, right or wrong, each once.
     *
     * @throws IllegalArgumentException if there is none
     */
    public SignedNote signedOnlyBy(Collection<VerifierKey> keys) {
        return checked(
                text,
                signatures.stream()
                        .filter(signature -> keys.stream().anyMatch(key -> key.isNamedBy(signature)))
                        .distinct()
                        .toList());
    }

    /** Whether it has a right signature by that key. */
    public boolean isSignedBy(VerifierKey key) {
        return signatures.stream().anyMatch(signature -> key.isNamedBy(signature) && key.verifies(text, signature));
    }

    /** Parses the note to be written, so that nothing is ever signed that others cannot read. */
    private static SignedNote checked(String text, List<NoteSignature> signatures) {
        try {
            SignedNote read = parse(new SignedNote(text, signatures).toText());
            if (read.text.equals(text)) {
                return read;
            }
        } catch (MalformedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        throw new IllegalArgumentException("note text must end with a newline");
    }

    /**
     * Checks the signatures of the keys in {@code known} and ignores all others.
     *
     * @return the verified note: the text and its signers
     * @throws UnverifiedException if no known key has signed, or if a signature named after a known key is wrong, even
     *     if others are right
     * @throws IllegalArgumentException if two different known keys have the same name and id
     */
    public VerifiedNote verify(Collection<VerifierKey> known) throws UnverifiedException {
        List<VerifiedSignature> verified = new ArrayList<>();
        for (NoteSignature signature : signatures) {
            List<VerifierKey> keys = known.stream()
                    .distinct()
                    .filter(key -> key.isNamedBy(signature))
                    .toList();
            if (keys.size() > 1) {
                throw new IllegalArgumentException("two known keys have the same name and id");
            }
            for (VerifierKey key : keys) {
                if (!key.verifies(text, signature)) {
                    throw new UnverifiedException("note: a signature by a known key is wrong");
                }
                verified.add(new VerifiedSignature(key, key.seconds(signature)));
            }
        }
        if (verified.isEmpty()) {
            throw new UnverifiedException("note: no signature by a known key");
        }
        return new VerifiedNote(text, verified);
    }

    /** Returns the signed text, including its last newline. Not verified yet. */
    public String text() {
        return text;
    }

    /** The signatures in their order. */
    public List<NoteSignature> signatures() {
        return signatures;
    }

    /** The whole note, as it is stored and sent, in UTF-8. */
    public String toText() {
        StringBuilder note = new StringBuilder(text).append('\n');
        for (NoteSignature signature : signatures) {
            note.append(signature.toLine()).append('\n');
        }
        return note.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignedNote that && toText().equals(that.toText());
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
