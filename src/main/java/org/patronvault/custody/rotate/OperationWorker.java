package org.patronvault.custody.rotate;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.Act;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.custody.rotate.OperationProbe.Stage;

/**
 * The worker that carries out operations, one after the other. Each batch is an act with the operation's row, so row
 * and values always agree. The next batch is prepared while one is written. A second thread checks every few seconds
 * for leases to renew or to take over.
 */
final class OperationWorker implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final Operations operations;
    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final OperationLease lease;
    private final OperationProbe stages;
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService working = thread("vault-rewrap");
    private final ScheduledExecutorService looking = thread("vault-lease");
    private volatile OperationThrottle pace;
    private volatile boolean closing;

    OperationWorker(
            Operations operations,
            Store store,
            KeyCustody custody,
            AuditLog log,
            OperationLease lease,
            OperationProbe stages) {
        this.operations = operations;
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.lease = lease;
        this.stages = stages;
        Future<?> unused = looking.scheduleWithFixedDelay(
                new GuardedRunnable(this::look),
                OperationLease.RENEWED_SECONDS,
                OperationLease.RENEWED_SECONDS,
                TimeUnit.SECONDS);
    }

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Resumes running operations. If the database is in the home, no other server exists, so all of them were left by
     * an ended process.
     */
    void resume() {
        store.read(operations::held).stream()
                .filter(row -> row.body().isRunning())
                .filter(row -> store.isOfOneProcess() || operations.isHere(row.body()) || lease.isOver(row))
                .forEach(row -> take(row.name(), row.generation()));
    }

    /** Works at an operation, if its row still has that generation, or belongs to this server. */
    void take(String id, long generation) {
        if (taken.add(id)) {
            working.execute(() -> work(id, generation));
        }
    }

    /** Renews the lease of the running work, and takes over what another server left. */
    void look() {
        if (closing || custody.isSealed()) {
            return;
        }
        OperationThrottle now = pace;
        if (now != null && now.isSilent()) {
            step(now.id(), "");
        }
        for (Authority.Versioned<Operation> row : store.read(operations::held)) {
            if (row.body().isRunning() && !taken.contains(row.name()) && lease.isOver(row)) {
                take(row.name(), row.generation());
            }
        }
    }

    private void work(String id, long generation) {
        try {
            Optional<Operation> mine = mine(id, generation);
            if (mine.isPresent()) {
                work(mine.get());
            }
            taken.remove(id);
        } catch (Refused e) {
            int pause = e.problem() == Problem.BUSY ? e.retryAfterSeconds() : 1;
            afterwards(id, generation, e.problem() == Problem.CHANGED_MEANWHILE, pause);
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.FAILED) {
                fail(id);
            } else {
                afterwards(id, generation, false, 1);
            }
        } catch (Throwable e) {
            // Also for an error, such as lack of memory: otherwise the row would stay taken without progress.
            fail(id);
        } finally {
            pace = null;
        }
    }

    /**
     * Handles an interruption. If sealed or stopping, {@link #resume} continues later. A slow log or a full disk is
     * temporary.
     */
    private void afterwards(String id, long generation, boolean goesOnElsewhere, int pauseSeconds) {
        if (goesOnElsewhere || closing || custody.isSealed()) {
            taken.remove(id);
        } else {
            Future<?> unused = working.schedule(() -> work(id, generation), pauseSeconds, TimeUnit.SECONDS);
        }
    }

    private Optional<Operation> mine(String id, long generation) {
        Authority.Versioned<Operation> row =
                store.read(tx -> operations.held(tx, id)).orElseThrow();
        // With a database in the home nobody else can have taken it. `keys pace` or a rotation of the rest wrote the
        // row.
        boolean mayTake = operations.isHere(row.body()) || store.isOfOneProcess() || row.generation() == generation;
        if (!row.body().isRunning() || !mayTake) {
            return Optional.empty();
        }
        return Optional.of(operations.isHere(row.body()) ? row.body() : takeOver(row.body(), row.generation()));
    }

    private Operation takeOver(Operation operation, long generation) {
        AccessEvent event = event(operation, Actor.VAULT);
        log.call(event, now -> {
            Authority.Versioned<Operation> row =
                    operations.held(now.tx(), operation.id()).orElseThrow();
            if (row.generation() != generation) {
                throw goesOnElsewhere();
            }
            operations.keep(now.tx(), row, row.body());
            return Decision.done(event);
        });
        return operations.find(operation.id());
    }

    private AccessEvent event(Operation operation, Actor by) {
        return log.event(by, operations.work(operation).act(), Outcome.KEY, AuditLog.newRequest())
                .about(operation.field());
    }

    private static Refused goesOnElsewhere() {
        return new Refused(Problem.CHANGED_MEANWHILE, "Another server goes on with it.");
    }

    private void work(Operation operation) {
        OperationThrottle keeping = new OperationThrottle(operation, () -> rate(operation.id()));
        pace = keeping;
        try (KeyOperation.Run run = operations.work(operation).run(operation)) {
            do {
                Optional<KeyOperation.Batch> ready = next(run, operation, keeping);
                while (ready.isPresent()) {
                    KeyOperation.Batch batch = ready.get();
                    CompletableFuture<Decision.Receipts> written = log.submit(writing(operation, batch), Lane.BULK);
                    ready = next(run, operation, keeping);
                    Decision.Receipts receipts = AuditLog.await(written);
                    stages.at(Stage.COMMITTED, operation);
                    int before = batch.entriesBefore();
                    keeping.after(
                            batch.size(),
                            receipts.index() - before,
                            receipts.all().size() + before);
                }
            } while (!end(run, operation));
        }
    }

    private int rate(String id) {
        return store.read(tx -> operations.held(tx, id))
                .map(row -> row.body().rate())
                .orElse(0);
    }

    private Optional<KeyOperation.Batch> next(KeyOperation.Run run, Operation operation, OperationThrottle keeping) {
        stages.at(Stage.PREPARING, operation);
        return run.next(stages.batch(keeping.size()));
    }

    /** Returns the act that writes a batch, and the operation's progress. */
    private Act<Decision.Receipts> writing(Operation operation, KeyOperation.Batch batch) {
        AccessEvent event = event(operation, Actor.VAULT).counting(batch.size());
        return AuditLog.writing(event, now -> {
            Authority.Versioned<Operation> row = row(now.tx(), operation.id());
            KeyOperation.BatchResult written = batch.write(now.tx(), row.body(), event);
            operations.keep(now.tx(), row, written.after());
            stages.at(Stage.WRITTEN, operation);
            return new Decision.Done<>(written.entries(), Set.of(), receipts -> receipts);
        });
    }

    /** Returns the row in an act, if this server may still write it. */
    private Authority.Versioned<Operation> row(WriteTx tx, String id) {
        return operations
                .held(tx, id)
                .filter(row -> operations.isHere(row.body()) && row.body().isRunning())
                .orElseThrow(OperationWorker::goesOnElsewhere);
    }

    /** Ends the operation in an act of its own; returns false if more work was found. */
    private boolean end(KeyOperation.Run run, Operation operation) {
        stages.at(Stage.ENDING, operation);
        AccessEvent event = event(operation, operation.actor());
        return log.callBulk(event, now -> {
            Authority.Versioned<Operation> row = row(now.tx(), operation.id());
            Operation after = run.end(now.tx(), row.body());
            boolean over = !after.isRunning();
            stages.at(Stage.ENDED, operation);
            operations.keep(now.tx(), row, over ? after.in(after.state(), operations.now()) : after);
            boolean failed = after.state().equals(Operation.FAILED);
            AccessEvent end = event.ending(failed ? Outcome.FAILED : Outcome.KEY)
                    .on(failed ? run.leftBehind() : List.of())
                    .counting(after.done())
                    .marking(custody.mark());
            return Decision.done(end, over);
        });
    }

    /** Records that this server still works at it, or that no server can continue it. */
    private void step(String id, String state) {
        AccessEvent event = event(operations.find(id), Actor.VAULT);
        log.call(event, now -> {
            Authority.Versioned<Operation> row = row(now.tx(), id);
            boolean ends = !state.isEmpty();
            operations.keep(now.tx(), row, ends ? row.body().in(state, operations.now()) : row.body());
            return Decision.done(event.ending(ends ? Outcome.FAILED : Outcome.KEY));
        });
    }

    private void fail(String id) {
        taken.remove(id);
        if (closing || custody.isSealed()) {
            return;
        }
        try {
            step(id, Operation.FAILED);
        } catch (RuntimeException e) {
            // The row itself is refused, or cannot be written: it stays, and a later check finds it.
        }
    }

    /** Returns its values a second, if this server works at it. */
    double pace(Operation operation) {
        OperationThrottle now = pace;
        return now != null && now.id().equals(operation.id()) ? now.valuesPerSecond() : 0;
    }

    @Override
    public void close() {
        closing = true;
        looking.shutdownNow();
        working.shutdownNow();
        try {
            boolean ignored = working.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
