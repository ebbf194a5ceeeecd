package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.patronvault.core.model.PatronId;

/**
 * A sample of patrons whose surnames are known, to score a thief's guesses.
 *
 * @param surnames a number for each patron, equal for equal surnames. Numbers below the size of a surname table are
 *     places in it.
 * @param unreadable how many more were drawn whose name could not be decrypted
 */
public record Sample(List<PatronId> patrons, int[] surnames, int unreadable) {
    /** The empty sample. */
    public static final Sample NONE = new Sample(List.of(), new int[0]);

    /** Creates a sample without unreadable names. */
    public Sample(List<PatronId> patrons, int[] surnames) {
        this(patrons, surnames, 0);
    }

    public int size() {
        return patrons.size();
    }

    /** The count of the most frequent surname, which a constant guess gets right. */
    long constantGuess() {
        return bearers().values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** The number of bearers of each surname. */
    Map<Integer, Long> bearers() {
        return Arrays.stream(surnames)
                .boxed()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    /** The first {@code most} patrons. */
    Sample first(int most) {
        return size() <= most ? this : new Sample(patrons.subList(0, most), Arrays.copyOf(surnames, most), unreadable);
    }

    /** The number of pairs. */
    long pairs() {
        return pairs(size());
    }

    /** The number of pairs with one surname. */
    long equalPairs() {
        return bearers().values().stream().mapToLong(Sample::pairs).sum();
    }

    private static long pairs(long of) {
        return of * (of - 1) / 2;
    }

    /** A remark about unreadable names, to follow another sentence, or empty. */
    String remark() {
        return unreadable == 0
                ? ""
                : Figures.said(" The names of %,d more that were drawn do not open: run `check`.", unreadable);
    }
}
