package org.patronvault.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.patronvault.crypto.SealedBox;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.LogHead;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.store.WriteTx;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MalformedException;
import org.patronvault.tlog.MerkleHash;

/**
 * The one thread that writes. Takes all units that wait, runs them in one transaction, commits once, and completes
 * their callers on {@code workers}, so that nobody decrypts in this thread.
 */
final class Appender implements Runnable {
    static final int MAX_BATCH = 512;
    /** The fact that says which entry is the last key event. */
    static final String KEY_ENTRY = "key-entry";

    private static final int MAX_WAITING = 8_192;

    /** A unit that waits, and who waits for it. */
    static final class Waiting {
        private final Unit unit;
        private final CompletableFuture<AuditReceipt> caller = new CompletableFuture<>();
        private final AtomicBoolean claimed = new AtomicBoolean();

        private Waiting(Unit unit) {
            this.unit = unit;
        }

        /** True for the first who asks: the appender, to run it, or the caller's clock, to give up on it. */
        private boolean claim() {
            return claimed.compareAndSet(false, true);
        }
    }

    /** How one unit of a batch ended, to be told after COMMIT. */
    private record Ended(Waiting waiting, AccessEvent event, long index, RuntimeException failure) {}

    private final Store store;
    private final KeyCustody custody;
    private final Executor workers;
    private final Consumer<String> onBroken;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(MAX_WAITING);
    private volatile boolean running = true;
    /** Index of the last key event of the batch under way, or -1; the appender's thread alone touches it. */
    private long keyEntry = -1;

    Appender(Store store, KeyCustody custody, Executor workers, Consumer<String> onBroken) {
        this.store = store;
        this.custody = custody;
        this.workers = workers;
        this.onBroken = onBroken;
    }

    CompletableFuture<AuditReceipt> submit(Unit unit, long waitMillis) {
        Waiting waiting = new Waiting(unit);
        if (!running || !queue.offer(waiting)) {
            return CompletableFuture.failedFuture(unavailable());
        }
        CompletableFuture.delayedExecutor(waitMillis, TimeUnit.MILLISECONDS, workers)
                .execute(() -> {
                    // Whoever claims first decides; a unit already being committed is then logged but not answered.
                    waiting.claim();
                    waiting.caller.completeExceptionally(unavailable());
                });
        return waiting.caller;
    }

    private static Refused unavailable() {
        return new Refused(Problem.LOG_UNAVAILABLE, "The access log cannot be written now; nothing was done.", 5);
    }

    @Override
    public void run() {
        while (running || !queue.isEmpty()) {
            try {
                Waiting first = queue.poll(200, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                List<Waiting> batch = new ArrayList<>();
                batch.add(first);
                queue.drainTo(batch, MAX_BATCH - 1);
                batch.removeIf(waiting -> !waiting.claim());
                if (!batch.isEmpty()) {
                    process(batch);
                }
            } catch (InterruptedException e) {
                running = false;
            }
        }
    }

    void stop() {
        running = false;
    }

    private void process(List<Waiting> batch) {
        List<Ended> ended = new ArrayList<>();
        try {
            store.write(tx -> {
                ended.clear();
                append(tx, batch, ended);
                return null;
            });
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.UNKNOWN || !committedAfterAll(ended)) {
                fail(batch, e);
                return;
            }
        } catch (RuntimeException e) {
            failAll(batch, e);
            return;
        }
        for (Ended one : ended) {
            if (one.failure() != null) {
                workers.execute(() -> one.waiting().caller.completeExceptionally(one.failure()));
            } else {
                AuditReceipt receipt = new AuditReceipt(one.index(), one.event());
                workers.execute(() -> one.waiting().caller.complete(receipt));
            }
        }
    }

    private void append(WriteTx tx, List<Waiting> batch, List<Ended> ended) {
        LogHead head = tx.head().orElseThrow(() -> new IntegrityException("log head: missing"));
        Frontier frontier = decode(head);
        List<byte[]> leaves = new ArrayList<>();
        keyEntry = -1;
        for (Waiting waiting : batch) {
            run(tx, waiting, head.size(), leaves, ended);
        }
        for (byte[] leaf : leaves) {
            frontier.append(MerkleHash.leaf(leaf));
        }
        tx.log().append(head.size(), leaves, new LogHead(frontier.size(), frontier.encode()));
        if (keyEntry >= 0) {
            tx.setFact(KEY_ENTRY, Long.toString(keyEntry));
        }
        StoredTiles.complete(tx, head.size(), frontier.size());
    }

