package org.patronvault.core.log;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that make answers once their entries are on disk: they open values and complete callers. Tasks only use
 * the processor, and wait for nothing. Safe for use by many threads.
 */
final class Openers implements Executor, AutoCloseable {
    /** The number of answers that may wait. Each holds the rows that it opens. */
    static final int MAX_BEHIND = 2_000;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ExecutorService threads = Executors.newFixedThreadPool(2, DaemonThreads.daemon("vault-open"));
    private final AtomicInteger behind = new AtomicInteger();

    @Override
    public void execute(Runnable task) {
        behind.incrementAndGet();
        threads.execute(() -> {
            try {
                task.run();
            } finally {
                behind.decrementAndGet();
            }
        });
    }

    /** Returns the number of tasks that are not done. */
    int behind() {
        return behind.get();
    }

    /** Waits while more than {@link #MAX_BEHIND} tasks are not done. */
    void awaitRoom() {
        while (behind.get() > MAX_BEHIND) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Does what waits, and ends. */
    @Override
    public void close() {
        DaemonThreads.shutDown(threads);
    }
}
