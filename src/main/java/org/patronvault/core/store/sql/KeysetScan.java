package org.patronvault.core.store.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.patronvault.core.model.IntegrityException;

/**
 * The order checks for rows read a stretch at a time, each after the last of the previous one. If the order is damaged,
 * a stretch may lead back, and the reader would never end.
 */
public final class KeysetScan {
    private KeysetScan() {}

    /**
     * Returns the rows.
     *
     * @throws IntegrityException unless each is above the one before, and the first above {@code after}
     */
    public static <T> List<T> above(long after, List<T> rows, ToLongFunction<T> number) {
        long before = after;
        for (T row : rows) {
            before = above(before, number.applyAsLong(row));
        }
        return new ArrayList<>(rows);
    }

    /**
     * Returns the number.
     *
     * @throws IntegrityException unless it is above the one before
     */
    public static long above(long before, long number) {
        require(number > before);
        return number;
    }

    /**
     * Returns the numbers.
     *
     * @throws IntegrityException unless each is below the one before, and the first below {@code before}
     */
    public static List<Long> below(long before, List<Long> numbers) {
        long last = before;
        for (long number : numbers) {
            require(number < last);
            last = number;
        }
        return numbers;
    }

    /**
     * Returns the label.
     *
     * @param before empty for the first
     * @throws IntegrityException unless it is above the one before, byte by byte
     */
    public static byte[] above(byte[] before, byte[] label) {
        require(before.length == 0 || Arrays.compareUnsigned(label, before) > 0);
        return label;
    }

    /**
     * Returns how many rows were deleted, of some that exist.
     *
     * @throws IntegrityException if none was and there are some still: a caller that deletes some at a time would never
     *     end
     */
    public static int gone(int rows, BooleanSupplier isEmpty) {
        require(rows > 0 || isEmpty.getAsBoolean());
        return rows;
    }

    private static void require(boolean inOrder) {
        if (!inOrder) {
            throw new IntegrityException("database: order of rows");
        }
    }
}
