package org.patronvault.tlog;

/**
 * Where proofs take the hashes of perfect subtrees from: stored nodes, {@linkplain TileReader tiles} or an array in a
 * test. The hash at ({@code level}, {@code index}) covers the leaves {@code index << level} up to, not including,
 * {@code (index + 1) << level}; level 0 are the leaf hashes.
 */
@FunctionalInterface
public interface HashReader {

    /**
     * The 32-byte hash. Asked only for subtrees that lie completely inside the tree a proof is made for. An
     * implementation that cannot answer throws an unchecked exception of its own, which passes through unchanged.
     */
    byte[] hash(int level, long index);
}
