package org.patronvault.audit;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Gives up on units that have waited for as long as their callers do, about a twentieth of a second later at most. Nearly
 * all are done long before: a timer for each would hold all of them in memory until the wait is over. Safe for use by many
 * threads.
 */
final class UnitTimeouts implements AutoCloseable {
    private static final int LOOK_MILLIS = 50;

    private final Queue<PendingUnit> waiting = new ConcurrentLinkedQueue<>();
    private final Consumer<PendingUnit> giveUp;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.daemon("vault-waits"));

    /**
     * Looks from now on.
     *
     * @param giveUp told of each unit that is overdue, once, in a thread that must not be held up
     */
    UnitTimeouts(Consumer<PendingUnit> giveUp) {
        this.giveUp = giveUp;
        Future<?> unused = thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    void add(PendingUnit one) {
        waiting.add(one);
    }

    private void look() {
        try {
            waiting.removeIf(this::isOver);
        } catch (RuntimeException | Error e) {
            // Memory that ran out, say: it looks again, where it would else never be called again.
        }
    }

    private boolean isOver(PendingUnit one) {
        boolean isDone = one.caller().isDone();
        if (!isDone && one.isOverdue()) {
            giveUp.accept(one);
            return true;
        }
        return isDone;
    }

    /** Gives up on nobody any more. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
