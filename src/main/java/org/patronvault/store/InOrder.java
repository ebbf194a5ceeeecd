package org.patronvault.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import org.patronvault.model.IntegrityException;

/**
 * Rows that are read a stretch at a time, each after the last of the one before. Where their order is damaged a stretch may
 * lead back, and whoever went on from there would never come to an end.
 */
final class InOrder {
    private InOrder() {}

    /**
     * Those rows.
     *
     * @throws IntegrityException unless each is above the one before, and the first above {@code after}
     */
    static <T> List<T> above(long after, List<T> rows, ToLongFunction<T> number) {
        long before = after;
        for (T row : rows) {
            require(number.applyAsLong(row) > before);
            before = number.applyAsLong(row);
        }
        return new ArrayList<>(rows);
    }

    /**
     * That label.
     *
     * @param before empty for the first
     * @throws IntegrityException unless it is above the one before, byte by byte
     */
    static byte[] above(byte[] before, byte[] label) {
        require(before.length == 0 || Arrays.compareUnsigned(label, before) > 0);
        return label;
    }

    private static void require(boolean inOrder) {
        if (!inOrder) {
            throw new IntegrityException("database: order of rows");
        }
    }
}
