package org.patronvault.core.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.tree.VerifiedTree;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;

/**
 * The log's one writer thread. It waits for the lock, then runs all waiting acts in one transaction and commits once.
 * It completes the callers on {@code workers}, so that no caller decrypts in this thread. Acts gather while the
 * previous batch is written. An act that comes alone does not wait.
 */
final class Appender implements Runnable {
    static final int MAX_BATCH = 512;
    private static final int MAX_WAITING = 8_192;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Store store;
    private final KeyCustody custody;
    private final VerifiedTree tree;
    private final Executor workers;
    private final Consumer<String> onBroken;
    private final AuthorityDigest digest;
    private final FloodGate gate;
    private final BlockingQueue<PendingAct<?>> queue = new ArrayBlockingQueue<>(MAX_WAITING);
    private final PeerActivity neighbours = new PeerActivity(System::nanoTime);
    private final PendingAct<?> end = new PendingAct<>(null, 0);
    private final Timeouts limit = new Timeouts();
    private final Optional<AtomicReference<String>> followed;
    private volatile boolean running = true;
    private volatile boolean silent;
    private volatile Consumer<LogReader.Entry> onAlert = entry -> {};
    private volatile AppendListener watch = AppendListener.NOBODY;

    /**
     * Creates the writer of a log.
     *
     * @param onBroken called when nothing may be acknowledged any more
     */
    Appender(
            Store store,
            KeyCustody custody,
            VerifiedTree tree,
            AuthorityDigest digest,
            FloodGate gate,
            Executor workers,
            Consumer<String> onBroken) {
        this.digest = digest;
        this.gate = gate;
        this.store = store;
        this.custody = custody;
        this.tree = tree;
        this.followed = store.isOfOneProcess() ? Optional.empty() : Optional.of(new AtomicReference<>(""));
        this.workers = workers;
        this.onBroken = onBroken;
    }

    <T> CompletableFuture<T> submit(Act<T> act, Lane lane) {
        PendingAct<T> waiting = new PendingAct<>(act, lane.waitMillis());
        if (!running || !queue.offer(waiting)) {
            return CompletableFuture.failedFuture(unavailable());
        }
        if (!running && queue.remove(waiting)) {
            // This act came in after the appender's last look at the queue.
            return CompletableFuture.failedFuture(unavailable());
        }
        limit.add(waiting);
        return waiting.caller();
    }

    /** Never waits, since the timer of all acts calls it. */
    private void giveUp(PendingAct<?> overdue) {
        workers.execute(() -> overdue.caller().completeExceptionally(overdue.claim() ? unavailable() : unknown()));
    }

    private static Refused unavailable() {
        return new Refused(Problem.LOG_UNAVAILABLE, "The access log cannot be written now; nothing was done.", 5);
    }

    /**
     * Returns the refusal for an act that is being committed and cannot be canceled: it may be in the log, but opens
     * nothing.
     */
    private static Refused unknown() {
        return new Refused(
                Problem.LOG_UNAVAILABLE,
                "The access log is slow; whether this was done is not known yet. Look before doing it again.",
                5);
    }

    @Override
    public void run() {
        try {
            while (running || !queue.isEmpty()) {
                try {
                    List<PendingAct<?>> batch = new ArrayList<>();
                    batch.add(queue.take());
                    takeAlong(batch);
                    if (!batch.isEmpty()) {
                        processOrBreak(batch);
                        batch.forEach(PendingAct::release);
                    }
                } catch (InterruptedException e) {
                    running = false;
                }
            }
        } finally {
            running = false;
            while (!queue.isEmpty()) {
                List<PendingAct<?>> left = new ArrayList<>();
                takeAlong(left);
                failAll(left, unavailable());
            }
            limit.close();
        }
    }

    private void takeAlong(List<PendingAct<?>> batch) {
        queue.drainTo(batch, MAX_BATCH - batch.size());
        batch.remove(end);
    }

    /** Sets the receiver of each alert. It runs on {@code workers} once the alert is in the log. */
    void onAlert(Consumer<LogReader.Entry> then) {
        onAlert = then;
    }

    void watch(AppendListener by) {
        watch = by;
    }

    PeerActivity neighbours() {
        return neighbours;
    }

    void stop() {
        running = false;
        // Wakes the appender. If the queue is full, the appender is awake.
        boolean ignored = queue.offer(end);
    }

    /** Processes a batch. This is the only thread that writes, so no failure may end it unnoticed. */
    private void processOrBreak(List<PendingAct<?>> batch) {
        try {
            process(batch);
        } catch (RuntimeException | Error e) {
            onBroken.accept("the writer of the log failed (" + e.getClass().getName() + ")");
            failAll(batch, unknown());
        }
    }

