package org.patronvault.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.WriteTx;

/**
 * The one thread that writes. Takes all units that wait once it has the lock, runs them in one transaction, commits once,
 * and completes their callers on {@code workers}, so that nobody decrypts in this thread. Units gather while the batch
 * before them is written; who is alone does not wait.
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
    private final BlockingQueue<PendingUnit> queue = new ArrayBlockingQueue<>(MAX_WAITING);
    private final PeerActivity neighbours = new PeerActivity(System::nanoTime);
    private final PendingUnit end = new PendingUnit(null, 0);
    private final UnitTimeouts limit = new UnitTimeouts(this::giveUp);
    private final Optional<AtomicReference<String>> followed;
    private volatile boolean running = true;
    private volatile boolean silent;
    private volatile long lastWrite = -1;
    private volatile Consumer<LogReader.Entry> onAlert = entry -> {};
    private volatile AppendListener watch = AppendListener.NOBODY;

    /**
     * The writer of a log.
     *
     * @param onBroken told when nothing may be acknowledged any more
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

    CompletableFuture<AuditReceipt> submit(Unit unit, long waitMillis) {
        PendingUnit waiting = new PendingUnit(unit, waitMillis);
        if (!running || !queue.offer(waiting)) {
            return CompletableFuture.failedFuture(unavailable());
        }
        if (!running && queue.remove(waiting)) {
            // Came in after the appender had looked for the last time.
            return CompletableFuture.failedFuture(unavailable());
        }
        limit.add(waiting);
        return waiting.caller();
    }

    private void giveUp(PendingUnit overdue) {
        workers.execute(() -> overdue.caller().completeExceptionally(overdue.claim() ? unavailable() : unknown()));
    }

    private static Refused unavailable() {
        return new Refused(Problem.LOG_UNAVAILABLE, "The access log cannot be written now; nothing was done.", 5);
    }

    /** For a unit that is being committed and can no longer be called off: it may be in the log, but opens nothing. */
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
                    List<PendingUnit> batch = new ArrayList<>();
                    batch.add(queue.take());
                    takeAlong(batch);
                    if (!batch.isEmpty()) {
                        processOrBreak(batch);
                        batch.forEach(PendingUnit::release);
                    }
                } catch (InterruptedException e) {
                    running = false;
                }
            }
        } finally {
            running = false;
            while (!queue.isEmpty()) {
                List<PendingUnit> left = new ArrayList<>();
                takeAlong(left);
                failAll(left, unavailable());
            }
            limit.close();
        }
    }

    private void takeAlong(List<PendingUnit> batch) {
        queue.drainTo(batch, MAX_BATCH - batch.size());
        batch.remove(end);
    }

    /** Has {@code then} told of each alert, on {@code workers}, once it is in the log. */
    void onAlert(Consumer<LogReader.Entry> then) {
        onAlert = then;
    }

    void watch(AppendListener by) {
        watch = by;
    }

    long lastWrite() {
        return lastWrite;
    }

    /** The log may be another one than it was. */
    void forgetLastWrite() {
        lastWrite = -1;
    }

    PeerActivity neighbours() {
        return neighbours;
    }

    void stop() {
        running = false;
        // Wakes the appender; where there is no room it is not waiting.
        boolean ignored = queue.offer(end);
    }

    /** Whatever goes wrong, this thread is the only one that writes: it must not end unnoticed. */
    private void processOrBreak(List<PendingUnit> batch) {
        try {
            process(batch);
        } catch (RuntimeException | Error e) {
            onBroken.accept("the writer of the log failed (" + e.getClass().getName() + ")");
            failAll(batch, unknown());
        }
    }

    private void process(List<PendingUnit> batch) {
        Batch units = new Batch(custody, tree, digest, gate, followed);
        try {
            store.write(Batch.FACTS, tx -> {
                // Whoever came while the lock was waited for, such as for another node, goes along.
                takeAlong(batch);
                units.run(tx, batch);
                return null;
            });
        } catch (StoreException e) {
            Optional<Boolean> committed =
                    e.kind() == StoreException.Kind.UNKNOWN ? committedAfterAll(units.ended()) : Optional.of(false);
            if (committed.isEmpty()) {
                failAll(batch, unknown());
                return;
            }
            if (!committed.get()) {
                fail(batch, e);
                return;
            }
        } catch (IntegrityException e) {
            // Not of one unit: head, frontier or digest are not what they were.
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
        units.committed();
        lastWrite = units.lastWrite();
        neighbours.wrote(units.first(), units.next());
        watch.transaction(units.ended().size());
        for (LogReader.Entry entry : units.entries()) {
            watch.entry(entry.event());
            if (entry.event().outcome() == Outcome.ALERT) {
                workers.execute(() -> onAlert.accept(entry));
            }
        }
        for (Batch.UnitResult one : units.ended()) {
            watch.waited(one.waiting().nanos());
            if (one.failure() != null) {
                workers.execute(() -> one.waiting().caller().completeExceptionally(one.failure()));
            } else {
                AuditReceipt receipt = new AuditReceipt(one.index(), one.event());
                workers.execute(() -> complete(one.waiting(), receipt));
            }
        }
    }

    private void complete(PendingUnit waiting, AuditReceipt receipt) {
        if (silent) {
            waiting.caller().completeExceptionally(unknown());
        } else {
            waiting.caller().complete(receipt);
        }
    }

    boolean acknowledgesNothing() {
        return silent;
    }

    /** From now on tells nobody that anything was done. */
    void acknowledgeNothing() {
        silent = true;
    }

    /**
     * After a lost connection: looks until it is known whether the batch is in the log. It looks under the log's lock,
     * which the lost transaction holds as long as it can still come to an end, and in a transaction that is itself as
     * durable as the lost one was to be: what that one sees will not go away any more. Empty if the vault is stopped
     * before it can look.
     */
    private Optional<Boolean> committedAfterAll(List<Batch.UnitResult> ended) {
        Optional<Batch.UnitResult> last =
                ended.stream().filter(one -> one.index() >= 0).reduce((a, b) -> b);
        if (last.isEmpty()) {
            return Optional.of(false);
        }
        while (running) {
            try {
                return Optional.of(store.write(tx -> {
                    tx.log().touchHead();
                    return isThere(tx, last.get());
                }));
            } catch (StoreException | Refused e) {
                if (e instanceof StoreException failed && failed.kind() == StoreException.Kind.BROKEN) {
                    return Optional.empty();
                }
                // Gone still, or settings that were found weak meanwhile: it is not known yet.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return Optional.empty();
    }

    private static boolean isThere(WriteTx tx, Batch.UnitResult one) {
        return tx.log()
                .leaf(one.index())
                .filter(leaf -> Arrays.equals(
                        Leaf.parse(leaf).event().request(), one.event().request()))
                .isPresent();
    }

    private void fail(List<PendingUnit> batch, StoreException e) {
        if (e.kind() == StoreException.Kind.FULL) {
            failAll(batch, StorageOutage.full());
        } else if (e.kind() == StoreException.Kind.FAILED) {
            failAll(batch, e);
        } else {
            failAll(batch, unavailable());
        }
    }

    private void failAll(List<PendingUnit> batch, RuntimeException e) {
        for (PendingUnit waiting : batch) {
            workers.execute(() -> waiting.caller().completeExceptionally(e));
        }
    }
}
