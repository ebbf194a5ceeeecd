package org.patronvault.audit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * What two clocks said at one moment: the machine's, which somebody can set, and the monotonic one, which nobody can. Of two
 * such the later tells how the first went between.
 *
 * @param wall by the machine's clock
 * @param nanos by the monotonic one, in nanoseconds
 */
public record ClockReading(Instant wall, long nanos) {

    /** That of now. */
    public static ClockReading of(Clock clock, LongSupplier nanoTime) {
        return new ClockReading(clock.instant(), nanoTime.getAsLong());
    }

    /** How long after that one it was taken, whatever the machine's clock says. */
    public Duration passedSince(ClockReading before) {
        return Duration.ofNanos(nanos - before.nanos);
    }

    /** By how much the machine's clock was set between the two; negative if it was set back. */
    public Duration setSince(ClockReading before) {
        return Duration.between(before.wall, wall).minus(passedSince(before));
    }
}
