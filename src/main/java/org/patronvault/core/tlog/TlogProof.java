package org.patronvault.core.tlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A file that proves offline that an entry is in the log (C2SP tlog-proof, {@code *.tlog-proof}). It has the entry's
 * index, its inclusion path and a signed checkpoint. A parsed file proves nothing yet; {@link #verify} does. Parsing
 * and writing are exact inverses. Immutable, thread-safe.
 */
public final class TlogProof {
    private static final int MAX_BYTES = SignedNote.MAX_BYTES + 128 * 1024;
    private static final int MAX_PATH = 63;
    private static final String FORMAT = "tlog-proof";
    private static final String HEADER = "c2sp.org/tlog-proof@v1";
    private static final String EXTRA = "extra ";
    private static final String INDEX = "index ";

    private final byte[] extra;
    private final long index;
    private final List<byte[]> path;
    private final SignedNote checkpoint;

    /**
     * Creates a proof to be written.
     *
     * @param extra opaque bytes that no signature covers; empty for none
     * @param path the result of {@link Proofs#inclusion} for this index and the size of the checkpoint
     * @throws IllegalArgumentException if the index is negative, the path longer than 63 or one of its hashes not 32
     *     bytes, or the extra bytes above the limit of a reader
     */
    public TlogProof(byte[] extra, long index, List<byte[]> path, SignedNote checkpoint) {
        if (index < 0) {
            throw new IllegalArgumentException("index must not be negative");
        }
        if (path.size() > MAX_PATH) {
            throw new IllegalArgumentException("path must have at most 63 hashes, had " + path.size());
        }
        this.extra = extra.clone();
        this.index = index;
        this.path = copy(path);
        this.checkpoint = checkpoint;
        try {
            StrictText.check(toText(), MAX_BYTES, FORMAT);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Parses a proof file.
     *
     * @throws MalformedException if it is anything but the {@link #toText} of some proof
     */
    public static TlogProof parse(byte[] utf8) throws MalformedException {
        return split(StrictText.decode(utf8, MAX_BYTES, FORMAT));
    }

    /** As {@link #parse(byte[])}, from a string. */
    public static TlogProof parse(String file) throws MalformedException {
        return split(StrictText.check(file, MAX_BYTES, FORMAT));
    }

    private static TlogProof split(String file) throws MalformedException {
        int blank = file.indexOf("\n\n");
        if (blank < 0) {
            throw new MalformedException("tlog-proof: no blank line before the checkpoint");
        }
        List<String> lines = List.of(file.substring(0, blank).split("\n", -1));
        if (!lines.get(0).equals(HEADER)) {
            throw new MalformedException("tlog-proof: first line is not " + HEADER);
        }
        int next = 1;
        byte[] extra = {};
        if (next < lines.size() && lines.get(next).startsWith(EXTRA)) {
            extra = StrictText.base64(lines.get(next++).substring(EXTRA.length()), "tlog-proof extra");
            if (extra.length == 0) {
                throw new MalformedException("tlog-proof: extra line without content");
            }
        }
        if (next == lines.size() || !lines.get(next).startsWith(INDEX)) {
            throw new MalformedException("tlog-proof: no index line");
        }
        long index = StrictText.decimal(lines.get(next++).substring(INDEX.length()), "tlog-proof index");
        if (lines.size() - next > MAX_PATH) {
            throw new MalformedException("tlog-proof: path must have at most 63 hashes");
        }
        List<byte[]> path = new ArrayList<>();
        for (String line : lines.subList(next, lines.size())) {
            path.add(StrictText.hash(line, "tlog-proof path"));
        }
        return new TlogProof(extra, index, path, SignedNote.parse(file.substring(blank + 2)));
    }

    /**
     * Checks everything: signatures, origin, path.
     *
     * @param leafHash the hash of the leaf the verifier already knows by other means
     * @param origin the log it must be in
     * @param logKeys the keys known for that log, one of which must have signed
     * @param witnessKeys further known keys, whose signatures must be right if present; may be empty
     * @return the checkpoint that the leaf is proved to be under
     * @throws MalformedException if the note is not a checkpoint
     * @throws UnverifiedException if a signature, the origin or the path is wrong
     */
    public Checkpoint verify(
            byte[] leafHash, String origin, Collection<VerifierKey> logKeys, Collection<VerifierKey> witnessKeys)
            throws MalformedException, UnverifiedException {
        List<VerifierKey> known = new ArrayList<>(logKeys);
        known.addAll(witnessKeys);
        Checkpoint opened = Checkpoint.open(checkpoint.verify(known), origin, logKeys);
        if (!Proofs.verifyInclusion(leafHash, index, opened.size(), path, opened.root())) {
            throw new UnverifiedException("tlog-proof: the path does not lead from the leaf to the root");
        }
        return opened;
    }

    /** Bytes that no signature covers; empty if there are none. */
    public byte[] extra() {
        return extra.clone();
    }

    /** Index of the entry, from 0. */
    public long index() {
        return index;
    }

    /** The inclusion path from the leaf's sibling up; copies. */
    public List<byte[]> path() {
        return copy(path);
    }

    /** The signed checkpoint, not verified. */
    public SignedNote checkpoint() {
        return checkpoint;
    }

    /** The file's text, in UTF-8. */
    public String toText() {
        StringBuilder file = new StringBuilder(HEADER).append('\n');
        if (extra.length > 0) {
            file.append(EXTRA).append(StrictText.base64(extra)).append('\n');
        }
        file.append(INDEX).append(index).append('\n');
        path.forEach(hash -> file.append(StrictText.base64(hash)).append('\n'));
        return file.append('\n').append(checkpoint.toText()).toString();
    }

    private static List<byte[]> copy(List<byte[]> hashes) {
        return hashes.stream().map(hash -> MerkleHash.requireHash(hash).clone()).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TlogProof that && toText().equals(that.toText());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extra) * 31 + Long.hashCode(index);
    }
}
