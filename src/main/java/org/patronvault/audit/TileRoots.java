package org.patronvault.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.patronvault.tlog.Tile;

/**
 * The hashes that stand for some full tiles in the tiles above them, of one log, so that who reads on in it again and again
 * does not read all tiles at its right edge each time. They are believed no more than the tiles are: what is computed of
 * them is compared with a tree that is known. Safe for use by many threads.
 */
final class TileRoots {
    /** As many as the last four tiles of the level above have. */
    private static final int MOST = 4 * Tile.FULL_WIDTH;

    private final Map<Tile, byte[]> roots = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Tile, byte[]> eldest) {
            return size() > MOST;
        }
    };

    /** That of a full tile, which {@code compute} makes if it is not known. */
    synchronized byte[] of(Tile tile, Function<Tile, byte[]> compute) {
        byte[] known = roots.get(tile);
        if (known == null) {
            known = compute.apply(tile);
            roots.put(tile, known);
        }
        return known;
    }

    /** Forgets all of them, since what was computed of them was wrong. */
    synchronized void forget() {
        roots.clear();
    }
}
