package org.patronvault.system;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The times at which something was done that is tried all the time. For use by several threads. */
final class Successes {
    private final Queue<Long> times = new ConcurrentLinkedQueue<>();

    /** It was done now. */
    void add() {
        times.add(System.nanoTime());
    }

    /** How often so far. */
    int count() {
        return times.size();
    }

    /** The longest that it was not done, of that stretch of {@link System#nanoTime}. */
    long longestGapMillis(long from, long to) {
        long longest = 0;
        long last = from;
        for (long one : times) {
            if (one > from) {
                longest = Math.max(longest, Math.min(one, to) - last);
                last = Math.min(one, to);
            }
        }
        return Math.max(longest, to - last) / 1_000_000;
    }
}
