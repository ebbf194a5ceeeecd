package org.patronvault.core.tlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The definitions of RFC 6962, section 2.1: MTH, PATH and SUBPROOF over a list of leaves. They share nothing with the
 * code under test except the two hash functions. Remembers MTH of ranges, for speed.
 */
final class RfcTree {
    private final List<byte[]> leaves;
    private final Map<Long, byte[]> known = new HashMap<>();

    RfcTree(List<byte[]> leaves) {
        this.leaves = leaves;
    }

    /** Returns the leaves {@code leaf-0}, {@code leaf-1}, … */
    static List<byte[]> leaves(int count) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leaves.add(("leaf-" + i).getBytes(StandardCharsets.UTF_8));
        }
        return leaves;
    }

    byte[] root(int size) {
        return mth(0, size);
    }

    byte[] mth(int from, int to) {
        byte[] hash = known.get(from * 1_000_000L + to);
        if (hash == null) {
            int n = to - from;
            if (n == 0) {
                hash = MerkleHash.emptyRoot();
            } else if (n == 1) {
                hash = MerkleHash.leaf(leaves.get(from));
            } else {
                int k = largestPowerOfTwoBelow(n);
                hash = MerkleHash.node(mth(from, from + k), mth(from + k, to));
            }
            known.put(from * 1_000_000L + to, hash);
        }
        return hash;
    }

    List<byte[]> path(int m, int size) {
        return path(m, 0, size);
    }

    private List<byte[]> path(int m, int from, int to) {
        int n = to - from;
        if (n == 1) {
            return List.of();
        }
        int k = largestPowerOfTwoBelow(n);
        return m < k
                ? plus(path(m, from, from + k), mth(from + k, to))
                : plus(path(m - k, from + k, to), mth(from, from + k));
    }

    List<byte[]> proof(int m, int size) {
        return subproof(m, 0, size, true);
    }

    private List<byte[]> subproof(int m, int from, int to, boolean complete) {
        int n = to - from;
        if (m == n) {
            return complete ? List.of() : List.of(mth(from, to));
        }
        int k = largestPowerOfTwoBelow(n);
        return m <= k
                ? plus(subproof(m, from, from + k, complete), mth(from + k, to))
                : plus(subproof(m - k, from + k, to, false), mth(from, from + k));
    }

    private static List<byte[]> plus(List<byte[]> hashes, byte[] last) {
        List<byte[]> all = new ArrayList<>(hashes);
        all.add(last);
        return all;
    }

    private static int largestPowerOfTwoBelow(int n) {
        int k = 1;
        while (2 * k < n) {
            k *= 2;
        }
        return k;
    }
}
