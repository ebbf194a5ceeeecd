package org.patronvault.access;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.patronvault.audit.ClockReading;

/**
 * For how long the machine's clock has gone on as the one that nobody can set. What was just set, or what a process was
 * just started by, may be wrong. Not for use by several threads.
 */
public final class EvenClock {
    private static final Duration SLACK = Duration.ofSeconds(ValidityPeriod.AHEAD_SECONDS);

    private final Clock clock;
    private final LongSupplier nanoTime;
    private ClockReading since;

    /** Begins to hold one against the other, a monotonic one in nanoseconds. */
    public EvenClock(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.since = ClockReading.of(clock, nanoTime);
    }

    /** Looks, and says for how long it has not been seen set. */
    public Duration even() {
        ClockReading now = ClockReading.of(clock, nanoTime);
        if (now.setSince(since).abs().compareTo(SLACK) > 0) {
            since = now;
        }
        return now.passedSince(since);
    }
}
