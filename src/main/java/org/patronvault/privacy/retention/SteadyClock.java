package org.patronvault.privacy.retention;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;
import org.patronvault.core.log.ClockReading;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The machine's clock, checked against the running time of the process. It guards acts that a wrong clock must not
 * trigger.
 */
final class SteadyClock {
    private static final Duration SLACK = Duration.ofHours(1);

    private final Clock clock;
    private final LongSupplier nanoTime;
    private final ClockReading began;

    /** Starts to compare {@code clock} with a monotonic clock in nanoseconds. */
    SteadyClock(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.began = ClockReading.of(clock, nanoTime);
    }

    /** The current day in UTC, by that clock. */
    LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /** Refuses with {@code invalid} if the two clocks have drifted apart. */
    void require() {
        if (ClockReading.of(clock, nanoTime).setSince(began).abs().compareTo(SLACK) > 0) {
            throw new Refused(
                    Problem.INVALID,
                    "The machine's clock was moved by more than an hour since the vault was started. Set it right, start"
                            + " the vault again, and look at the date before you go on. Nothing was erased.");
        }
    }
}
