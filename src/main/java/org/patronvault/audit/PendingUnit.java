package org.patronvault.audit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A unit that waits for the appender, and who waits for it. Safe for use by many threads. */
final class PendingUnit {
    private final long since = System.nanoTime();
    private final long mostNanos;
    private volatile Unit unit;
    private final CompletableFuture<AuditReceipt> caller = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();

    /** One who waits so long at most. */
    PendingUnit(Unit unit, long mostMillis) {
        this.unit = unit;
        this.mostNanos = TimeUnit.MILLISECONDS.toNanos(mostMillis);
    }

    Unit unit() {
        return unit;
    }

    /** Lets the unit go: others hold this a little longer, and a unit may hold thousands of rows. */
    void release() {
        unit = null;
    }

    /** How long ago it was handed over. */
    long nanos() {
        return System.nanoTime() - since;
    }

    boolean isOverdue() {
        return nanos() >= mostNanos;
    }

    CompletableFuture<AuditReceipt> caller() {
        return caller;
    }

    /** True for the first who asks: the appender, to run it, or the caller's clock, to give up on it. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }
}
