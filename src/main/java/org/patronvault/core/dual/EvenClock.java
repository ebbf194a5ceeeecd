package org.patronvault.core.dual;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.patronvault.core.log.ClockReading;

/**
 * A measure of how long the system clock has run in step with the monotonic clock. A clock that was just set may be
 * wrong. So may the clock at the start of a process. Not thread-safe.
 */
public final class EvenClock {
    private static final Duration SLACK = Duration.ofSeconds(ValidityPeriod.AHEAD_SECONDS);

    private final Clock clock;
    private final LongSupplier nanoTime;
    private ClockReading since;

    /** Starts to compare the two clocks, the monotonic one in nanoseconds. */
    public EvenClock(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.since = ClockReading.of(clock, nanoTime);
    }

    /** Compares the clocks and returns how long no step was seen. */
    public Duration even() {
        ClockReading now = ClockReading.of(clock, nanoTime);
        if (now.setSince(since).abs().compareTo(SLACK) > 0) {
            since = now;
        }
        return now.passedSince(since);
    }
}
