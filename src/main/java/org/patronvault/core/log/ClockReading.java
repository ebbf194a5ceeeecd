package org.patronvault.core.log;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The readings of two clocks at one moment: the machine's clock, which can be set, and the monotonic clock, which
 * cannot. Two readings show how the machine's clock moved between them.
 *
 * @param wall by the machine's clock
 * @param nanos by the monotonic clock, in nanoseconds
 */
public record ClockReading(Instant wall, long nanos) {

    /** Returns a reading of the current moment. */
    public static ClockReading of(Clock clock, LongSupplier nanoTime) {
        return new ClockReading(clock.instant(), nanoTime.getAsLong());
    }

    /** Returns the time from the earlier reading to this one, whatever the machine's clock says. */
    public Duration passedSince(ClockReading before) {
        return Duration.ofNanos(nanos - before.nanos);
    }

    /** Returns by how much the machine's clock was set between the two readings; negative if it was set back. */
    public Duration setSince(ClockReading before) {
        return Duration.between(before.wall, wall).minus(passedSince(before));
    }
}
