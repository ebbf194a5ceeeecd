package org.patronvault.custody.rotate;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The long operations on keys. The row of each holds its progress, so a kill at any point costs at most one batch. Each
 * key has at most one. A second request is refused with the first one's starter and time. Thread-safe.
 */
public final class Operations implements AutoCloseable {
    /** The highest rate that can be requested, in values a second. */
    public static final int MAX_RATE = 1_000_000;

    private static final long FIRST_LOOK_MILLIS = 5;
    private static final long LOOK_MILLIS = 100;

    /** A request for work on keys. */
    public record Request(KeyOperation work, List<String> fields) {}

    private final Store store;
    private final KeyCustody custody;
    private final Access access;
    private final AuditLog log;
    private final IdempotencyStore replay;
    private final Clock clock;
    private final OperationProbe stages;
    private final Map<String, KeyOperation> works = new HashMap<>();
    private final String node = Operation.randomId();
    private final OperationWorker worker;

    /** Makes the operations with those parts; none continues before {@link #resume}. */
    public Operations(Store store, KeyCustody custody, Access access, AuditLog log, Clock clock) {
        this(store, custody, access, log, clock, System::nanoTime, OperationProbe.UNWATCHED);
    }

    /** Makes the operations with another monotonic clock; {@code stages} observes the work. */
    Operations(
            Store store,
            KeyCustody custody,
            Access access,
            AuditLog log,
            Clock clock,
            LongSupplier nanoTime,
            OperationProbe stages) {
        this.store = store;
        this.custody = custody;
        this.access = access;
        this.log = log;
        this.replay = access.replay();
        this.clock = clock;
        this.stages = stages;
        this.worker = new OperationWorker(this, store, custody, log, new OperationLease(nanoTime), stages);
    }

    /** Registers a kind of work; before {@link #resume}. */
    public void register(KeyOperation work) {
        works.put(work.kind(), work);
    }

    public Access access() {
        return access;
    }

    KeyOperation work(Operation operation) {
        return works.get(operation.kind());
    }

    /**
     * Starts work on all of those keys at once, or on none.
     *
     * @param act its name in the log
     * @param asked empty for an unknown key, which is refused with {@code not-found} after the permission check
     * @param rate values a second, 0 for as fast as the desk allows; called last, since it may be invalid
     * @param key makes a repeated request return the operations it started
     * @throws Refused with {@code operation-running} while one of these keys has an operation
     */
    List<Operation> begin(
            Caller caller,
            ActKind act,
            Optional<Request> asked,
            IntSupplier rate,
            Supplier<Optional<IdempotencyStore.Key>> key,
            byte[] request) {
        AccessEvent plain = log.event(caller.actor(), act, Outcome.REFUSED, request);
        AccessEvent attempt = asked.filter(known -> known.fields().size() == 1)
                .map(known -> plain.about(known.fields().get(0)))
                .orElse(plain);
        access.require(caller, Permission.ROTATE, attempt);
        return log.logging(attempt, () -> {
            Request known = asked.orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such key."));
            Optional<IdempotencyStore.Key> sent = key.get();
            Optional<List<Operation>> answered = replay.answered(sent)
                    .map(ids ->
                            Arrays.stream(ids.split(" ", -1)).map(this::find).toList());
            return answered.orElseGet(() -> {
                requireNoneRuns(known.fields());
                return begin(attempt, known, good(rate.getAsInt()), sent, tx -> {});
            });
        });
    }

    static int good(int rate) {
        if (rate < 0 || rate > MAX_RATE) {
            throw new Refused(Problem.INVALID, "A rate is 1 to 1,000,000 values a second, or 0 for no limit.");
        }
        return rate;
    }

    private void requireNoneRuns(List<String> fields) {
        store.read(tx -> {
            fields.forEach(field -> requireNoneRuns(tx, field));
            return fields;
        });
    }

    /**
     * Starts work for the vault itself, on one key, without a request.
     *
     * @param still refuses, inside the act, work that is no longer due
     */
    Operation beginByItself(Request asked, Consumer<Tx> still) {
        AccessEvent event = log.event(Actor.VAULT, asked.work().act(), Outcome.REFUSED, AuditLog.newRequest())
                .about(asked.fields().get(0));
        return begin(event, asked, 0, Optional.empty(), still).get(0);
    }

    private List<Operation> begin(
            AccessEvent attempt, Request asked, int rate, Optional<IdempotencyStore.Key> key, Consumer<Tx> still) {
        List<Operation> begun = prepare(attempt.actor(), List.of(asked), rate);
        log.call(attempt, now -> {
            WriteTx tx = now.tx();
            replay.requireFirst(tx, key);
            still.accept(tx);
            requireNoneRuns(tx, begun);
            List<AccessEvent> entries = write(tx, attempt, begun);
            replay.keep(
                    tx, key, String.join(" ", begun.stream().map(Operation::id).toList()));
            return Decision.done(entries);
        });
        take(begun);
        return begun;
    }

