package org.patronvault.core.tlog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one tile or entry bundle (C2SP tlog-tiles). A tile of level L holds up to 256 consecutive hashes of
 * subtrees of 256^L leaves each. A bundle holds the leaves under the level-0 tile of the same index, up to 256.
 *
 * @param level 0 to 63, or {@link #ENTRIES} for an entry bundle
 * @param index position among the tiles of its level, from 0
 * @param width number of hashes or entries: 256 when full, 1 to 255 when partial
 */
public record Tile(int level, long index, int width) {
    /** The level of entry bundles, written {@code entries} in paths. */
    public static final int ENTRIES = -1;

    /** Hashes or entries in a full tile. */
    public static final int FULL_WIDTH = 256;

    /** Levels of the tree that a tile spans. */
    public static final int HEIGHT = 8;

    private static final int MAX_LEVEL = 63;
    private static final Pattern PATH =
            Pattern.compile("tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\\.p/([0-9]{1,3}))?");

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is violated
     */
    public Tile {
        if (level < ENTRIES || level > MAX_LEVEL) {
            throw new IllegalArgumentException("level must be 0 to 63 or ENTRIES");
        }
        if (index < 0) {
            throw new IllegalArgumentException("index must not be negative");
        }
        if (width < 1 || width > FULL_WIDTH) {
            throw new IllegalArgumentException("width must be 1 to 256");
        }
    }

    /**
     * Reads a path such as {@code tile/0/x001/x234/067} or {@code tile/entries/005.p/17}, without a leading slash.
     *
     * @throws MalformedException unless it is exactly what {@link #path()} writes for some tile
     */
    public static Tile parse(String path) throws MalformedException {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            throw new MalformedException("tile path: not of the form tile/L/N or tile/L/N.p/W");
        }
        try {
            Tile tile = new Tile(
                    matcher.group(1).equals("entries") ? ENTRIES : Integer.parseInt(matcher.group(1)),
                    Long.parseLong(matcher.group(2).replace("x", "").replace("/", "")),
                    matcher.group(3) == null ? FULL_WIDTH : Integer.parseInt(matcher.group(3)));
            if (tile.path().equals(path)) {
                return tile;
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedException("tile path: level, index or width out of range", e);
        }
        throw new MalformedException("tile path: a number has needless zeros, or a full tile is written as partial");
    }

    /** The path below the log's prefix, without a leading slash. */
    public String path() {
        StringBuilder digits = new StringBuilder(Long.toString(index));
        while (digits.length() % 3 != 0) {
            digits.insert(0, '0');
        }
        StringBuilder path = new StringBuilder("tile/").append(level == ENTRIES ? "entries" : level);
        for (int at = 0; at < digits.length(); at += 3) {
            path.append(at + 3 < digits.length() ? "/x" : "/").append(digits, at, at + 3);
        }
        return isFull() ? path.toString() : path.append(".p/").append(width).toString();
    }

    /** Whether all 256 places are taken, so that the tile never changes again. */
    public boolean isFull() {
        return width == FULL_WIDTH;
    }

    /** Whether it is a bundle of log entries and not of hashes. */
    public boolean isEntries() {
        return level == ENTRIES;
    }

    /**
     * Returns the index of its first hash or entry among all of its level.
     *
     * @throws ArithmeticException if that exceeds a long, as no tile within a tree does
     */
    public long start() {
        return Math.multiplyExact(index, FULL_WIDTH);
    }

    /** Whether a tree of {@code treeSize} (0 or more) leaves has everything this tile holds. */
    public boolean isWithin(long treeSize) {
        // Compared by tiles first: index * 256 may not fit a long.
        long hashes = hashesAt(level, treeSize);
        return index < hashes / FULL_WIDTH || (index == hashes / FULL_WIDTH && width <= hashes % FULL_WIDTH);
    }

    /** Number of complete subtrees of 256^level leaves (of leaves, for bundles) in a tree. */
    static long hashesAt(int level, long treeSize) {
        int shift = HEIGHT * Math.max(level, 0);
        return shift < Long.SIZE ? treeSize >>> shift : 0;
    }
}
