package org.patronvault.audit;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.model.Actor;

/**
 * Notices that the machine's clock was set, or went on while the machine slept, by holding it against the one that nobody
 * can set, and has the log say so: entries are in the order of their numbers, and whoever reads them is told why times leap
 * or go back. Not for use by several threads.
 */
public final class ClockWatch {
    /** Less is what a clock is corrected by, little by little. */
    private static final Duration LEAST = Duration.ofSeconds(10);

    private final AuditLog log;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private ClockReading last;
    private long untold;

    /** Watches the machine's own clock, whatever clock the log goes by. */
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
     * Looks once. What was noticed while nothing could be logged is told later, as one.
     *
     * @throws org.patronvault.model.Refused if the log cannot be written just now
     */
    public void turn() {
        ClockReading now = ClockReading.of(clock, nanoTime);
        Duration set = now.setSince(last);
        last = now;
        if (set.abs().compareTo(LEAST) >= 0) {
            untold += set.toMillis();
        }
        if (untold != 0) {
            log.appendAndWait(Unit.of(log.event(Actor.VAULT, Act.CLOCK, Outcome.COUNTED, AuditLog.newRequest())
                    .about(untold > 0 ? "forward" : "back")
                    .counting(TimeUnit.MILLISECONDS.toSeconds(Math.abs(untold)))));
            untold = 0;
        }
    }
}
