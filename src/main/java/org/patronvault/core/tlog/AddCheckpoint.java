package org.patronvault.core.tlog;

import java.util.ArrayList;
import java.util.List;

/**
 * A request from a log to a witness: a signed checkpoint, and the proof that it extends the size the witness signed
 * last (C2SP tlog-witness, "add-checkpoint"). A parsed request is not verified. Parsing and writing are exact inverses.
 * Immutable, thread-safe.
 */
public final class AddCheckpoint {
    /** The size of the largest request that a reader accepts: a note of its largest size, and the proof before it. */
    public static final int MAX_BYTES = SignedNote.MAX_BYTES + 4 * 1024;

    private static final int MAX_PROOF = 63;
    private static final String FORMAT = "add-checkpoint";
    private static final String OLD = "old ";

    private final long oldSize;
    private final List<byte[]> proof;
    private final SignedNote note;
    private final Checkpoint checkpoint;

    private AddCheckpoint(long oldSize, List<byte[]> proof, SignedNote note) throws MalformedException {
        this.oldSize = oldSize;
        this.proof = List.copyOf(proof);
        this.note = note;
        this.checkpoint = Checkpoint.parse(note.text());
    }

    /**
     * Creates a request to be sent.
     *
     * @param proof the result of {@link Proofs#consistency} from {@code oldSize} to the size of the checkpoint
     * @throws IllegalArgumentException if a size is negative, the proof longer than 63 hashes, one of them not 32
     *     bytes, or the note no checkpoint
     */
    public static AddCheckpoint of(long oldSize, List<byte[]> proof, SignedNote note) {
        if (oldSize < 0 || proof.size() > MAX_PROOF) {
            throw new IllegalArgumentException("old size must not be negative, the proof have at most 63 hashes");
        }
        try {
            List<byte[]> copy = proof.stream()
                    .map(hash -> MerkleHash.requireHash(hash).clone())
                    .toList();
            return new AddCheckpoint(oldSize, copy, note);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Parses a request.
     *
     * @throws MalformedException if it is anything but the {@link #toText} of some request
     */
    public static AddCheckpoint parse(byte[] utf8) throws MalformedException {
        String text = StrictText.decode(utf8, MAX_BYTES, FORMAT);
        int blank = text.indexOf("\n\n");
        if (blank < 0) {
            throw new MalformedException("add-checkpoint: no empty line before the checkpoint");
        }
        String[] lines = text.substring(0, blank).split("\n", MAX_PROOF + 2);
        if (!lines[0].startsWith(OLD)) {
            throw new MalformedException("add-checkpoint: does not begin with the old size");
        }
        if (lines.length > MAX_PROOF + 1) {
            throw new MalformedException("add-checkpoint: must have at most 63 hashes");
        }
        long oldSize = StrictText.decimal(lines[0].substring(OLD.length()), "add-checkpoint old size");
        List<byte[]> proof = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            proof.add(StrictText.hash(lines[i], "add-checkpoint proof"));
        }
        return new AddCheckpoint(oldSize, proof, SignedNote.parse(text.substring(blank + 2)));
    }

    /** Returns the size that the log believes the witness signed last; 0 for none. */
    public long oldSize() {
        return oldSize;
    }

    /** Returns copies of the consistency proof's hashes. */
    public List<byte[]> proof() {
        return proof.stream().map(byte[]::clone).toList();
    }

    public SignedNote note() {
        return note;
    }

    /** Returns the checkpoint in the note. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Returns the request body. */
    public String toText() {
        StringBuilder text = new StringBuilder(OLD).append(oldSize).append('\n');
        proof.forEach(hash -> text.append(StrictText.base64(hash)).append('\n'));
        return text.append('\n').append(note.toText()).toString();
    }
}
