package org.patronvault.audit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Long work that nobody waits for, in a thread of its own, one at a time. Safe for use by many threads. */
public final class BackgroundWorker implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final ExecutorService thread;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean stopping;

    /** A thread of that name, which keeps no process alive. */
    public BackgroundWorker(String name) {
        this.thread = Executors.newSingleThreadExecutor(DaemonThreads.daemon(name));
    }

    /** Begins it, unless some is under way, or is to stop. */
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

    /** Whether work is under way. */
    public boolean isBusy() {
        return busy.get();
    }

    /** Whether work that is under way is to end as soon as it can. */
    public boolean isStopping() {
        return stopping;
    }

    /**
     * Rests as long as it worked since {@code began}, by {@link System#nanoTime}.
     *
     * @return whether nobody interrupted it
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

    /** Waits until what was begun has ended. */
    public void settle() throws InterruptedException, ExecutionException {
        thread.submit(() -> {}).get();
    }

    /** Has work that is under way stop, and waits for it for a while. */
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
