package org.patronvault.access;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * For how long the machine's clock has gone on as the one that nobody can set. What was just set, or what a process was
 * just started by, may be wrong. Not for use by several threads.
 */
final class EvenClock {
    private static final Duration SLACK = Duration.ofSeconds(Term.AHEAD_SECONDS);

    private final Clock clock;
    private final LongSupplier nanoTime;
    private long sinceMillis;
    private long sinceNanos;

    /** Begins to hold one against the other, a monotonic one in nanoseconds. */
    EvenClock(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.sinceMillis = clock.millis();
        this.sinceNanos = nanoTime.getAsLong();
    }

    /** Looks, and says for how long it has not been seen set. */
    Duration even() {
        long millis = clock.millis();
        long nanos = nanoTime.getAsLong();
        Duration passed = Duration.ofNanos(nanos - sinceNanos);
        if (Duration.ofMillis(millis - sinceMillis).minus(passed).abs().compareTo(SLACK) > 0) {
            sinceMillis = millis;
            sinceNanos = nanos;
            return Duration.ZERO;
        }
        return passed;
    }
}
