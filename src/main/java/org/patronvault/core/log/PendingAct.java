package org.patronvault.core.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An act that waits for the appender, and the future of its caller. Safe for use by many threads.
 *
 * @param <T> the answer
 */
final class PendingAct<T> {
    private final long since = System.nanoTime();
    private final long mostNanos;
    private volatile Act<T> act;
    private final CompletableFuture<T> caller = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();

    /** Creates an act whose caller waits at most that long. */
    PendingAct(Act<T> act, long mostMillis) {
        this.act = act;
        this.mostNanos = TimeUnit.MILLISECONDS.toNanos(mostMillis);
    }

    Act<T> act() {
        return act;
    }

    /**
     * Drops the reference to the act. Others hold this object a little longer, and an act may hold thousands of rows.
     */
    void release() {
        act = null;
    }

    /** Returns the time since the act was submitted, in nanoseconds. */
    long nanos() {
        return System.nanoTime() - since;
    }

    boolean isOverdue() {
        return nanos() >= mostNanos;
    }

    CompletableFuture<T> caller() {
        return caller;
    }

    /** Whether this call is the first: the appender's, to run the act, or the timeout's, to give up on it. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }
}
