package org.patronvault.core.tlog;

/**
 * A reader that computes the hash of any perfect subtree of one tree from the tree's tiles. It reads one tile for a
 * hash and keeps the last tile of each level, so a proof reads each tile once or twice. Made for one proof or a few;
 * not thread-safe.
 *
 * <p>The tiles are not authenticated here: a wrong tile gives a proof that does not verify.
 */
public final class TileReader implements HashReader {
    private static final int LEVELS = 8;
    private static final int HEIGHT = 8;

    private final long treeSize;
    private final TileSource source;
    private final Tile[] names = new Tile[LEVELS];
    private final byte[][] tiles = new byte[LEVELS][];

    /**
     * A reader of the tree of {@code treeSize} leaves, which decides the widths of the tiles it asks for.
     *
     * @throws IllegalArgumentException if the size is negative
     */
    public TileReader(long treeSize, TileSource source) {
        if (treeSize < 0) {
            throw new IllegalArgumentException("size must not be negative");
        }
        this.treeSize = treeSize;
        this.source = source;
    }

    /**
     * The hash at (level, index), as {@link HashReader} says.
     *
     * @throws IllegalArgumentException if that subtree is not complete in this tree
     * @throws IllegalStateException if the source returns fewer hashes than it must, or a broken one
     */
    @Override
    public byte[] hash(int level, long index) {
        if (level < 0 || level >= Long.SIZE - 1 || index < 0 || index >= treeSize >>> level) {
            throw new IllegalArgumentException("subtree must be complete in the tree");
        }
        int heightInTile = level % HEIGHT;
        long first = index << heightInTile;
        byte[] tile = tile(level / HEIGHT, first / Tile.FULL_WIDTH);
        return Tiles.subtree(tile, (int) (first % Tile.FULL_WIDTH), 1 << heightInTile);
    }

    private byte[] tile(int level, long index) {
        long hashes = Tile.hashesAt(level, treeSize) - index * Tile.FULL_WIDTH;
        Tile name = new Tile(level, index, (int) Math.min(hashes, Tile.FULL_WIDTH));
        if (!name.equals(names[level])) {
            byte[] tile = source.read(name);
            if (tile.length % MerkleHash.SIZE_BYTES != 0 || tile.length < name.width() * MerkleHash.SIZE_BYTES) {
                throw new IllegalStateException("tile is shorter than its width, or not a whole number of hashes");
            }
            names[level] = name;
            tiles[level] = tile;
        }
        return tiles[level];
    }
}
