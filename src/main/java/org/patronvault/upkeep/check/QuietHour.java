package org.patronvault.upkeep.check;

import java.time.Duration;
import java.time.Instant;

/**
 * Finds the first hour in which the log hardly grew. The first sweep of a vault waits for it, because clerks would wait
 * for a sweep that starts under their first load. Thread safe.
 */
final class QuietHour {
    /** The number of new entries that makes an hour busy: one a minute. */
    static final int BUSY_ENTRIES = 60;

    /** The length of the hour. */
    static final Duration LENGTH = Duration.ofHours(1);

    private Instant since = Instant.MAX;
    private long entriesThen;

    /**
     * Whether fewer than {@value #BUSY_ENTRIES} entries were added within an hour. Callers ask every minute. An hour in
     * which nobody asked counts if it was quiet too.
     *
     * @param now the time of the call
     * @param entries the number of log entries at that time
     */
    synchronized boolean hasPassed(Instant now, long entries) {
        if (now.isBefore(since) || entries - entriesThen >= BUSY_ENTRIES) {
            since = now;
            entriesThen = entries;
        }
        return !now.isBefore(since.plus(LENGTH));
    }
}
