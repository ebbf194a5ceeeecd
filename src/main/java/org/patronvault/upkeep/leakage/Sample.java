package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.patronvault.model.PatronId;

/**
 * Patrons of whom it is known which share a surname, so that what a thief finds out can be scored.
 *
 * @param surnames of each a number, equal for equal surnames; those below the number of surnames in a table of the
 *     most frequent ones are places in it
 * @param unreadable how many more were drawn, whose name does not open
 */
public record Sample(List<PatronId> patrons, int[] surnames, int unreadable) {
    /** Nobody. */
    public static final Sample NONE = new Sample(List.of(), new int[0]);

    /** Patrons of each of whom the name opens. */
    public Sample(List<PatronId> patrons, int[] surnames) {
        this(patrons, surnames, 0);
    }

    /** How many there are. */
    public int size() {
        return patrons.size();
    }

    /** How many have the most frequent surname among them: so often he is right who always says that one. */
    long constantGuess() {
        return bearers().values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** How many bear each surname. */
    Map<Integer, Long> bearers() {
        return Arrays.stream(surnames)
                .boxed()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    /** The first of them. */
    Sample first(int most) {
        return size() <= most ? this : new Sample(patrons.subList(0, most), Arrays.copyOf(surnames, most), unreadable);
    }

    /** How many pairs they make. */
    long pairs() {
        return pairs(size());
    }

    /** How many of the pairs share a surname. */
    long equalPairs() {
        return bearers().values().stream().mapToLong(Sample::pairs).sum();
    }

    private static long pairs(long of) {
        return of * (of - 1) / 2;
    }

    /** What is to be said of those whose name does not open, behind another sentence; empty if there are none. */
    String remark() {
        return unreadable == 0
                ? ""
                : Figures.said(" The names of %,d more that were drawn do not open: run `check`.", unreadable);
    }
}
