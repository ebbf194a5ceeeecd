package org.patronvault.custody;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * From where a passphrase may be tried now. Anyone may try, and each try takes a second of a processor and 256 MiB, in a
 * process of its own where the heap is small: after three that were wrong a network waits for the next, twice as long each
 * time and a minute at most. Kept in memory, since nothing can be written while the vault is sealed, and forgotten after
 * a quarter of an hour. Safe for use by many threads.
 */
final class PassphraseTries {
    static final int FREE = 3;
    static final int LONGEST_WAIT_SECONDS = 60;

    private static final int FIRST_WAIT_SECONDS = 4;
    private static final long REMEMBERED_SECONDS = 15 * 60;
    private static final int MOST_NETWORKS = 4_096;

    /** How many were wrong, and when the last was. */
    private record Wrong(int times, long lastNanos) {
        private long waitSeconds() {
            int doublings = Math.min(times - FREE, LONGEST_WAIT_SECONDS);
            return doublings < 0
                    ? 0
                    : (long) Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * Math.pow(2, doublings));
        }
    }

    private final LongSupplier nanoTime;
    private final Map<String, Wrong> wrong = new LinkedHashMap<>(16, 0.75f, true);

    PassphraseTries(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Requires that the next from there may be tried.
     *
     * @throws Refused with {@code too-many-attempts}, and how long to wait
     */
    synchronized void require(String network) {
        Wrong before = wrong.get(network);
        if (before != null) {
            long since = nanoTime.getAsLong() - before.lastNanos();
            long left = TimeUnit.SECONDS.toNanos(before.waitSeconds()) - since;
            if (left > 0) {
                throw new Refused(
                        Problem.TOO_MANY_ATTEMPTS,
                        "Several wrong passphrases came from this address; wait a little before the next.",
                        (int) TimeUnit.NANOSECONDS.toSeconds(left) + 1);
            }
            if (since > TimeUnit.SECONDS.toNanos(REMEMBERED_SECONDS)) {
                wrong.remove(network);
            }
        }
    }

    /** How many from there were wrong lately. */
    synchronized int wrongFrom(String network) {
        Wrong before = wrong.get(network);
        return before == null ? 0 : before.times();
    }

    /** Counts one that was wrong. */
    synchronized void wrong(String network) {
        Wrong before = wrong.get(network);
        wrong.put(network, new Wrong(before == null ? 1 : before.times() + 1, nanoTime.getAsLong()));
        if (wrong.size() > MOST_NETWORKS) {
            wrong.remove(wrong.keySet().iterator().next());
        }
    }

    /** What was wrong before was somebody's slip. */
    synchronized void right(String network) {
        wrong.remove(network);
    }
}
