package org.patronvault.core.tlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The inclusion proofs (this leaf is in that tree) and consistency proofs (that tree begins with this one) of RFC 6962,
 * section 2.1. They are verified by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2. A path is a list of
 * 32-byte hashes, at most 64. Thread-safe if the reader is.
 *
 * <p>Making a proof trusts the reader. Verifying trusts nothing but the roots. For arguments of any lengths and
 * numbers, the answer is {@code true} or {@code false} and never an exception.
 */
public final class Proofs {
    private Proofs() {}

    /**
     * Root of the first {@code size} leaves.
     *
     * @throws IllegalArgumentException if {@code size} is negative
     */
    public static byte[] root(long size, HashReader reader) {
        if (size < 0) {
            throw new IllegalArgumentException("size must not be negative");
        }
        return size == 0 ? MerkleHash.emptyRoot() : range(0, size, reader);
    }

    /**
     * Returns the path from leaf {@code index} to the root of the first {@code size} leaves: first the sibling of the
     * leaf, last the child of the root.
     *
     * @throws IllegalArgumentException unless 0 &lt;= index &lt; size
     */
    public static List<byte[]> inclusion(long index, long size, HashReader reader) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("index must be at least 0 and below the size");
        }
        List<byte[]> path = new ArrayList<>();
        inclusion(index, 0, size, reader, path);
        return path;
    }

    private static void inclusion(long index, long from, long to, HashReader reader, List<byte[]> path) {
        if (to - from == 1) {
            return;
        }
        long split = split(from, to);
        if (index < split) {
            inclusion(index, from, split, reader, path);
            path.add(range(split, to, reader));
        } else {
            inclusion(index, split, to, reader, path);
            path.add(range(from, split, reader));
        }
    }

    /**
     * Returns the proof that the tree of size {@code to} begins with the tree of size {@code from}. Empty if the sizes
     * are equal or {@code from} is 0, since every tree begins with the empty one.
     *
     * @throws IllegalArgumentException unless 0 &lt;= from &lt;= to
     */
    public static List<byte[]> consistency(long from, long to, HashReader reader) {
        if (from < 0 || from > to) {
            throw new IllegalArgumentException("sizes must be at least 0 and the first not above the second");
        }
        List<byte[]> path = new ArrayList<>();
        if (from > 0 && from < to) {
            consistency(from, 0, to, true, reader, path);
        }
        return path;
    }

    /**
     * Adds the proof for a range. {@code known} says that the verifier has this subtree's hash already, as the old
     * root.
     */
    private static void consistency(long old, long from, long to, boolean known, HashReader reader, List<byte[]> path) {
        if (old == to) {
            if (!known) {
                path.add(range(from, to, reader));
            }
            return;
        }
        long split = split(from, to);
        if (old <= split) {
            consistency(old, from, split, known, reader, path);
            path.add(range(split, to, reader));
        } else {
            consistency(old, split, to, false, reader, path);
            path.add(range(from, split, reader));
        }
    }

    /** True only if {@code path} leads from the leaf hash at {@code index} to {@code root} in a tree of that size. */
    public static boolean verifyInclusion(byte[] leafHash, long index, long size, List<byte[]> path, byte[] root) {
        if (index < 0 || index >= size || !MerkleHash.isHash(leafHash) || !areHashes(path)) {
            return false;
        }
        long node = index;
        long last = size - 1;
        byte[] hash = leafHash;
        for (byte[] sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = MerkleHash.node(sibling, hash);
                // A last node without a right sibling is passed up as it is.
                int lone = Long.numberOfTrailingZeros(node);
                node >>>= lone;
                last >>>= lone;
            } else {
                hash = MerkleHash.node(hash, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0 && Arrays.equals(hash, root);
    }

    /**
     * Returns true only if {@code path} proves that the tree ({@code to}, {@code toRoot}) begins with the tree
     * ({@code from}, {@code fromRoot}). For equal sizes the roots must be equal, for {@code from} 0 the old root must
     * be the empty one; both with an empty path.
     */
    public static boolean verifyConsistency(long from, byte[] fromRoot, long to, byte[] toRoot, List<byte[]> path) {
        if (from < 0 || from > to || !MerkleHash.isHash(fromRoot) || !MerkleHash.isHash(toRoot) || !areHashes(path)) {
            return false;
        }
        if (from == to || from == 0) {
            return path.isEmpty()
                    && (from != 0 || Arrays.equals(fromRoot, MerkleHash.emptyRoot()))
                    && (from != to || Arrays.equals(fromRoot, toRoot));
        }
        int whole = Long.numberOfTrailingZeros(from);
        long node = (from - 1) >>> whole;
        long last = (to - 1) >>> whole;
        // An old tree of a power of two leaves is itself the first subtree, and its proof leaves it out.
        boolean given = Long.bitCount(from) > 1;
        if (given && path.isEmpty()) {
            return false;
        }
        byte[] first = given ? path.get(0) : fromRoot;
        byte[] oldHash = first;
        byte[] newHash = first;
        for (byte[] sibling : given ? path.subList(1, path.size()) : path) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                oldHash = MerkleHash.node(sibling, oldHash);
                newHash = MerkleHash.node(sibling, newHash);
                int lone = Long.numberOfTrailingZeros(node);
                node >>>= lone;
                last >>>= lone;
            } else {
                newHash = MerkleHash.node(newHash, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0 && Arrays.equals(oldHash, fromRoot) && Arrays.equals(newHash, toRoot);
    }

    /**
     * Returns the hash over leaves from, …, to-1; {@code from} is a multiple of the smallest power of two that is not
     * below to-from.
     */
    private static byte[] range(long from, long to, HashReader reader) {
        long count = to - from;
        if (Long.bitCount(count) == 1) {
            int level = Long.numberOfTrailingZeros(count);
            return MerkleHash.requireHash(reader.hash(level, from >>> level)).clone();
        }
        long split = split(from, to);
        return MerkleHash.node(range(from, split, reader), range(split, to, reader));
    }

    /**
     * Returns the split point of a range by RFC 6962: the left part is the largest power of two below the number of
     * leaves.
     */
    private static long split(long from, long to) {
        return from + Long.highestOneBit(to - from - 1);
    }

    private static boolean areHashes(List<byte[]> path) {
        return path != null && path.size() <= Long.SIZE && path.stream().allMatch(MerkleHash::isHash);
    }
}
