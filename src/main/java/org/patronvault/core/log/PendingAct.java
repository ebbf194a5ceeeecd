package org.patronvault.core.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.patronvault.core.log.entry.AccessEvent;

/**
 * An act that waits for the engine, and the future of its caller. Safe for use by many threads.
 *
 * @param <T> the answer
 */
final class PendingAct<T> {
    private final long since = System.nanoTime();
    private final Lane lane;
    private final AccessEvent attempt;
    private volatile Act<T> act;
    private final CompletableFuture<T> caller = new CompletableFuture<>();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private long begun;
    private long decided;

    /**
     * Creates an act in a lane.
     *
     * @param lane that its caller asked for; an act of another system gets the lane of such acts
     */
    PendingAct(Act<T> act, Lane lane) {
        this.act = act;
        this.attempt = act.attempt();
        this.lane = lane.forActor(attempt.actor());
    }

    Act<T> act() {
        return act;
    }

    Lane lane() {
        return lane;
    }

    /** Returns the name of who acts. */
    String actor() {
        return attempt.actor().name();
    }

    /**
     * Drops the reference to the act. Others hold this object a little longer, and an act may hold thousands of rows.
     */
    void release() {
        act = null;
    }

    /** Runs {@code decide} if the caller still waits. Returns how long that took, in nanoseconds. For the engine. */
    long decide(Runnable decide) {
        if (!claim()) {
            return 0;
        }
        begun = System.nanoTime();
        decide.run();
        decided = System.nanoTime();
        return decided - begun;
    }

    /** Returns the times of this act, now that it is on disk. For the engine's thread. */
    AppendListener.Timing timing() {
        return new AppendListener.Timing(lane, attempt, begun - since, decided - begun, System.nanoTime() - since);
    }

    boolean isOverdue() {
        return System.nanoTime() - since >= TimeUnit.MILLISECONDS.toNanos(lane.waitMillis());
    }

    CompletableFuture<T> caller() {
        return caller;
    }

    /** Whether this call is the first: the engine's, to run the act, or the timeout's, to give up on it. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }
}