    /** Prepares operations, which {@link #write} begins in an act and {@link #take} then hands to this server. */
    List<Operation> prepare(Actor by, List<Request> all, int rate) {
        List<Operation> prepared = new ArrayList<>();
        for (Request asked : all) {
            for (String field : asked.fields()) {
                long total = store.read(tx -> asked.work().total(tx, field));
                prepared.add(Operation.begun(asked.work().kind(), field, total, rate, now(), by)
                        .leasedTo(node, leaseEnd()));
            }
        }
        return prepared;
    }

    /** Refuses with {@code operation-running} while an operation on one of these keys runs. */
    void requireNoneRuns(Tx tx, List<Operation> prepared) {
        prepared.forEach(one -> requireNoneRuns(tx, one.field()));
    }

    /** Begins prepared operations inside an act, and returns an entry for each. */
    List<AccessEvent> write(WriteTx tx, AccessEvent attempt, List<Operation> prepared) {
        List<AccessEvent> entries = new ArrayList<>();
        for (Operation one : prepared) {
            work(one).begin(tx, one.field());
            stages.at(OperationProbe.Stage.BEGUN, one);
            access.authority().insert(tx, Operation.ROWS, one.id(), one, changedMeanwhile());
            entries.add(attempt.ending(Outcome.KEY)
                    .about(one.field())
                    .counting(one.total())
                    .marking(custody.mark()));
        }
        return entries;
    }

    /** Has this server work on operations that have begun. */
    void take(List<Operation> begun) {
        begun.forEach(one -> worker.take(one.id(), 1));
    }

    /** Refuses with {@code operation-running}, the starter and the time, while an operation on that key runs. */
    public void requireNoneRuns(Tx tx, String field) {
        held(tx).stream()
                .map(Authority.Versioned::body)
                .filter(one -> one.isRunning() && one.isAbout(field))
                .findFirst()
                .ifPresent(one -> {
                    Instant since = Instant.ofEpochSecond(one.started());
                    throw new Refused(
                                    Problem.OPERATION_RUNNING,
                                    "Work on that key is under way: " + one.by() + " began it at " + since
                                            + ". Wait until it has ended; `keys status` shows how far it is.")
                            .heldBy(new Refused.Holder(one.by(), since));
                });
    }

    /** Adds an operation that waits, and that no server works at. */
    public void insert(WriteTx tx, String kind, String field, String state, long total) {
        Operation waits =
                Operation.begun(kind, field, total, 0, now(), Actor.VAULT).in(state, 0);
        access.authority().insert(tx, Operation.ROWS, waits.id(), waits, changedMeanwhile());
    }

    private static Refused changedMeanwhile() {
        return new Refused(Problem.CHANGED_MEANWHILE, "Try once more.");
    }

    /** Continues operations that a stop or a crash interrupted here, or that no other server works at any more. */
    public void resume() {
        worker.resume();
    }

    /** Returns all operations, the newest first. */
    public List<Operation> all() {
        return store.read(this::held).stream()
                .map(Authority.Versioned::body)
                .sorted((a, b) -> Long.compare(b.started(), a.started()))
                .toList();
    }

    /** Returns the operation with that ID. */
    public Operation find(String id) {
        return store.read(tx -> held(tx, id))
                .map(Authority.Versioned::body)
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such operation."));
    }

    public List<Authority.Versioned<Operation>> held(Tx tx) {
        return access.authority().all(tx, Operation.ROWS, Operation.class);
    }

    public Optional<Authority.Versioned<Operation>> held(Tx tx, String id) {
        return access.authority().find(tx, Operation.ROWS, id, Operation.class);
    }

    /** Replaces the row, with this server working at it. */
    void keep(WriteTx tx, Authority.Versioned<Operation> before, Operation after) {
        Operation kept = after.leasedTo(node, after.isRunning() ? leaseEnd() : 0);
        put(tx, before, kept);
    }

    /** Replaces the row, and leaves its server as {@code after} says. */
    public void put(WriteTx tx, Authority.Versioned<Operation> before, Operation after) {
        access.authority().replace(tx, Operation.ROWS, before, after);
    }

    boolean isHere(Operation operation) {
        return operation.node().equals(node);
    }

    /** Waits until the operation has ended, and returns it; passes its state to {@code progress} now and then. */
    public Operation await(String id, Consumer<Operation> progress) {
        Operation operation = find(id);
        long pause = FIRST_LOOK_MILLIS;
        while (operation.isRunning()) {
            progress.accept(operation);
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return operation;
            }
            operation = find(id);
            pause = Math.min(2 * pause, LOOK_MILLIS);
        }
        progress.accept(operation);
        return operation;
    }

    /** Waits until the operation has ended, and returns it. */
    public Operation await(String id) {
        return await(id, one -> {});
    }

    /** Returns the values it moves a second, as far as known here; 0 if none. */
    public double pace(Operation operation) {
        double known = worker.pace(operation);
        // The values moved before the first pause say nothing of the later rate.
        double here = operation.rate() > 0 ? Math.min(known, operation.rate()) : known;
        long seconds = (operation.ended() ? operation.finished() : now()) - operation.started();
        return here > 0 && operation.isRunning() ? here : operation.done() / (double) Math.max(1, seconds);
    }

    private long leaseEnd() {
        return now() + OperationLease.SECONDS;
    }

    public long now() {
        return clock.instant().getEpochSecond();
    }

    @Override
    public void close() {
        worker.close();
    }
}
