package org.patronvault.core.tlog;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash function of the tree: SHA-256 with one prefix byte for leaves and another for inner nodes (RFC 6962, section
 * 2.1). So no leaf can be passed off as a node. All hashes of this package are arrays of {@link #SIZE_BYTES} bytes.
 * Thread-safe.
 */
public final class MerkleHash {
    /** Length of each hash. */
    public static final int SIZE_BYTES = 32;

    private static final byte LEAF_PREFIX = 0;
    private static final byte NODE_PREFIX = 1;

    private MerkleHash() {}

    /** Hash of a leaf: SHA-256(0x00 || leafBytes). Any length, the empty leaf included. */
    public static byte[] leaf(byte[] leafBytes) {
        MessageDigest digest = sha256();
        digest.update(LEAF_PREFIX);
        return digest.digest(leafBytes);
    }

    /**
     * Hash of an inner node: SHA-256(0x01 || left || right).
     *
     * @throws IllegalArgumentException if a child is not 32 bytes
     */
    public static byte[] node(byte[] left, byte[] right) {
        MessageDigest digest = sha256();
        digest.update(NODE_PREFIX);
        digest.update(requireHash(left));
        return digest.digest(requireHash(right));
    }

    /** Root of the tree without leaves: SHA-256 of nothing. A new array at each call. */
    public static byte[] emptyRoot() {
        return sha256().digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static byte[] requireHash(byte[] hash) {
        if (hash.length != SIZE_BYTES) {
            throw new IllegalArgumentException("hash must be 32 bytes, was " + hash.length);
        }
        return hash;
    }

    static boolean isHash(byte[] hash) {
        return hash != null && hash.length == SIZE_BYTES;
    }
}
