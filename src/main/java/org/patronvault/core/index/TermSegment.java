package org.patronvault.core.index;

import java.util.Arrays;
import java.util.List;

/**
 * The terms of some patrons, sorted once and never changed, except that a patron's position becomes stale. A position is
 * the patron's place among the ids of the segment, in their order. Each term stands once, with the positions of its
 * patrons. Not safe for use by many threads: its owner's lock guards the stale positions.
 */
final class TermSegment {
    /** The most patrons: a position has two bytes. */
    static final int MOST_PATRONS = 65_536;

    private static final int TERM_LOW_BITS = 16;
    private static final long LOW_MASK = (1L << TERM_LOW_BITS) - 1;

    /** One patron to build a segment of. The terms are ascending, each once. */
    record Terms(long patron, long generation, long[] terms) {}

    /** A receiver of what is found. */
    @FunctionalInterface
    interface Finder {
        /** Takes a patron; returns whether more are wanted. */
        boolean found(long patron, long generation);
    }

    private final long[] patrons;
    private final long[] generations;

    /** The upper 32 and the lower 16 bits of each different term, ascending. */
    private final int[] high;

    private final short[] low;

    /** Where the positions of each term begin, and where those of the last one end. */
    private final int[] starts;

    private final short[] positions;
    private final long[] stale;
    private int staleCount;

    private TermSegment(long[] patrons, long[] generations, int[] high, short[] low, int[] starts, short[] positions) {
        this.patrons = patrons;
        this.generations = generations;
        this.high = high;
        this.low = low;
        this.starts = starts;
        this.positions = positions;
        this.stale = new long[(patrons.length + Long.SIZE - 1) / Long.SIZE];
    }

    /**
     * Builds a segment.
     *
     * @param all ascending by the patron's number, each once, at most {@value #MOST_PATRONS}
     */
    static TermSegment of(List<Terms> all) {
        long[] patrons = new long[all.size()];
        long[] generations = new long[all.size()];
        int count = 0;
        for (int at = 0; at < all.size(); at++) {
            patrons[at] = all.get(at).patron();
            generations[at] = all.get(at).generation();
            count += all.get(at).terms().length;
        }
        // A term has 48 bits and a position 16, so that both are one number to be sorted.
        long[] pairs = new long[count];
        int next = 0;
        for (int at = 0; at < all.size(); at++) {
            for (long term : all.get(at).terms()) {
                pairs[next++] = term << Short.SIZE | at;
            }
        }
        sortUnsigned(pairs);
        return sorted(patrons, generations, pairs);
    }

