package org.patronvault.core.tlog;

import java.nio.ByteBuffer;

/**
 * The right edge of a Merkle tree: enough to append leaves and to compute the root. It holds the hashes of the perfect
 * subtrees, one for each 1 bit of its size (RFC 9162, section 2.1.2 keeps the same on a stack). Never more than 63
 * hashes. Appending costs two hashes on average.
 *
 * <p>Mutable and not thread-safe: one thread appends and hands {@linkplain #copy() copies} to others.
 */
public final class Frontier {
    private static final int LEVELS = 63;

    /** A receiver of each perfect subtree as it becomes whole, from the leaf up. */
    @FunctionalInterface
    public interface Grown {
        /**
         * Takes a subtree that has become whole.
         *
         * @param level 0 for a leaf; the subtree has 2^level leaves
         * @param position the number of subtrees of that level to the left of it
         * @param hash of it, 32 bytes, not to be written to
         */
        void subtree(int level, long position, byte[] hash);
    }

    private final byte[][] subtrees;
    private long size;

    private Frontier(byte[][] subtrees, long size) {
        this.subtrees = subtrees;
        this.size = size;
    }

    /** The tree without leaves. */
    public static Frontier empty() {
        return new Frontier(new byte[LEVELS][], 0);
    }

    /**
     * The frontier of the first {@code size} leaves of a stored tree.
     *
     * @throws IllegalArgumentException if {@code size} is negative
     */
    public static Frontier at(long size, HashReader reader) {
        if (size < 0) {
            throw new IllegalArgumentException("size must not be negative");
        }
        Frontier frontier = new Frontier(new byte[LEVELS][], size);
        for (int level = 0; level < LEVELS; level++) {
            if (frontier.has(level)) {
                frontier.subtrees[level] = MerkleHash.requireHash(reader.hash(level, (size >>> level) - 1))
                        .clone();
            }
        }
        return frontier;
    }

    /**
     * Decodes the bytes of {@link #encode()}.
     *
     * @throws MalformedException unless the bytes are a size of 0 to 2^63-1 and exactly one hash for each of its 1 bits
     */
    public static Frontier decode(byte[] encoded) throws MalformedException {
        if (encoded.length < Long.BYTES) {
            throw new MalformedException("frontier: shorter than its size");
        }
        ByteBuffer in = ByteBuffer.wrap(encoded);
        Frontier frontier = new Frontier(new byte[LEVELS][], in.getLong());
        if (frontier.size < 0) {
            throw new MalformedException("frontier: size above 2^63-1");
        }
        if (in.remaining() != Long.bitCount(frontier.size) * MerkleHash.SIZE_BYTES) {
            throw new MalformedException("frontier: number of hashes does not follow from its size");
        }
        for (int level = LEVELS - 1; level >= 0; level--) {
            if (frontier.has(level)) {
                frontier.subtrees[level] = new byte[MerkleHash.SIZE_BYTES];
                in.get(frontier.subtrees[level]);
            }
        }
        return frontier;
    }

    /**
     * Adds the next leaf by its {@linkplain MerkleHash#leaf hash}.
     *
     * @throws IllegalArgumentException if the hash is not 32 bytes; the frontier is then unchanged
     */
    public void append(byte[] leafHash) {
        append(leafHash, (level, position, hash) -> {});
    }

    /**
     * Adds the next leaf by its hash, and reports each subtree that becomes whole by it, in ascending order of levels.
     */
    public void append(byte[] leafHash, Grown grown) {
        byte[] carried = MerkleHash.requireHash(leafHash).clone();
        long after = Math.addExact(size, 1);
        int level = 0;
        grown.subtree(level, size, carried);
        while (has(level)) {
            carried = MerkleHash.node(subtrees[level], carried);
            subtrees[level++] = null;
            grown.subtree(level, size >>> level, carried);
        }
        subtrees[level] = carried;
        size = after;
    }

    /** Number of leaves. */
    public long size() {
        return size;
    }

    /** Root hash of the tree as it is now; a new array at each call. */
    public byte[] root() {
        byte[] root = null;
        for (int level = 0; level < LEVELS; level++) {
            if (has(level)) {
                root = root == null ? subtrees[level] : MerkleHash.node(subtrees[level], root);
            }
        }
        return root == null ? MerkleHash.emptyRoot() : root.clone();
    }

    /** u64 size, then the subtree hashes from left to right (largest first), 32 bytes each. */
    public byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(Long.BYTES + Long.bitCount(size) * MerkleHash.SIZE_BYTES);
        out.putLong(size);
        for (int level = LEVELS - 1; level >= 0; level--) {
            if (has(level)) {
                out.put(subtrees[level]);
            }
        }
        return out.array();
    }

    /** Returns an independent copy; neither sees later leaves of the other. */
    public Frontier copy() {
        // The hashes themselves are never written to again, so sharing them is safe.
        return new Frontier(subtrees.clone(), size);
    }

    private boolean has(int level) {
        return (size >>> level & 1) == 1;
    }
}
