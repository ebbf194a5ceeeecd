package org.patronvault.core.log;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;

/**
 * A watch on the machine's clock. It compares that clock with the monotonic one, and logs when the clock was set, or
 * ran on while the machine slept. Entries are ordered by index, and this tells a reader of the log why their times
 * jump. Not for use by several threads.
 */
public final class ClockWatch {
    /** A smaller change is an ordinary, gradual correction of the clock. */
    private static final Duration LEAST = Duration.ofSeconds(10);

    private final AuditLog log;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private ClockReading last;
    private long untold;

    /** Watches the machine's own clock, whatever clock the log uses. */
    public ClockWatch(AuditLog log) {
        this(log, Clock.systemUTC(), System::nanoTime);
    }

    ClockWatch(AuditLog log, Clock clock, LongSupplier nanoTime) {
        this.log = log;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.last = ClockReading.of(clock, nanoTime);
    }

    /**
     * Checks once. Changes found while nothing could be logged are reported later, as one.
     *
     * @throws org.patronvault.core.model.Refused if the log cannot be written just now
     */
    public void turn() {
        ClockReading now = ClockReading.of(clock, nanoTime);
        Duration set = now.setSince(last);
        last = now;
        if (set.abs().compareTo(LEAST) >= 0) {
            untold += set.toMillis();
        }
        if (untold != 0) {
            log.record(log.event(Actor.VAULT, ActKind.CLOCK, Outcome.COUNTED, AuditLog.newRequest())
                    .about(untold > 0 ? "forward" : "back")
                    .counting(TimeUnit.MILLISECONDS.toSeconds(Math.abs(untold))));
            untold = 0;
        }
    }
}