    private static void sortUnsigned(long[] pairs) {
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] ^= Long.MIN_VALUE;
        }
        Arrays.sort(pairs);
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] ^= Long.MIN_VALUE;
        }
    }

    private static TermSegment sorted(long[] patrons, long[] generations, long[] pairs) {
        int different = 0;
        for (int i = 0; i < pairs.length; i++) {
            different += isNew(pairs, i) ? 1 : 0;
        }
        int[] high = new int[different];
        short[] low = new short[different];
        int[] starts = new int[different + 1];
        short[] positions = new short[pairs.length];
        int term = -1;
        for (int i = 0; i < pairs.length; i++) {
            if (isNew(pairs, i)) {
                term++;
                high[term] = (int) (pairs[i] >>> Integer.SIZE);
                low[term] = (short) (pairs[i] >>> Short.SIZE);
                starts[term] = i;
            }
            positions[i] = (short) pairs[i];
        }
        starts[different] = pairs.length;
        return new TermSegment(patrons, generations, high, low, starts, positions);
    }

    private static boolean isNew(long[] pairs, int at) {
        return at == 0 || pairs[at] >>> Short.SIZE != pairs[at - 1] >>> Short.SIZE;
    }

    /** Passes the patrons that have all these terms, as long as more are wanted. Returns whether more are wanted. */
    boolean find(long[] terms, Finder finder) {
        int[] from = new int[terms.length];
        int[] to = new int[terms.length];
        int shortest = 0;
        for (int i = 0; i < terms.length; i++) {
            int at = place(terms[i]);
            if (at < 0) {
                return true;
            }
            from[i] = starts[at];
            to[i] = starts[at + 1];
            shortest = to[i] - from[i] < to[shortest] - from[shortest] ? i : shortest;
        }
        for (int i = from[shortest]; i < to[shortest]; i++) {
            int position = Short.toUnsignedInt(positions[i]);
            if (!isStale(position)
                    && hasAll(position, shortest, from, to)
                    && !finder.found(patrons[position], generations[position])) {
                return false;
            }
        }
        return true;
    }

    /** Whether each of the other lists has the position; moves their beginnings up to it. */
    private boolean hasAll(int position, int but, int[] from, int[] to) {
        for (int i = 0; i < from.length; i++) {
            if (i != but) {
                from[i] = atLeast(position, from[i], to[i]);
                if (from[i] == to[i] || Short.toUnsignedInt(positions[from[i]]) != position) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Returns the first index with a position not below that one, by steps that double and then a binary search. */
    private int atLeast(int position, int from, int to) {
        int step = 1;
        int low = from;
        while (low + step < to && Short.toUnsignedInt(positions[low + step]) < position) {
            low += step;
            step *= 2;
        }
        int high = Math.min(low + step, to);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Short.toUnsignedInt(positions[middle]) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Returns the number of patrons that have a term, stale ones included. */
    int count(long term) {
        int at = place(term);
        return at < 0 ? 0 : starts[at + 1] - starts[at];
    }

    private int place(long term) {
        int highPart = (int) (term >>> TERM_LOW_BITS);
        int lowPart = (int) (term & LOW_MASK);
        int from = 0;
        int to = high.length - 1;
        while (from <= to) {
            int middle = (from + to) >>> 1;
            int order = Integer.compareUnsigned(high[middle], highPart);
            if (order == 0) {
                order = Integer.compare(Short.toUnsignedInt(low[middle]), lowPart);
            }
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                from = middle + 1;
            } else {
                to = middle - 1;
            }
        }
        return -1;
    }

    /** Returns the generation of a patron that is not stale, or 0. */
    long generation(long patron) {
        int position = Arrays.binarySearch(patrons, patron);
        return position < 0 || isStale(position) ? 0 : generations[position];
    }

    /** Makes a patron stale, who is then not found here any more. */
    void leaveOut(long patron) {
        int position = Arrays.binarySearch(patrons, patron);
        if (position >= 0 && !isStale(position)) {
            stale[position / Long.SIZE] |= 1L << position;
            staleCount++;
        }
    }

    private boolean isStale(int position) {
        return (stale[position / Long.SIZE] & 1L << position) != 0;
    }

    /** Returns the number of patrons that are found here. */
    int size() {
        return patrons.length - staleCount;
    }

    /** Returns the number of patrons, stale ones included. */
    int places() {
        return patrons.length;
    }

    /** Returns the number of patron at a place, stale or not. */
    long patron(int place) {
        return patrons[place];
    }

    /** Returns all patrons that were not stale when this began, with their terms. Takes milliseconds. */
    List<Terms> all() {
        boolean[] kept = new boolean[patrons.length];
        int[] counts = new int[patrons.length];
        for (int position = 0; position < patrons.length; position++) {
            kept[position] = !isStale(position);
        }
        for (short position : positions) {
            counts[Short.toUnsignedInt(position)]++;
        }
        long[][] terms = new long[patrons.length][];
        for (int position = 0; position < patrons.length; position++) {
            terms[position] = new long[kept[position] ? counts[position] : 0];
        }
        int[] filled = new int[patrons.length];
        for (int term = 0; term < high.length; term++) {
            long value = Integer.toUnsignedLong(high[term]) << TERM_LOW_BITS | Short.toUnsignedInt(low[term]);
            for (int i = starts[term]; i < starts[term + 1]; i++) {
                int position = Short.toUnsignedInt(positions[i]);
                if (kept[position]) {
                    terms[position][filled[position]++] = value;
                }
            }
        }
        Terms[] all = new Terms[patrons.length];
        int count = 0;
        for (int position = 0; position < patrons.length; position++) {
            if (kept[position]) {
                all[count++] = new Terms(patrons[position], generations[position], terms[position]);
            }
        }
        return Arrays.asList(all).subList(0, count);
    }

    /** Returns the bytes of the arrays. */
    long bytes() {
        return (long) patrons.length * 2 * Long.BYTES
                + (long) high.length * (Integer.BYTES + Short.BYTES)
                + (long) starts.length * Integer.BYTES
                + (long) positions.length * Short.BYTES
                + (long) stale.length * Long.BYTES;
    }

    /** Overwrites all terms and numbers of patrons. */
    void wipe() {
        Arrays.fill(patrons, 0);
        Arrays.fill(high, 0);
        Arrays.fill(low, (short) 0);
        Arrays.fill(positions, (short) 0);
        Arrays.fill(starts, 0);
    }
}
