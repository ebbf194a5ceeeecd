package org.patronvault.core.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A unit that waits for the appender, and the future of its caller. Safe for use by many threads. */
final class PendingUnit {
    private final long since = System.nanoTime();
    private final long mostNanos;
    private volatile Unit unit;
    private final CompletableFuture<AuditReceipt> caller = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();

    /** Creates a unit whose caller waits at most that long. */
    PendingUnit(Unit unit, long mostMillis) {
        this.unit = unit;
        this.mostNanos = TimeUnit.MILLISECONDS.toNanos(mostMillis);
    }

    Unit unit() {
        return unit;
    }

    /**
     * Drops the reference to the unit. Others hold this object a little longer, and a unit may hold thousands of rows.
     */
    void release() {
        unit = null;
    }

    /** Returns the time since the unit was submitted, in nanoseconds. */
    long nanos() {
        return System.nanoTime() - since;
    }

    boolean isOverdue() {
        return nanos() >= mostNanos;
    }

    CompletableFuture<AuditReceipt> caller() {
        return caller;
    }

    /** Whether this call is the first: the appender's, to run the unit, or the timeout's, to give up on it. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }
}
