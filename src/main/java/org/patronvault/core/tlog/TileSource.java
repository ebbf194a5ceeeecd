package org.patronvault.core.tlog;

/** A source of the bytes of hash tiles for a {@link TileReader}: a table, a directory of an export, a server. */
@FunctionalInterface
public interface TileSource {

    /**
     * Returns the hashes of the tile, one after the other. May be more than {@link Tile#width()} hashes if the tile has
     * grown since, never fewer. A source that has no such tile throws an unchecked exception of its own.
     */
    byte[] read(Tile tile);
}