    private static Frontier decode(LogHead head) {
        try {
            Frontier frontier = Frontier.decode(head.frontier());
            if (frontier.size() != head.size()) {
                throw new IntegrityException("log head: size");
            }
            return frontier;
        } catch (MalformedException e) {
            throw new IntegrityException("log head: frontier", e);
        }
    }

    private void run(WriteTx tx, Waiting waiting, long size, List<byte[]> leaves, List<Ended> ended) {
        Unit unit = waiting.unit;
        AccessEvent event = unit.event();
        RuntimeException failure = null;
        byte[] leaf = null;
        if (unit.touchesRows()) {
            tx.savepoint();
        }
        try {
            unit.reservation().take(tx);
            if (unit.work() != null) {
                event = unit.work().run(tx);
            }
            leaf = encode(event, leaves, size);
        } catch (StoreException e) {
            throw e;
        } catch (Refused e) {
            failure = e;
            event = unit.event().refusedFor(e.problem());
        } catch (RuntimeException e) {
            failure = e;
            event = unit.event()
                    .ending(Outcome.FAILED)
                    .refusedFor(Problem.INVALID)
                    .ending(Outcome.FAILED);
        }
        if (unit.touchesRows()) {
            if (failure == null) {
                tx.release();
            } else {
                tx.rollbackToSavepoint();
            }
        }
        if (failure != null) {
            try {
                leaf = encode(event, leaves, size);
            } catch (Refused sealedMeanwhile) {
                ended.add(new Ended(waiting, event, -1, failure));
                return;
            }
        }
        if (event.mark().isPresent()) {
            keyEntry = size + leaves.size();
        }
        ended.add(new Ended(waiting, event, size + leaves.size(), failure));
        leaves.add(leaf);
    }

    /** The leaf of an event; where a new month begins, the entry of the month's new key goes before it. */
    private byte[] encode(AccessEvent event, List<byte[]> leaves, long size) {
        if (!Leaf.hasSubjects(event)) {
            return Leaf.encode(event, "", null);
        }
        int month = Leaf.monthOf(event.time());
        UnsealedKeys keys = custody.keys();
        if (!keys.hasContentKey(month)) {
            custody.ensureContentKey(month);
            keys = custody.keys();
            keyEntry = size + leaves.size();
            leaves.add(Leaf.encode(
                    AccessEvent.of(
                                    event.time(),
                                    org.patronvault.model.Actor.VAULT,
                                    Act.NEW_KEY,
                                    Outcome.KEY,
                                    event.request())
                            .about("log-content")
                            .marking(custody.mark()),
                    "",
                    null));
        }
        SealedBox.Key content = keys.logContent(month);
        return Leaf.encode(event, keys.vaultId(), content);
    }

    /** After a lost connection: reads the log until it is known whether the batch is in it. */
    private boolean committedAfterAll(List<Ended> ended) {
        Optional<Ended> last = ended.stream().reduce((a, b) -> b);
        if (last.isEmpty()) {
            return false;
        }
        while (running) {
            try {
                long size = store.read(tx -> tx.log().head().map(LogHead::size).orElse(0L));
                if (size <= last.get().index()) {
                    return false;
                }
                byte[] request = last.get().event().request();
                return store.read(tx -> tx.log().leaf(last.get().index()))
                        .map(leaf ->
                                java.util.Arrays.equals(Leaf.parse(leaf).event().request(), request))
                        .orElse(false);
            } catch (StoreException e) {
                pause();
            }
        }
        return false;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(List<Waiting> batch, StoreException e) {
        if (e.kind() == StoreException.Kind.FULL) {
            failAll(batch, new Refused(Problem.STORE_FULL, "The vault's disk is full; nothing was done.", 60));
        } else if (e.kind() == StoreException.Kind.BUSY || e.kind() == StoreException.Kind.UNKNOWN) {
            failAll(batch, unavailable());
        } else if (e.kind() == StoreException.Kind.BROKEN) {
            onBroken.accept("the database reported an I/O error");
            failAll(batch, unavailable());
        } else {
            failAll(batch, e);
        }
    }

    private void failAll(List<Waiting> batch, RuntimeException e) {
        for (Waiting waiting : batch) {
            workers.execute(() -> waiting.caller.completeExceptionally(e));
        }
    }
}
