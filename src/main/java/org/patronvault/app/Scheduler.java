package org.patronvault.app;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.custody.slot.SealControl;

/** The scheduler of a vault's recurring work, every few seconds, minutes or hours. */
final class Scheduler implements AutoCloseable {
    private static final int QUICK = 2;
    private static final int QUICK_ONES = 6;
    private static final long OFTEN_MILLIS = 500;

    private final SealControl seal;
    private final GuardedRunnable counts;
    private final List<ScheduledFuture<?>> turns = new ArrayList<>();
    private final ScheduledExecutorService minutes = threads("vault-minutes", 1);
    /** Threads for work that must not wait for slow work or for each other: one thread each. */
    private final ScheduledExecutorService quick = threads("vault-seconds", QUICK_ONES);

    /**
     * Creates the scheduler.
     *
     * @param logCounts logs the counts, sealed or not
     */
    Scheduler(SealControl seal, Runnable logCounts) {
        this.seal = seal;
        this.counts = new GuardedRunnable(logCounts);
        begin(SECONDS.toMillis(60), counts);
    }

    /** Runs each task every {@code seconds} seconds, unless the vault is sealed. */
    Scheduler every(long seconds, Runnable... made) {
        for (Runnable turn : made) {
            begin(SECONDS.toMillis(seconds), unlessSealed(turn));
        }
        return this;
    }

    /** Runs each task often enough to follow changes within a second, unless the vault is sealed. */
    Scheduler often(Runnable... made) {
        for (Runnable turn : made) {
            begin(OFTEN_MILLIS, unlessSealed(turn));
        }
        return this;
    }

    /** Runs each task every {@code seconds} seconds, sealed or not. */
    Scheduler always(long seconds, Runnable... made) {
        for (Runnable turn : made) {
            begin(SECONDS.toMillis(seconds), turn);
        }
        return this;
    }

    private static ScheduledExecutorService threads(String name, int count) {
        return Executors.newScheduledThreadPool(count, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private void begin(long millis, Runnable turn) {
        turns.add((millis <= SECONDS.toMillis(QUICK) ? quick : minutes)
                .scheduleWithFixedDelay(new GuardedRunnable(turn), millis, millis, MILLISECONDS));
    }

    private Runnable unlessSealed(Runnable turn) {
        return () -> {
            if (!seal.isSealed()) {
                turn.run();
            }
        };
    }

    /** Logs the counts so far. If logging fails, the counts remain. */
    void logCounts() {
        counts.run();
    }

    @Override
    public void close() {
        turns.forEach(turn -> turn.cancel(false));
        minutes.shutdownNow();
        quick.shutdownNow();
    }
}