    private void process(List<PendingAct<?>> batch) {
        BatchReads reads = store.isOfOneProcess() ? new BatchReads() : BatchReads.ahead(store, batch);
        Batch acts = new Batch(custody, tree, digest, gate, followed, reads);
        try {
            store.write(Batch.FACTS, tx -> {
                // Acts that came while this thread waited for the lock, such as for another node, join the batch.
                takeAlong(batch);
                acts.run(tx, batch);
                return null;
            });
        } catch (StoreException e) {
            Optional<Boolean> committed =
                    e.kind() == StoreException.Kind.UNKNOWN ? committedAfterAll(acts) : Optional.of(false);
            if (committed.isEmpty()) {
                failAll(batch, unknown());
                return;
            }
            if (!committed.get()) {
                fail(batch, e);
                return;
            }
        } catch (IntegrityException e) {
            // The fault is not one act's: head, frontier or digest differ from what they were.
            onBroken.accept(e.getMessage());
            failAll(batch, e);
            return;
        } catch (RuntimeException e) {
            failAll(batch, e);
            return;
        } catch (Error e) {
            onBroken.accept("the writer of the log failed (" + e.getClass().getName() + ")");
            failAll(batch, new IllegalStateException("the writer of the log failed", e));
            return;
        }
        acts.committed();
        neighbours.wrote(acts.first(), acts.next());
        watch.transaction(acts.ended().size());
        for (LogReader.Entry entry : acts.entries()) {
            watch.entry(entry.event());
            if (entry.event().outcome() == Outcome.ALERT) {
                workers.execute(() -> onAlert.accept(entry));
            }
        }
        for (Batch.Ended<?> one : acts.ended()) {
            watch.waited(one.waiting().nanos());
            workers.execute(() -> complete(one));
        }
    }

    private void complete(Batch.Ended<?> one) {
        if (silent) {
            one.waiting().caller().completeExceptionally(unknown());
        } else {
            one.complete();
        }
    }

    boolean acknowledgesNothing() {
        return silent;
    }

    /** Stops acknowledging: from now on no caller learns that anything was done. */
    void acknowledgeNothing() {
        silent = true;
    }

    /**
     * Checks after a lost connection until it is known whether the batch is in the log. The check takes the log's lock,
     * which the lost transaction holds as long as it can still end. Its transaction is as durable as the lost one was
     * to be, so what it sees is final. Empty if the vault stops before the check.
     */
    private Optional<Boolean> committedAfterAll(Batch acts) {
        if (acts.entries().isEmpty()) {
            return Optional.of(false);
        }
        while (running) {
            try {
                return Optional.of(store.write(tx -> {
                    tx.log().touchHead();
                    return acts.isIn(tx);
                }));
            } catch (StoreException | Refused e) {
                if (e instanceof StoreException failed && failed.kind() == StoreException.Kind.BROKEN) {
                    return Optional.empty();
                }
                // The connection is still gone, or its settings were found weak meanwhile: nothing is known yet.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return Optional.empty();
    }

    private void fail(List<PendingAct<?>> batch, StoreException e) {
        if (e.kind() == StoreException.Kind.FULL) {
            failAll(batch, StorageOutage.full());
        } else if (e.kind() == StoreException.Kind.FAILED) {
            failAll(batch, e);
        } else {
            failAll(batch, unavailable());
        }
    }

    private void failAll(List<PendingAct<?>> batch, RuntimeException e) {
        for (PendingAct<?> waiting : batch) {
            workers.execute(() -> waiting.caller().completeExceptionally(e));
        }
    }

    /**
     * A timer that gives up on acts whose callers have waited long enough, about a twentieth of a second late at most.
     * Nearly all acts end long before. A timer for each would hold all of them in memory until their time is over.
     * Safe for use by many threads.
     */
    private final class Timeouts implements AutoCloseable {
        private static final int LOOK_MILLIS = 50;

        private final Queue<PendingAct<?>> waiting = new ConcurrentLinkedQueue<>();
        private final ScheduledExecutorService thread =
                Executors.newSingleThreadScheduledExecutor(DaemonThreads.daemon("vault-waits"));

        /** Starts the timer. */
        private Timeouts() {
            Future<?> unused =
                    thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void add(PendingAct<?> one) {
            waiting.add(one);
        }

        private void look() {
            try {
                waiting.removeIf(this::isOver);
            } catch (RuntimeException | Error e) {
                // Such as memory that ran out: the timer runs again, and is not lost for good.
            }
        }

        private boolean isOver(PendingAct<?> one) {
            boolean isDone = one.caller().isDone();
            if (!isDone && one.isOverdue()) {
                giveUp(one);
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
}
