package org.patronvault.core.tlog;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The list of {@linkplain Tile tiles} of a tree, and the arithmetic inside one. Levels above 7 never occur, since 256^8
 * leaves exceed a long. Thread-safe.
 */
public final class Tiles {
    private static final int LEVELS = 8;

    private Tiles() {}

    /**
     * Returns the hash tiles that become full while a tree grows from {@code from} to {@code to} leaves. Their order is
     * level by level from below, so each comes after the tiles it is computed from. Lazy: a first import makes many.
     * The full entry bundles are those of level 0.
     *
     * @throws IllegalArgumentException unless 0 &lt;= from &lt;= to
     */
    public static Stream<Tile> completed(long from, long to) {
        if (from < 0 || from > to) {
            throw new IllegalArgumentException("sizes must be at least 0 and the first not above the second");
        }
        return IntStream.range(0, LEVELS)
                .boxed()
                .flatMap(level -> LongStream.range(
                                Tile.hashesAt(level, from) / Tile.FULL_WIDTH,
                                Tile.hashesAt(level, to) / Tile.FULL_WIDTH)
                        .mapToObj(index -> new Tile(level, index, Tile.FULL_WIDTH)));
    }

    /**
     * The partial hash tiles at the right edge of a tree, at most one a level, from below.
     *
     * @throws IllegalArgumentException if {@code size} is negative
     */
    public static Stream<Tile> partial(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("size must not be negative");
        }
        return IntStream.range(0, LEVELS)
                .filter(level -> Tile.hashesAt(level, size) % Tile.FULL_WIDTH != 0)
                .mapToObj(level -> {
                    long hashes = Tile.hashesAt(level, size);
                    return new Tile(level, hashes / Tile.FULL_WIDTH, (int) (hashes % Tile.FULL_WIDTH));
                });
    }

    /**
     * Returns the hash of a full tile in the tile above it.
     *
     * @param fullTile 256 hashes, 8,192 bytes
     * @throws IllegalArgumentException if the length differs; partial tiles have no place above
     */
    public static byte[] root(byte[] fullTile) {
        if (fullTile.length != Tile.FULL_WIDTH * MerkleHash.SIZE_BYTES) {
            throw new IllegalArgumentException("full tile must be 8192 bytes, was " + fullTile.length);
        }
        return subtree(fullTile, 0, Tile.FULL_WIDTH);
    }

    /** Hash over {@code count} (a power of two) hashes of a tile from the one numbered {@code first}. */
    static byte[] subtree(byte[] tile, int first, int count) {
        if (count == 1) {
            int at = first * MerkleHash.SIZE_BYTES;
            return Arrays.copyOfRange(tile, at, at + MerkleHash.SIZE_BYTES);
        }
        int half = count / 2;
        return MerkleHash.node(subtree(tile, first, half), subtree(tile, first + half, half));
    }
}
