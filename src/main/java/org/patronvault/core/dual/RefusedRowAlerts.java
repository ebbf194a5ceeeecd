package org.patronvault.core.dual;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;

/**
 * The alerts about refused authority rows. The first is logged at once, then at most one in ten minutes with the number
 * of rows. Logging runs in a thread of its own: a refused row may be met inside a transaction, and by every request.
 */
public final class RefusedRowAlerts implements AutoCloseable {
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long AGAIN_SECONDS = 10;
    private static final long CLOSE_SECONDS = 3;

    private final AuditLog log;
    private final LongSupplier nanoTime;
    private final AtomicLong refused = new AtomicLong();
    private final AtomicBoolean planned = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "vault-refused-rows");
        daemon.setDaemon(true);
        return daemon;
    });
    private boolean any;
    private long lastNanos;

    public RefusedRowAlerts(AuditLog log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /** Counts one more row; neither throws nor waits. */
    public void one() {
        refused.incrementAndGet();
        plan(0, TimeUnit.NANOSECONDS);
    }

    private void plan(long delay, TimeUnit unit) {
        if (planned.compareAndSet(false, true)) {
            try {
                var unused = thread.schedule(this::log, delay, unit);
            } catch (RejectedExecutionException e) {
                // Closing: the row is refused all the same.
                planned.set(false);
            }
        }
    }

    private void log() {
        planned.set(false);
        long wait = any ? lastNanos + WINDOW_NANOS - nanoTime.getAsLong() : 0;
        if (wait > 0) {
            plan(wait, TimeUnit.NANOSECONDS);
        } else {
            append();
        }
    }

    private void append() {
        long count = refused.getAndSet(0);
        if (count == 0) {
            return;
        }
        try {
            log.record(
                    log.event(Actor.VAULT, ActKind.TIDY, Outcome.FAILED, AuditLog.newRequest())
                            .counting(count),
                    Alert.AUTHORITY_ROW);
            any = true;
            lastNanos = nanoTime.getAsLong();
        } catch (Refused | StoreException e) {
            // Sealed, or the log is slow: the next turn logs it.
            refused.addAndGet(count);
            plan(AGAIN_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Logs the rows that are left. */
    @Override
    public void close() {
        if (thread.isShutdown()) {
            return;
        }
        try {
            thread.submit(this::append).get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The log cannot be written any more.
        }
        thread.shutdownNow();
    }
}
