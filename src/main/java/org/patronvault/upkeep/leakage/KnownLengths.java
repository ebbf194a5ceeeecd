package org.patronvault.upkeep.leakage;

import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * The possible lengths of a column's values, for each kind of row.
 *
 * @param of what counts as the length of a value
 * @param explained whether values may have exactly these lengths
 */
record KnownLengths(ToIntFunction<byte[]> of, Predicate<Set<Integer>> explained) {
    /** Any lengths. */
    static final KnownLengths ANY = new KnownLengths(value -> value.length, lengths -> true);

    /** At most this many different lengths. */
    static KnownLengths atMost(int number) {
        return new KnownLengths(value -> value.length, lengths -> lengths.size() <= number);
    }

    /** Only these lengths. */
    static KnownLengths among(Set<Integer> known, ToIntFunction<byte[]> of) {
        return new KnownLengths(of, known::containsAll);
    }

    /** A first length plus one or more equal steps, in bytes. */
    static KnownLengths inSteps(int first, int step) {
        return new KnownLengths(
                value -> value.length,
                lengths -> lengths.stream().allMatch(length -> length > first && (length - first) % step == 0));
    }
}
