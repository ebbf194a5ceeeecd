package org.patronvault.core.log.read;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.EntryBundle;
import org.patronvault.core.tlog.HashReader;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Tile;
import org.patronvault.core.tlog.TileReader;
import org.patronvault.core.tlog.Tiles;

/** The stored hashes of the tree. Full tiles are stored; partial tiles are computed from the level below. */
public final class StoredTiles {
    private StoredTiles() {}

    /** Stores each tile that became full while the log grew. */
    public static void complete(WriteTx tx, long from, long to) {
        Tiles.completed(from, to)
                .forEach(tile -> tx.log().putTile(tile.level(), tile.index(), compute(tx, tile, new TileRoots())));
    }

    /** Returns a reader of the hashes of any subtree of the first {@code size} entries. */
    public static HashReader reader(Tx tx, long size) {
        return reader(tx, size, new TileRoots());
    }

    /** Returns a reader of subtree hashes that reuses the known roots of earlier reads. */
    public static HashReader reader(Tx tx, long size, TileRoots known) {
        return new TileReader(size, tile -> bytes(tx, tile, known));
    }

    /** Returns the hashes of a tile, full or partial. */
    static byte[] bytes(Tx tx, Tile tile) {
        return bytes(tx, tile, new TileRoots());
    }

    private static byte[] bytes(Tx tx, Tile tile, TileRoots known) {
        if (tile.isFull()) {
            return tx.log()
                    .tile(tile.level(), tile.index())
                    .orElseThrow(() -> new IntegrityException("log tile: missing"));
        }
        return compute(tx, tile, known);
    }

    /** Returns the entries under a tile of leaf hashes. */
    static byte[] bundle(Tx tx, Tile tile) {
        List<byte[]> leaves = new ArrayList<>(tile.width());
        tx.log().forEachLeaf(tile.start(), tile.start() + tile.width(), (index, leaf) -> leaves.add(leaf));
        if (leaves.size() != tile.width()) {
            throw new IntegrityException("log: leaf missing");
        }
        return EntryBundle.encode(leaves);
    }

    private static byte[] compute(Tx tx, Tile tile, TileRoots known) {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream(tile.width() * MerkleHash.SIZE_BYTES);
        long first = tile.index() * Tile.FULL_WIDTH;
        if (tile.level() == 0) {
            tx.log()
                    .forEachLeaf(
                            first, first + tile.width(), (index, leaf) -> hashes.writeBytes(MerkleHash.leaf(leaf)));
        } else {
            for (int i = 0; i < tile.width(); i++) {
                Tile below = new Tile(tile.level() - 1, first + i, Tile.FULL_WIDTH);
                hashes.writeBytes(known.of(below, full -> Tiles.root(bytes(tx, full))));
            }
        }
        if (hashes.size() != tile.width() * MerkleHash.SIZE_BYTES) {
            throw new IntegrityException("log: leaf missing");
        }
        return hashes.toByteArray();
    }
}
