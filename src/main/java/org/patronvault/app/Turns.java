package org.patronvault.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.patronvault.custody.Repeated;
import org.patronvault.custody.SealControl;

/** What a vault does by itself, every few seconds, minutes or hours, in two threads. */
final class Turns implements AutoCloseable {
    private static final int QUICK = 2;

    private final SealControl seal;
    private final Repeated counts;
    private final List<ScheduledFuture<?>> turns = new ArrayList<>();
    private final ScheduledExecutorService minutes = thread("vault-minutes");
    /** What must not wait for what may take long. */
    private final ScheduledExecutorService quick = thread("vault-seconds");

    /**
     * Begins.
     *
     * @param logCounts logs what was counted, sealed or not
     */
    Turns(SealControl seal, Runnable logCounts) {
        this.seal = seal;
        this.counts = new Repeated(logCounts);
        begin(60, counts);
    }

    /** Makes those turns again and again, after so many seconds each, unless the vault is sealed. */
    Turns every(long seconds, Runnable... made) {
        for (Runnable turn : made) {
            begin(seconds, unlessSealed(turn));
        }
        return this;
    }

    /** Makes that turn again and again, sealed or not. */
    Turns always(long seconds, Runnable turn) {
        begin(seconds, turn);
        return this;
    }

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private void begin(long seconds, Runnable turn) {
        turns.add((seconds <= QUICK ? quick : minutes)
                .scheduleWithFixedDelay(new Repeated(turn), seconds, seconds, TimeUnit.SECONDS));
    }

    private Runnable unlessSealed(Runnable turn) {
        return () -> {
            if (!seal.isSealed()) {
                turn.run();
            }
        };
    }

    /** Logs what was counted so far; what cannot be logged now is counted on. */
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
