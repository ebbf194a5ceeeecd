package org.patronvault.core.log.read;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.patronvault.core.tlog.Tile;

/**
 * A cache of hashes that full tiles of one log have in the tiles above. It spares a repeated reader all tiles at the
 * log's right edge. The hashes are trusted no more than tiles: each result is compared with a known tree. Safe for use
 * by many threads.
 */
public final class TileRoots {
    /** As many roots as the last four tiles of the level above have. */
    private static final int MOST = 4 * Tile.FULL_WIDTH;

    private final Map<Tile, byte[]> roots = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Tile, byte[]> eldest) {
            return size() > MOST;
        }
    };

    /** Returns the root of a full tile, and computes it with {@code compute} if it is unknown. */
    synchronized byte[] of(Tile tile, Function<Tile, byte[]> compute) {
        byte[] known = roots.get(tile);
        if (known == null) {
            known = compute.apply(tile);
            roots.put(tile, known);
        }
        return known;
    }

    /** Forgets all roots, since a result computed from them was wrong. */
    public synchronized void forget() {
        roots.clear();
    }
}
