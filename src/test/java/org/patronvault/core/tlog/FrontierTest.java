package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FrontierTest {
    private static final int SIZE = 300;

    private final List<byte[]> leaves = RfcTree.leaves(SIZE);
    private final RfcTree rfc = new RfcTree(leaves);

    @Test
    void rootIsThatOfTheDefinitionAtEverySize() {
        Frontier frontier = Frontier.empty();
        for (int size = 0; size < SIZE; size++) {
            assertThat(frontier.size()).isEqualTo(size);
            assertThat(frontier.root()).isEqualTo(rfc.root(size));
            frontier.append(MerkleHash.leaf(leaves.get(size)));
        }
    }

    @Test
    void tellsOfEachSubtreeThatBecomesWholeFromTheLeafUp() {
        Frontier frontier = Frontier.empty();
        for (int size = 0; size < SIZE; size++) {
            int leaf = size;
            List<Integer> levels = new ArrayList<>();
            frontier.append(MerkleHash.leaf(leaves.get(leaf)), (level, position, hash) -> {
                levels.add(level);
                int width = 1 << level;
                assertThat(position * width).isEqualTo(leaf + 1 - width);
                assertThat(hash).isEqualTo(rfc.mth(leaf + 1 - width, leaf + 1));
            });
            assertThat(levels)
                    .containsExactlyElementsOf(IntStream.rangeClosed(0, Integer.numberOfTrailingZeros(leaf + 1))
                            .boxed()
                            .toList());
        }
    }

    @Test
    void decodedFrontierIsTheSameAndGrowsOn() throws MalformedException {
        Frontier frontier = Frontier.empty();
        for (int size = 0; size < SIZE; size++) {
            Frontier decoded = Frontier.decode(frontier.encode());
            assertThat(decoded.encode()).isEqualTo(frontier.encode());
            assertThat(decoded.root()).isEqualTo(rfc.root(size));
            decoded.append(MerkleHash.leaf(leaves.get(size)));
            assertThat(decoded.root()).isEqualTo(rfc.root(size + 1));
            frontier.append(MerkleHash.leaf(leaves.get(size)));
        }
    }

    @Test
    void frontierReadFromAStoredTreeIsThatOfAppending() {
        StoredTree tree = StoredTree.of(leaves);
        Frontier frontier = Frontier.empty();
        for (int size = 0; size < SIZE; size++) {
            assertThat(Frontier.at(size, tree).encode()).isEqualTo(frontier.encode());
            frontier.append(MerkleHash.leaf(leaves.get(size)));
        }
    }

    @Test
    void encodingHasTheLargestSubtreeFirst() {
        Frontier frontier = frontier(3);
        ByteBuffer expected =
                ByteBuffer.allocate(8 + 64).putLong(3).put(rfc.mth(0, 2)).put(rfc.mth(2, 3));
        assertThat(frontier.encode()).isEqualTo(expected.array());
    }

    @Test
    void copyAndOriginalDoNotSeeEachOthersLeaves() {
        Frontier frontier = frontier(7);
        Frontier copy = frontier.copy();
        frontier.append(MerkleHash.leaf(leaves.get(7)));
        assertThat(copy.root()).isEqualTo(rfc.root(7));
        copy.append(new byte[32]);
        assertThat(frontier.root()).isEqualTo(rfc.root(8));
    }

    @Test
    void laterChangeOfAnArrayGivenOrTakenChangesNothing() {
        Frontier frontier = Frontier.empty();
        byte[] leaf = MerkleHash.leaf(leaves.get(0));
        frontier.append(leaf);
        Arrays.fill(leaf, (byte) 0);
        Arrays.fill(frontier.root(), (byte) 0);
        assertThat(frontier.root()).isEqualTo(rfc.root(1));
    }

    @Test
    void sizeWithTooFewOrTooManyHashesIsMalformed() {
        byte[] encoded = frontier(5).encode();
        assertMalformed(Arrays.copyOf(encoded, encoded.length - 1));
        assertMalformed(Arrays.copyOf(encoded, encoded.length - 32));
        assertMalformed(Arrays.copyOf(encoded, encoded.length + 1));
        assertMalformed(Arrays.copyOf(encoded, encoded.length + 32));
        assertMalformed(Arrays.copyOf(encoded, 7));
        assertMalformed(new byte[0]);
        encoded[7] = 4;
        assertMalformed(encoded);
    }

    @Test
    void sizeAbove63BitsIsMalformed() {
        byte[] encoded = new byte[8 + 32];
        encoded[0] = (byte) 0x80;
        assertMalformed(encoded);
    }

    @Test
    void leafHashOfAnotherLengthIsRefusedAndChangesNothing() {
        Frontier frontier = frontier(5);
        assertThatIllegalArgumentException().isThrownBy(() -> frontier.append(new byte[31]));
        assertThat(frontier.root()).isEqualTo(rfc.root(5));
    }

    @Test
    void treeOfTheLargestSizeRefusesAnotherLeafAndKeepsItsRoot() throws MalformedException {
        byte[] encoded = new byte[8 + 63 * 32];
        ByteBuffer.wrap(encoded).putLong(Long.MAX_VALUE);
        Frontier frontier = Frontier.decode(encoded);
        byte[] root = frontier.root();
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> frontier.append(new byte[32]));
        assertThat(frontier.root()).isEqualTo(root);
    }

    private Frontier frontier(int size) {
        Frontier frontier = Frontier.empty();
        leaves.subList(0, size).forEach(leaf -> frontier.append(MerkleHash.leaf(leaf)));
        return frontier;
    }

    private static void assertMalformed(byte[] encoded) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Frontier.decode(encoded));
    }
}
