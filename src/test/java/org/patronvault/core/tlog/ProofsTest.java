package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProofsTest {
    private static final int SIZE = 130;
    private static final int[] SOME_SIZES = {1, 2, 3, 5, 7, 8, 13, 33};

    private final List<byte[]> leaves = RfcTree.leaves(SIZE);
    private final RfcTree rfc = new RfcTree(leaves);
    private final StoredTree tree = StoredTree.of(leaves);

    @Test
    void everyInclusionProofUpTo130LeavesIsThatOfTheDefinitionAndVerifies() {
        for (int size = 1; size <= SIZE; size++) {
            for (int index = 0; index < size; index++) {
                List<byte[]> path = Proofs.inclusion(index, size, tree);
                assertThat(same(path, rfc.path(index, size))).isTrue();
                assertThat(Proofs.verifyInclusion(leaf(index), index, size, path, rfc.root(size)))
                        .isTrue();
            }
        }
    }

    @Test
    void everyConsistencyProofUpTo130LeavesIsThatOfTheDefinitionAndVerifies() {
        for (int to = 1; to <= SIZE; to++) {
            for (int from = 1; from <= to; from++) {
                List<byte[]> path = Proofs.consistency(from, to, tree);
                assertThat(same(path, rfc.proof(from, to))).isTrue();
                assertThat(Proofs.verifyConsistency(from, rfc.root(from), to, rfc.root(to), path))
                        .isTrue();
            }
        }
    }

    @Test
    void inclusionProofVerifiesForNoOtherLeafOrIndex() {
        for (int size : SOME_SIZES) {
            for (int index = 0; index < size; index++) {
                List<byte[]> path = Proofs.inclusion(index, size, tree);
                for (int other = -1; other <= size + 1; other++) {
                    if (other != index) {
                        assertThat(Proofs.verifyInclusion(leaf(index), other, size, path, rfc.root(size)))
                                .isFalse();
                        assertThat(Proofs.verifyInclusion(leaf(Math.max(0, other)), index, size, path, rfc.root(size)))
                                .isEqualTo(Math.max(0, other) == index);
                    }
                }
            }
        }
    }

    @Test
    void everyFlippedBitOfAnInclusionProofIsRefused() {
        for (int size : SOME_SIZES) {
            int index = size / 2;
            List<byte[]> parts = new ArrayList<>(Proofs.inclusion(index, size, tree));
            parts.add(leaf(index));
            parts.add(rfc.root(size));
            forEachFlip(
                    parts,
                    flipped -> assertThat(Proofs.verifyInclusion(
                                    flipped.get(flipped.size() - 2),
                                    index,
                                    size,
                                    flipped.subList(0, flipped.size() - 2),
                                    flipped.get(flipped.size() - 1)))
                            .isFalse());
        }
    }

    @Test
    void everyFlippedBitOfAConsistencyProofIsRefused() {
        for (int to : SOME_SIZES) {
            int from = (to + 1) / 2;
            List<byte[]> parts = new ArrayList<>(Proofs.consistency(from, to, tree));
            parts.add(rfc.root(from));
            parts.add(rfc.root(to));
            forEachFlip(
                    parts,
                    flipped -> assertThat(Proofs.verifyConsistency(
                                    from,
                                    flipped.get(flipped.size() - 2),
                                    to,
                                    flipped.get(flipped.size() - 1),
                                    flipped.subList(0, flipped.size() - 2)))
                            .isFalse());
        }
    }

    @Test
    void cutLengthenedOrReorderedPathsAreRefused() {
        for (int size : SOME_SIZES) {
            for (int at = 0; at < size; at++) {
                int index = at;
                List<byte[]> path = Proofs.inclusion(index, size, tree);
                forEachDamage(
                        path,
                        damaged -> assertThat(Proofs.verifyInclusion(leaf(index), index, size, damaged, rfc.root(size)))
                                .isFalse());
                int from = at + 1;
                List<byte[]> consistency = Proofs.consistency(from, size, tree);
                forEachDamage(
                        consistency,
                        damaged -> assertThat(
                                        Proofs.verifyConsistency(from, rfc.root(from), size, rfc.root(size), damaged))
                                .isFalse());
            }
        }
    }

    @Test
    void consistencyWithARewrittenLeafIsRefused() {
        List<byte[]> rewritten = new ArrayList<>(leaves);
        rewritten.set(4, new byte[] {1});
        RfcTree other = new RfcTree(rewritten);
        StoredTree otherTree = StoredTree.of(rewritten);
        for (int from = 5; from < 40; from++) {
            List<byte[]> path = Proofs.consistency(from, 40, otherTree);
            assertThat(Proofs.verifyConsistency(from, rfc.root(from), 40, other.root(40), path))
                    .isFalse();
        }
    }

    @Test
    void emptyTreeIsTheBeginningOfEveryTreeWithAnEmptyPath() {
        assertThat(Proofs.consistency(0, 9, tree)).isEmpty();
        assertThat(Proofs.verifyConsistency(0, rfc.root(0), 9, rfc.root(9), List.of()))
                .isTrue();
        assertThat(Proofs.verifyConsistency(0, rfc.root(0), 0, rfc.root(0), List.of()))
                .isTrue();
        assertThat(Proofs.verifyConsistency(0, rfc.root(1), 9, rfc.root(9), List.of()))
                .isFalse();
        assertThat(Proofs.verifyConsistency(0, rfc.root(0), 0, rfc.root(9), List.of()))
                .isFalse();
        assertThat(Proofs.verifyConsistency(0, rfc.root(0), 9, rfc.root(9), List.of(new byte[32])))
                .isFalse();
    }

    @Test
    void shrunkenTreeIsRefused() {
        assertThat(Proofs.verifyConsistency(9, rfc.root(9), 5, rfc.root(5), Proofs.consistency(5, 9, tree)))
                .isFalse();
    }

    @Test
    void twoRootsOfOneSizeAreRefused() {
        assertThat(Proofs.verifyConsistency(9, rfc.root(9), 9, rfc.root(8), List.of()))
                .isFalse();
    }

    @Test
    void proofsInTreesOfAlmostTheLargestSizeVerify() {
        // All leaves alike: a subtree's hash then depends on its level only, and no tree need be stored.
        byte[][] byLevel = new byte[63][];
        byLevel[0] = new byte[32];
        for (int level = 1; level < 63; level++) {
            byLevel[level] = MerkleHash.node(byLevel[level - 1], byLevel[level - 1]);
        }
        HashReader alike = (level, index) -> byLevel[level];
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            long size = round == 0 ? Long.MAX_VALUE : 1 + (random.nextLong() >>> (1 + random.nextInt(30)));
            long index = Math.floorMod(random.nextLong(), size);
            byte[] root = Proofs.root(size, alike);
            assertThat(Frontier.at(size, alike).root()).isEqualTo(root);
            List<byte[]> path = Proofs.inclusion(index, size, alike);
            assertThat(Proofs.verifyInclusion(byLevel[0], index, size, path, root))
                    .isTrue();
            List<byte[]> consistency = Proofs.consistency(index, size, alike);
            assertThat(Proofs.verifyConsistency(index, Proofs.root(index, alike), size, root, consistency))
                    .isTrue();
        }
    }

    @Test
    void nonsenseIsRefusedWithoutAnException() {
        Random random = new Random(2);
        List<byte[]> odd = Arrays.asList(new byte[32], null, new byte[31], new byte[0], new byte[33]);
        for (int round = 0; round < 20_000; round++) {
            long a = random.nextLong() >> random.nextInt(64);
            long b = random.nextLong() >> random.nextInt(64);
            List<byte[]> path = new ArrayList<>();
            for (int i = random.nextInt(70); i > 0; i--) {
                path.add(odd.get(random.nextInt(20) == 0 ? random.nextInt(odd.size()) : 0));
            }
            byte[] hash = odd.get(random.nextInt(8) == 0 ? random.nextInt(odd.size()) : 0);
            assertThat(Proofs.verifyInclusion(hash, a, b, path, new byte[32])).isFalse();
            assertThat(Proofs.verifyConsistency(a, hash, b, rfc.root(1), path)).isFalse();
        }
        assertThat(Proofs.verifyInclusion(leaf(0), 0, 1, null, leaf(0))).isFalse();
        assertThat(Proofs.verifyInclusion(leaf(0), 0, 1, List.of(), null)).isFalse();
        assertThat(Proofs.verifyConsistency(1, leaf(0), 1, leaf(0), null)).isFalse();
    }

    @Test
    void indexOrSizeOutOfRangeIsRefusedWhenMaking() {
        assertThatIllegalArgumentException().isThrownBy(() -> Proofs.inclusion(-1, 5, tree));
        assertThatIllegalArgumentException().isThrownBy(() -> Proofs.inclusion(5, 5, tree));
        assertThatIllegalArgumentException().isThrownBy(() -> Proofs.inclusion(0, 0, tree));
        assertThatIllegalArgumentException().isThrownBy(() -> Proofs.consistency(-1, 5, tree));
        assertThatIllegalArgumentException().isThrownBy(() -> Proofs.consistency(6, 5, tree));
        assertThatIllegalArgumentException().isThrownBy(() -> Proofs.root(-1, tree));
        assertThatIllegalArgumentException().isThrownBy(() -> Frontier.at(-1, tree));
    }

    private interface Check {
        void on(List<byte[]> hashes);
    }

    private static void forEachFlip(List<byte[]> hashes, Check check) {
        List<byte[]> copies = hashes.stream().map(byte[]::clone).toList();
        for (byte[] hash : copies) {
            for (int bit = 0; bit < 256; bit++) {
                byte mask = (byte) (1 << (bit % 8));
                hash[bit / 8] ^= mask;
                check.on(copies);
                hash[bit / 8] ^= mask;
            }
        }
    }

    private static void forEachDamage(List<byte[]> path, Check check) {
        for (int at = 0; at <= path.size(); at++) {
            List<byte[]> longer = new ArrayList<>(path);
            longer.add(at, at < path.size() ? path.get(at) : new byte[32]);
            check.on(longer);
            if (at < path.size()) {
                List<byte[]> shorter = new ArrayList<>(path);
                shorter.remove(at);
                check.on(shorter);
            }
            if (at + 1 < path.size()) {
                List<byte[]> swapped = new ArrayList<>(path);
                Collections.swap(swapped, at, at + 1);
                check.on(swapped);
            }
        }
    }

    private byte[] leaf(int index) {
        return MerkleHash.leaf(leaves.get(index));
    }

    private static boolean same(List<byte[]> left, List<byte[]> right) {
        return Arrays.deepEquals(left.toArray(), right.toArray());
    }
}
