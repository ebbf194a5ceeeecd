package org.patronvault.core.tlog;

/**
 * A source of the hashes of perfect subtrees for proofs: stored nodes, {@linkplain TileReader tiles} or an array in a
 * test. The hash at ({@code level}, {@code index}) covers the leaves {@code index << level} up to, not including,
 * {@code (index + 1) << level}. Level 0 is the leaf hashes.
 */
@FunctionalInterface
public interface HashReader {

    /**
     * Returns the 32-byte hash. It is asked only for subtrees that are completely inside the proof's tree. An
     * implementation that cannot answer throws an unchecked exception of its own, which passes through unchanged.
     */
    byte[] hash(int level, long index);
}
