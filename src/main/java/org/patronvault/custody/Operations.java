package org.patronvault.custody;

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
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Authority;
import org.patronvault.access.Caller;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Long work on keys: each piece a row that says how far it is, so that a kill anywhere costs no more than a batch. One
 * at a time for each key; whoever asks for a second is told who began the first, and when. Safe for use by many threads.
 */
public final class Operations implements AutoCloseable {
    /** The highest rate that can be asked for, in values a second. */
    public static final int MAX_RATE = 1_000_000;

    private static final long FIRST_LOOK_MILLIS = 5;
    private static final long LOOK_MILLIS = 100;

    /** What is asked for: that work on those keys. */
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

    /** Operations over those parts; nothing is taken up before {@link #resume}. */
    public Operations(Store store, KeyCustody custody, Access access, AuditLog log, Clock clock) {
        this(store, custody, access, log, clock, System::nanoTime, OperationProbe.UNWATCHED);
    }

    /** The same, by another monotonic clock, and telling {@code stages} where the work is. */
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

    /** Makes a kind of work known; before {@link #resume}. */
    public void register(KeyOperation work) {
        works.put(work.kind(), work);
    }

    Access access() {
        return access;
    }

    KeyOperation work(Operation operation) {
        return works.get(operation.kind());
    }

    /**
     * Begins it on each of those keys at once, or on none.
     *
     * @param act what the log calls it
     * @param asked empty if there is no such key, which is refused with {@code not-found} once the caller may ask
     * @param rate values a second, 0 for as fast as the desk allows; asked for last, since it may be what is wrong
     * @param key makes the same request, sent again, answer with what it began
     * @throws Refused with {@code operation-running} while one of the same key runs
     */
    List<Operation> begin(
            Caller caller,
            Act act,
            Optional<Request> asked,
            IntSupplier rate,
            Supplier<Optional<IdempotencyStore.Key>> key,
            byte[] request) {
        AccessEvent plain = log.event(caller.actor(), act, Outcome.REFUSED, request);
        AccessEvent attempt = asked.filter(known -> known.fields().size() == 1)
                .map(known -> plain.about(known.fields().get(0)))
                .orElse(plain);
        access.require(caller, AccessRequest.may(Permission.ROTATE), attempt);
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
     * The same by the vault itself, which nobody asked.
     *
     * @param still refuses, inside the unit, what is due no more
     */
    Operation beginByItself(Request asked, Consumer<Tx> still) {
        AccessEvent event = log.event(Actor.VAULT, asked.work().act(), Outcome.REFUSED, AuditLog.newRequest())
                .about(asked.fields().get(0));
        return begin(event, asked, 0, Optional.empty(), still).get(0);
    }

    private List<Operation> begin(
            AccessEvent attempt, Request asked, int rate, Optional<IdempotencyStore.Key> key, Consumer<Tx> still) {
        List<Operation> begun = new ArrayList<>();
        for (String field : asked.fields()) {
            long total = store.read(tx -> asked.work().total(tx, field));
            begun.add(Operation.begun(asked.work().kind(), field, total, rate, now(), attempt.actor())
                    .leasedTo(node, leaseEnd()));
        }
        log.appendAndWait(Unit.writingMany(attempt, tx -> {
            replay.requireFirst(tx, key);
            still.accept(tx);
            begun.forEach(one -> requireNoneRuns(tx, one.field()));
            List<AccessEvent> entries = new ArrayList<>();
            for (Operation one : begun) {
                asked.work().begin(tx, one.field());
                stages.at(OperationProbe.Stage.BEGUN, one);
                access.authority().insert(tx, Operation.ROWS, one.id(), one, changedMeanwhile());
                entries.add(attempt.ending(Outcome.KEY)
                        .about(one.field())
                        .counting(one.total())
                        .marking(custody.mark()));
            }
            replay.keep(
                    tx, key, String.join(" ", begun.stream().map(Operation::id).toList()));
            return entries;
        }));
        begun.forEach(one -> worker.take(one.id(), 1));
        return begun;
    }

    /** Refused with {@code operation-running}, saying who began it and when, while one of that key runs. */
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

    /** Adds one that waits, and that nobody works at. */
    void insert(WriteTx tx, String kind, String field, String state, long total) {
        Operation waits =
                Operation.begun(kind, field, total, 0, now(), Actor.VAULT).in(state, 0);
        access.authority().insert(tx, Operation.ROWS, waits.id(), waits, changedMeanwhile());
    }

    private static Refused changedMeanwhile() {
        return new Refused(Problem.CHANGED_MEANWHILE, "Try once more.");
    }

    /** Goes on with what a stop or a crash interrupted here, and with what no other server is at any more. */
    public void resume() {
        worker.resume();
    }

    /** All operations, the newest first. */
    public List<Operation> all() {
        return store.read(this::held).stream()
                .map(Authority.Versioned::body)
                .sorted((a, b) -> Long.compare(b.started(), a.started()))
                .toList();
    }

    /** The operation of that id. */
    public Operation find(String id) {
        return store.read(tx -> held(tx, id))
                .map(Authority.Versioned::body)
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such operation."));
    }

    List<Authority.Versioned<Operation>> held(Tx tx) {
        return access.authority().all(tx, Operation.ROWS, Operation.class);
    }

    Optional<Authority.Versioned<Operation>> held(Tx tx, String id) {
        return access.authority().find(tx, Operation.ROWS, id, Operation.class);
    }

    /** Puts the row as it shall be in place, with this server at it. */
    void keep(WriteTx tx, Authority.Versioned<Operation> before, Operation after) {
        Operation kept = after.leasedTo(node, after.isRunning() ? leaseEnd() : 0);
        put(tx, before, kept);
    }

    /** The same, whoever is at it. */
    void put(WriteTx tx, Authority.Versioned<Operation> before, Operation after) {
        access.authority().replace(tx, Operation.ROWS, before, after);
    }

    boolean isHere(Operation operation) {
        return operation.node().equals(node);
    }

    /** Waits until the operation has ended, telling {@code progress} of it now and then, and returns it. */
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

    /** {@link #await(String, Consumer)}, telling nobody. */
    public Operation await(String id) {
        return await(id, one -> {});
    }

    /** Values a second that it moves, as far as it is known here; 0 if nothing is. */
    public double pace(Operation operation) {
        double known = worker.pace(operation);
        // What came at once at first, before the first pause, says nothing of how it goes on.
        double here = operation.rate() > 0 ? Math.min(known, operation.rate()) : known;
        long seconds = (operation.ended() ? operation.finished() : now()) - operation.started();
        return here > 0 && operation.isRunning() ? here : operation.done() / (double) Math.max(1, seconds);
    }

    private long leaseEnd() {
        return now() + OperationLease.SECONDS;
    }

    long now() {
        return clock.instant().getEpochSecond();
    }

    @Override
    public void close() {
        worker.close();
    }
}
