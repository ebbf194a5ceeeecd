package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class TilesTest {
    private static final int SIZE = 70_000;
    private static StoredTree tree;

    @BeforeAll
    static void growTree() {
        tree = StoredTree.of(RfcTree.leaves(SIZE));
    }

    @Test
    void treeOfTheFormatsExampleHasTheTilesItNames() {
        assertThat(Tiles.completed(0, SIZE).filter(tile -> tile.level() == 0)).hasSize(273);
        assertThat(Tiles.completed(0, SIZE).filter(tile -> tile.level() > 0)).containsExactly(new Tile(1, 0, 256));
        assertThat(Tiles.partial(SIZE)).containsExactly(new Tile(0, 273, 112), new Tile(1, 1, 17), new Tile(2, 0, 1));
        assertThat(Tiles.partial(256)).containsExactly(new Tile(1, 0, 1));
        assertThat(Tiles.partial(0)).isEmpty();
    }

    @Test
    void tilesCompletedInStepsAreThoseCompletedAtOnce() {
        Random random = new Random(3);
        List<Tile> inSteps = new ArrayList<>();
        long size = 0;
        while (size < 20_000_000) {
            long grown = size + random.nextInt(random.nextBoolean() ? 3 : 200_000);
            Tiles.completed(size, grown).forEach(inSteps::add);
            size = grown;
        }
        assertThat(inSteps)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(Tiles.completed(0, size).toList());
        assertThat(inSteps).contains(new Tile(2, 0, 256)).allMatch(Tile::isFull);
    }

    @Test
    void leafThatCompletesTilesOfSeveralLevelsCompletesTheLowestFirst() {
        assertThat(Tiles.completed((1L << 24) - 1, 1L << 24))
                .containsExactly(new Tile(0, 65_535, 256), new Tile(1, 255, 256), new Tile(2, 0, 256));
        assertThat(Tiles.completed(255, 255)).isEmpty();
    }

    @Test
    void rootOfAFullTileIsItsHashInTheTileAbove() {
        Map<Tile, byte[]> made = new HashMap<>();
        Tiles.completed(0, SIZE).forEach(tile -> {
            if (tile.level() == 0) {
                made.put(tile, tree.tile(tile));
            } else {
                byte[] bytes = new byte[8192];
                for (int i = 0; i < 256; i++) {
                    byte[] below = made.get(new Tile(tile.level() - 1, tile.start() + i, 256));
                    System.arraycopy(Tiles.root(below), 0, bytes, i * 32, 32);
                }
                made.put(tile, bytes);
            }
        });
        assertThat(made.get(new Tile(1, 0, 256))).isEqualTo(tree.tile(new Tile(1, 0, 256)));
    }

    @Test
    void partialTileHasNoRoot() {
        assertThatIllegalArgumentException().isThrownBy(() -> Tiles.root(new byte[255 * 32]));
    }

    @Test
    void readerGivesEveryHashOfTheTreeFromTiles() {
        for (int size : new int[] {1, 2, 255, 256, 257, 1000, 65_535, 65_536, 65_537, SIZE}) {
            TileReader reader = new TileReader(size, tree::tile);
            for (int level = 0; level < 17; level++) {
                int complete = size >>> level;
                for (long index = Math.max(0, complete - 300); index < complete; index++) {
                    assertThat(Arrays.equals(reader.hash(level, index), tree.hash(level, index)))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void readerAsksOnlyForTilesWithinTheTreeAndProofsFromThemVerify() {
        Random random = new Random(4);
        for (int round = 0; round < 300; round++) {
            int size = 1 + random.nextInt(SIZE);
            int index = random.nextInt(size);
            List<Tile> asked = new ArrayList<>();
            TileReader reader = new TileReader(size, tile -> {
                asked.add(tile);
                return tree.tile(tile);
            });
            byte[] root = Proofs.root(size, tree);
            List<byte[]> path = Proofs.inclusion(index, size, reader);
            assertThat(Proofs.verifyInclusion(tree.hash(0, index), index, size, path, root))
                    .isTrue();
            List<byte[]> consistency = Proofs.consistency(index, size, reader);
            assertThat(Proofs.verifyConsistency(index, Proofs.root(index, tree), size, root, consistency))
                    .isTrue();
            assertThat(asked).allMatch(tile -> tile.isWithin(size)).hasSizeLessThan(15);
        }
    }

    @Test
    void tileGrownWiderSinceServesAsWell() {
        TileReader reader = new TileReader(100, tile -> tree.tile(new Tile(tile.level(), tile.index(), 256)));
        assertThat(Proofs.root(100, reader)).isEqualTo(Proofs.root(100, tree));
    }

    @Test
    void shortOrBrokenTileIsRefused() {
        assertThatIllegalStateException().isThrownBy(() -> new TileReader(100, tile -> new byte[99 * 32]).hash(0, 0));
        assertThatIllegalStateException()
                .isThrownBy(() -> new TileReader(100, tile -> new byte[100 * 32 + 1]).hash(0, 0));
    }

    @Test
    void subtreeThatIsNotCompleteIsRefused() {
        TileReader reader = new TileReader(100, tree::tile);
        assertThatIllegalArgumentException().isThrownBy(() -> reader.hash(0, 100));
        assertThatIllegalArgumentException().isThrownBy(() -> reader.hash(3, 12));
        assertThatIllegalArgumentException().isThrownBy(() -> reader.hash(0, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> reader.hash(-1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> reader.hash(63, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> reader.hash(64, 0));
    }

    @Test
    void bundleIsLengthAndBytesOfEachEntry() throws MalformedException {
        byte[] bundle = EntryBundle.encode(List.of(new byte[] {7, 8}, new byte[0], new byte[300]));
        assertThat(bundle).hasSize(2 + 2 + 2 + 2 + 300).startsWith(0, 2, 7, 8, 0, 0, 1, 44);
        assertThat(EntryBundle.decode(bundle, 3)).containsExactly(new byte[] {7, 8}, new byte[0], new byte[300]);
    }

    @Test
    void longestEntryReadsBackAndALongerOneIsRefused() throws MalformedException {
        byte[] longest = new byte[65_535];
        longest[65_534] = 1;
        assertThat(EntryBundle.decode(EntryBundle.encode(List.of(longest)), 1)).containsExactly(longest);
        assertThatIllegalArgumentException().isThrownBy(() -> EntryBundle.encode(List.of(new byte[65_536])));
    }

    @Test
    void bundleOfNoneOrMoreThan256EntriesIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> EntryBundle.encode(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> EntryBundle.encode(RfcTree.leaves(257)));
    }

    @Test
    void bundleOfAnotherWidthCutOffOrWithBytesLeftIsMalformed() {
        byte[] bundle = EntryBundle.encode(RfcTree.leaves(3));
        assertMalformed(bundle, 2);
        assertMalformed(bundle, 4);
        for (int length = 0; length < bundle.length; length++) {
            assertMalformed(Arrays.copyOf(bundle, length), 3);
        }
        assertMalformed(Arrays.copyOf(bundle, bundle.length + 1), 3);
    }

    private static void assertMalformed(byte[] bundle, int width) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> EntryBundle.decode(bundle, width));
    }
}
