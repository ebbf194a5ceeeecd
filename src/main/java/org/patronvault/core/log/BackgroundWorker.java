package org.patronvault.core.log;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A thread that runs one long piece of work at a time, for which no caller waits. Safe for use by many threads. */
public final class BackgroundWorker implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final ExecutorService thread;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean stopping;

    /** Creates a daemon thread of that name. */
    public BackgroundWorker(String name) {
        this.thread = Executors.newSingleThreadExecutor(DaemonThreads.daemon(name));
    }

    /** Starts the work, unless other work is running, or is to stop. */
    public void begin(Runnable work) {
        if (!stopping && busy.compareAndSet(false, true)) {
            Future<?> unused = thread.submit(() -> {
                try {
                    work.run();
                } finally {
                    busy.set(false);
                }
            });
        }
    }

    /** Whether work is running. */
    public boolean isBusy() {
        return busy.get();
    }

    /** Whether running work is to end as soon as it can. */
    public boolean isStopping() {
        return stopping;
    }

    /**
     * Rests as long as the work has taken since {@code began}, by {@link System#nanoTime}.
     *
     * @return whether the rest ended without an interruption
     */
    public static boolean rest(long began) {
        try {
            TimeUnit.NANOSECONDS.sleep(System.nanoTime() - began);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits until the started work has ended. */
    public void settle() throws InterruptedException, ExecutionException {
        thread.submit(() -> {}).get();
    }

    /** Stops running work, and waits a while for its end. */
    @Override
    public void close() {
        stopping = true;
        thread.shutdownNow();
        try {
            boolean unused = thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
