package org.patronvault.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.patronvault.model.IntegrityException;

/**
 * Rows that are read a stretch at a time, each after the last of the one before. Where their order is damaged a stretch may
 * lead back, and whoever went on from there would never come to an end.
 */
final class KeysetScan {
    private KeysetScan() {}

    /**
     * Those rows.
     *
     * @throws IntegrityException unless each is above the one before, and the first above {@code after}
     */
    static <T> List<T> above(long after, List<T> rows, ToLongFunction<T> number) {
        long before = after;
        for (T row : rows) {
            before = above(before, number.applyAsLong(row));
        }
        return new ArrayList<>(rows);
    }

    /**
     * That number.
     *
     * @throws IntegrityException unless it is above the one before
     */
    static long above(long before, long number) {
        require(number > before);
        return number;
    }

    /**
     * Those numbers.
     *
     * @throws IntegrityException unless each is below the one before, and the first below {@code before}
     */
    static List<Long> below(long before, List<Long> numbers) {
        long last = before;
        for (long number : numbers) {
            require(number < last);
            last = number;
        }
        return numbers;
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

    /**
     * How many rows went, of some that are there.
     *
     * @throws IntegrityException if none did and there are some still: whoever deletes them some at a time would do so for ever
     */
    static int gone(int rows, BooleanSupplier isEmpty) {
        require(rows > 0 || isEmpty.getAsBoolean());
        return rows;
    }

    private static void require(boolean inOrder) {
        if (!inOrder) {
            throw new IntegrityException("database: order of rows");
        }
    }
}
