package org.patronvault.core.log;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
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
 * The one thread that writes. It takes the acts that wait, locks the log's head, decides the acts in one transaction,
 * and commits once. It completes the callers on {@link Openers}, so that nothing is decrypted in this thread. Acts
 * gather while the previous batch is written. An act that comes alone does not wait.
 */
final class Engine implements Runnable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Store store;
    private final KeyCustody custody;
    private final VerifiedTree tree;
    private final Openers openers = new Openers();
    private final Consumer<String> onBroken;
    private final AuthorityDigest digest;
    private final FloodGate gate;
    private final WaitingActs queue = new WaitingActs(System::nanoTime);
    private final PeerActivity neighbours = new PeerActivity(System::nanoTime);
    private final Timeouts limit = new Timeouts();
    private final Optional<AtomicReference<String>> followed;
    private volatile boolean running = true;
    private volatile boolean silent;
    private volatile Consumer<LogReader.Entry> onAlert = entry -> {};
    private volatile AppendListener watch = AppendListener.NOBODY;

    /**
     * Creates the engine of a log.
     *
     * @param onBroken called when nothing may be acknowledged any more
     */
    Engine(
            Store store,
            KeyCustody custody,
            VerifiedTree tree,
            AuthorityDigest digest,
            FloodGate gate,
            Consumer<String> onBroken) {
        this.digest = digest;
        this.gate = gate;
        this.store = store;
        this.custody = custody;
        this.tree = tree;
        this.followed = store.isOfOneProcess() ? Optional.empty() : Optional.of(new AtomicReference<>(""));
        this.onBroken = onBroken;
    }

    <T> CompletableFuture<T> submit(Act<T> act, Lane lane) {
        PendingAct<T> waiting = new PendingAct<>(act, lane);
        if (!running) {
            return CompletableFuture.failedFuture(unavailable());
        }
        if (!queue.offer(waiting)) {
            return CompletableFuture.failedFuture(
                    running
                            ? new Refused(Problem.BUSY, "The vault is busy; try again in a moment.", 1)
                            : unavailable());
        }
        limit.add(waiting);
        return waiting.caller();
    }

    /** Never waits, since the timer of all acts calls it. */
    private void giveUp(PendingAct<?> overdue) {
        openers.execute(() -> overdue.caller().completeExceptionally(overdue.claim() ? unavailable() : unknown()));
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
            for (List<PendingAct<?>> batch = next(); !batch.isEmpty(); batch = next()) {
                processOrBreak(batch);
                batch.forEach(PendingAct::release);
            }
        } finally {
            stop();
            for (List<PendingAct<?>> left = next(); !left.isEmpty(); left = next()) {
                failAll(left, unavailable());
            }
            limit.close();
        }
    }

    /** Waits for the acts of the next batch; none if the vault stops and all are done. */
    private List<PendingAct<?>> next() {
        openers.awaitRoom();
        while (true) {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                stop();
            }
        }
    }

    /** Sets the receiver of each alert. It runs on an opener's thread once the alert is in the log. */
    void onAlert(Consumer<LogReader.Entry> then) {
        onAlert = then;
    }

    void watch(AppendListener by) {
        watch = by;
    }

    /** Returns the number of answers that wait to be made. */
    int answersBehind() {
        return openers.behind();
    }

    /** Makes the answers that wait, once the engine has ended. */
    void closeOpeners() {
        openers.close();
    }

    PeerActivity neighbours() {
        return neighbours;
    }

    void stop() {
        running = false;
        queue.end();
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
        BatchReads reads = store.isOfOneProcess() ? BatchReads.here() : BatchReads.ahead(store, batch);
        Batch acts = new Batch(custody, tree, digest, gate, followed, reads, queue::putBack);
        try {
            store.write(Batch.FACTS, tx -> {
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
                openers.execute(() -> onAlert.accept(entry));
            }
        }
        for (Batch.Ended<?> one : acts.ended()) {
            watch.act(one.waiting().timing());
            openers.execute(() -> complete(one));
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
            openers.execute(() -> waiting.caller().completeExceptionally(e));
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
