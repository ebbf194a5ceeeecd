package org.patronvault.core.log;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A timer that gives up on units whose callers have waited long enough, about a twentieth of a second late at most.
 * Nearly all units end long before. A timer for each would hold all of them in memory until their time is over. Safe
 * for use by many threads.
 */
final class UnitTimeouts implements AutoCloseable {
    private static final int LOOK_MILLIS = 50;

    private final Queue<PendingUnit> waiting = new ConcurrentLinkedQueue<>();
    private final Consumer<PendingUnit> giveUp;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.daemon("vault-waits"));

    /**
     * Starts the timer.
     *
     * @param giveUp called once for each overdue unit, in a thread that must not be held up
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
            // Such as memory that ran out: the timer runs again, and is not lost for good.
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

    /** Stops the timer. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
