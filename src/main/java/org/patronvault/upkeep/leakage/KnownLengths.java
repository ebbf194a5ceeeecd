package org.patronvault.upkeep.leakage;

import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Which lengths there may be of what stands in a column, of each kind of row.
 *
 * @param of what is taken for the length of a value
 * @param explained whether there may be values of these lengths, and of no other
 */
record KnownLengths(ToIntFunction<byte[]> of, Predicate<Set<Integer>> explained) {
    /** Nothing is said of them. */
    static final KnownLengths ANY = new KnownLengths(value -> value.length, lengths -> true);

    /** No more than so many different ones. */
    static KnownLengths atMost(int number) {
        return new KnownLengths(value -> value.length, lengths -> lengths.size() <= number);
    }

    /** None but these. */
    static KnownLengths among(Set<Integer> known, ToIntFunction<byte[]> of) {
        return new KnownLengths(of, known::containsAll);
    }

    /** So many bytes, and one step or more of the same. */
    static KnownLengths inSteps(int first, int step) {
        return new KnownLengths(
                value -> value.length,
                lengths -> lengths.stream().allMatch(length -> length > first && (length - first) % step == 0));
    }
}
