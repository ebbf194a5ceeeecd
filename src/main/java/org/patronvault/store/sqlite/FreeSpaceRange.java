package org.patronvault.store.sqlite;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The free space between the cell list and the cells of a b-tree page, where deleted bytes may remain (SQLite,
 * "Database File Format", 1.6).
 *
 * @param from where it begins in the page
 * @param length in bytes
 */
record FreeSpaceRange(int from, int length) {
    /** The bytes of the first page before its b-tree header. */
    private static final int FIRST_PAGE_HEADER = 100;

    private static final int LEAF_HEADER = 8;
    private static final int INTERIOR_HEADER = 12;

    /**
     * Returns the free space of a page. Empty if it is not a b-tree page, or is damaged, which {@code check} reports.
     *
     * @param usable bytes of each page that are the database's
     */
    static Optional<FreeSpaceRange> of(ByteBuffer page, boolean first, int usable) {
        int header = first ? FIRST_PAGE_HEADER : 0;
        int size = switch (page.get(header)) {
            case 10, 13 -> LEAF_HEADER;
            case 2, 5 -> INTERIOR_HEADER;
            default -> 0;
        };
        int cells = page.getShort(header + 3) & 0xffff;
        int list = header + size;
        int from = list + 2 * cells;
        int content = page.getShort(header + 5) & 0xffff;
        int to = content == 0 ? 65_536 : content;
        boolean whole = size != 0 && from <= to && to <= usable && isWhole(page, list, cells, to);
        return whole ? Optional.of(new FreeSpaceRange(from, to - from)) : Optional.empty();
    }

    /** Whether every cell begins in the area for cells. */
    private static boolean isWhole(ByteBuffer page, int list, int cells, int content) {
        return IntStream.range(0, cells).allMatch(i -> (page.getShort(list + 2 * i) & 0xffff) >= content);
    }

    /** Whether any bytes in it are not zero. */
    boolean isDirty(ByteBuffer page) {
        return IntStream.range(from, from + length).anyMatch(i -> page.get(i) != 0);
    }
}
