package org.patronvault.core.tlog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * A statement of a log's name, number of leaves and root hash, made to be signed (C2SP tlog-checkpoint). Written as the
 * text of a {@link SignedNote}. Immutable, thread-safe.
 *
 * <p>{@link #parse} only reads; a trustworthy checkpoint comes from {@link #open}.
 */
public final class Checkpoint {
    private static final int MAX_BYTES = 16 * 1024;
    private static final String FORMAT = "checkpoint";

    private final String origin;
    private final long size;
    private final byte[] root;
    private final List<String> extensions;

    /**
     * Creates a checkpoint without extension lines, which C2SP advises against.
     *
     * @throws IllegalArgumentException if the origin is empty or not a single line, the size negative or the root not
     *     32 bytes
     */
    public Checkpoint(String origin, long size, byte[] root) {
        this(origin, size, root, List.of());
    }

    /**
     * A checkpoint with extension lines.
     *
     * @throws IllegalArgumentException as above, or if an extension line is empty or not a single line
     */
    public Checkpoint(String origin, long size, byte[] root, List<String> extensions) {
        this.origin = requireLine(origin);
        this.size = size;
        this.root = MerkleHash.requireHash(root).clone();
        this.extensions = List.copyOf(extensions);
        this.extensions.forEach(Checkpoint::requireLine);
        if (size < 0) {
            throw new IllegalArgumentException("size must not be negative");
        }
        try {
            StrictText.check(toNoteText(), MAX_BYTES, FORMAT);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Reads the text of a note.
     *
     * @throws MalformedException unless it is origin, size without leading zeros, root of 32 bytes and optional further
     *     lines, none empty and each ended by a newline
     */
    public static Checkpoint parse(String noteText) throws MalformedException {
        StrictText.check(noteText, MAX_BYTES, FORMAT);
        if (!noteText.endsWith("\n")) {
            throw new MalformedException("checkpoint: does not end with a newline");
        }
        List<String> lines =
                List.of(noteText.substring(0, noteText.length() - 1).split("\n", -1));
        if (lines.size() < 3) {
            throw new MalformedException("checkpoint: must have origin, size and root");
        }
        if (lines.contains("")) {
            throw new MalformedException("checkpoint: empty line");
        }
        return new Checkpoint(
                lines.get(0),
                StrictText.decimal(lines.get(1), "checkpoint size"),
                StrictText.hash(lines.get(2), "checkpoint root"),
                lines.subList(3, lines.size()));
    }

    /**
     * Returns the checkpoint in a verified note, if it is of the log {@code origin} and one of the log's own keys has
     * signed it. Witnesses alone do not make a checkpoint.
     *
     * @param logKeys the keys known for this log, all of type ED25519; more than one around a change of keys
     * @throws MalformedException if the note's text is not a checkpoint
     * @throws UnverifiedException if it is of another log, or signed by none of {@code logKeys}
     */
    public static Checkpoint open(VerifiedNote note, String origin, Collection<VerifierKey> logKeys)
            throws MalformedException, UnverifiedException {
        Checkpoint checkpoint = parse(note.text());
        if (!checkpoint.origin.equals(origin)) {
            throw new UnverifiedException("checkpoint: of another log");
        }
        if (logKeys.stream().noneMatch(key -> key.type() == SignatureType.ED25519 && note.isSignedBy(key))) {
            throw new UnverifiedException("checkpoint: not signed by a key of the log");
        }
        return checkpoint;
    }

    /** SHA-256 of an origin in lower-case hexadecimal, by which witnesses name a log (C2SP tlog-witness). */
    public static String originHash(String origin) {
        return HexFormat.of().formatHex(MerkleHash.sha256().digest(origin.getBytes(StandardCharsets.UTF_8)));
    }

    /** The log's name. */
    public String origin() {
        return origin;
    }

    /** Number of leaves. */
    public long size() {
        return size;
    }

    /** Root hash of the tree of that size; a copy. */
    public byte[] root() {
        return root.clone();
    }

    /** Returns further lines, which have no meaning here. */
    public List<String> extensions() {
        return extensions;
    }

    /** The text to sign, its last newline included. */
    public String toNoteText() {
        StringBuilder text = new StringBuilder(origin)
                .append('\n')
                .append(size)
                .append('\n')
                .append(StrictText.base64(root))
                .append('\n');
        extensions.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private static String requireLine(String line) {
        if (line.isEmpty() || line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("origin and extensions must be single lines, not empty");
        }
        return line;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoint that
                && origin.equals(that.origin)
                && size == that.size
                && Arrays.equals(root, that.root)
                && extensions.equals(that.extensions);
    }

    @Override
    public int hashCode() {
        return Objects.hash(origin, size, Arrays.hashCode(root), extensions);
    }

    @Override
    public String toString() {
        return toNoteText();
    }
}
