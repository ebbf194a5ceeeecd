package org.patronvault.core.log.tree;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.patronvault.core.log.tree.LogSource.Findings;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Tile;

/** The tiles of a tree that grows from its leaves. Each full tile is compared with the stored one. For one thread. */
final class VerifiedTiles {
    private final LogSource log;
    private final Findings findings;
    private final Map<Integer, byte[]> growing = new HashMap<>();

    /**
     * Begins with no leaf.
     *
     * @param log whose tiles are compared
     * @param findings receives those that differ
     */
    VerifiedTiles(LogSource log, Findings findings) {
        this.log = log;
        this.findings = findings;
    }

    /** Takes the hash of a perfect subtree that has become whole. Most are inside a tile, and in none. */
    void put(int height, long position, byte[] hash) {
        if (height % Tile.HEIGHT != 0) {
            return;
        }
        int level = height / Tile.HEIGHT;
        byte[] tile = growing.computeIfAbsent(level, l -> new byte[Tile.FULL_WIDTH * MerkleHash.SIZE_BYTES]);
        int place = (int) (position % Tile.FULL_WIDTH);
        System.arraycopy(hash, 0, tile, place * MerkleHash.SIZE_BYTES, MerkleHash.SIZE_BYTES);
        if (place == Tile.FULL_WIDTH - 1) {
            compare(new Tile(level, position / Tile.FULL_WIDTH, Tile.FULL_WIDTH));
        }
    }

    /** Compares the growing tile of a level with the stored one, up to its width. */
    void compare(Tile tile) {
        byte[] expected = Arrays.copyOf(growing.get(tile.level()), tile.width() * MerkleHash.SIZE_BYTES);
        byte[] stored = log.tile(tile).orElse(new byte[0]);
        if (Arrays.equals(stored, expected)) {
            return;
        }
        int differs = stored.length == expected.length ? Arrays.mismatch(stored, expected) / MerkleHash.SIZE_BYTES : 0;
        long entry = (tile.start() + differs) << (Tile.HEIGHT * tile.level());
        String what = tile.level() == 0 ? "leaf-changed" : "tile-changed";
        findings.found(entry, stored.length == 0 ? "tile-missing" : what);
    }
}
