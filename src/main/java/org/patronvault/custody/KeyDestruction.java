package org.patronvault.custody;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Approvals;
import org.patronvault.access.Authority;
import org.patronvault.access.Caller;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Approver;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeysInUse;
import org.patronvault.keys.Waits;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Destroys versions of keys, which is what makes old copies of the database unreadable, erased patrons included. Two
 * custodians agree; nothing may hang on the version, a proved backup must be newer than what emptied it, and copies of
 * the keys that hold it must be said to be gone, all of it when they agree and again when it is done. In between lies a
 * waiting time in which any custodian can call it off. Safe for use by many threads.
 */
public final class KeyDestruction {
    static final String KIND = "destroy";

    /** The time in which it can be called off has not passed. */
    public static final String WAITING = "waiting";

    private static final String DESTROYING = "destroying";
    private static final String CANCELLED = "cancelled";

    private final KeyCustody custody;
    private final Access access;
    private final AuditLog log;
    private final Operations operations;
    private final DestroyPreconditions may;
    private final KeyCopies copies;
    private final Waits waits;
    private final int days;

    /** The parts it works with, and the waiting time in days. */
    public record Parts(
            Store store,
            KeyCustody custody,
            Access access,
            AuditLog log,
            Operations operations,
            BackupRegister backups,
            KeyCopies copies,
            Path waitsFile,
            int days) {}

    /** Destruction over those parts. */
    public KeyDestruction(Parts parts) {
        this(parts, System::nanoTime);
    }

    /** The same, by another monotonic clock, in nanoseconds. */
    KeyDestruction(Parts parts, LongSupplier nanoTime) {
        this.custody = parts.custody();
        this.access = parts.access();
        this.log = parts.log();
        this.operations = parts.operations();
        this.copies = parts.copies();
        this.may = new DestroyPreconditions(parts.store(), custody, access, log, parts.backups(), copies);
        this.days = parts.days();
        this.waits = new Waits(parts.waitsFile(), custody, nanoTime);
        access.approvals().register(KeyDestructionAct.KIND, new KeyDestructionAct(this, may));
        copies.leaveOut(tx -> KeyVersionToDestroy.all(operations, tx));
    }

    /**
     * Asks for a version to be destroyed after the waiting time.
     *
     * @param gone exported copies that both custodians say are gone
     * @throws Refused with {@code key-in-use} and the count while anything hangs on it, with {@code backup-required}, or
     *     with {@code copies-unattested}, which names them
     */
    public Approvals.Answer ask(Approvals.Requester asking, String field, int version, List<String> gone) {
        KeyVersionToDestroy doomed = KeyVersionToDestroy.of(field, version);
        List<String> backups = custody.isSealed() ? List.of() : may.endingBackups(doomed);
        return access.approvals().ask(asking, KeyDestructionAct.ask(doomed, gone, backups, days));
    }

    /**
     * Destroys versions without a waiting time, for an erasure that cannot wait: everything else is required as ever, of
     * all of them before the first is destroyed. Whoever calls has leave of two custodians.
     */
    synchronized void now(Actor by, Optional<Approver> second, List<KeysInUse.Version> versions, List<String> gone) {
        AccessEvent event =
                log.event(by, Act.DESTROY, Outcome.KEY, AuditLog.newRequest()).with(second);
        List<KeyVersionToDestroy> all = versions.stream()
                .map(one -> KeyVersionToDestroy.of(one.name(), one.version()))
                .toList();
        log.logging(event.ending(Outcome.REFUSED), () -> {
            all.forEach(doomed -> may.require(doomed, gone));
            log.appendAndWait(Unit.writingMany(event, tx -> {
                copies.attestGone(tx, gone);
                for (KeyVersionToDestroy doomed : all) {
                    may.require(tx, doomed, gone);
                    Optional<Authority.Versioned<Operation>> held = waiting(tx, doomed);
                    held.filter(one -> one.body().state().equals(WAITING))
                            .ifPresent(one -> operations.put(tx, one, one.body().in(CANCELLED, operations.now())));
                    // One that is past its point of no return is finished as ever.
                    if (held.filter(one -> one.body().state().equals(DESTROYING))
                            .isEmpty()) {
                        operations.insert(tx, KIND, doomed.name(), WAITING, 0);
                    }
                }
                return all.stream().map(doomed -> event.about(doomed.name())).toList();
            }));
            carryOutWhatDoesNotWait();
            all.stream()
                    .map(doomed -> find(doomed.field(), doomed.version()).orElseThrow())
                    .filter(one -> !one.ended())
                    .findFirst()
                    .flatMap(this::hindrance)
                    .ifPresent(why -> {
                        throw new Refused(Problem.BUSY, why, 5);
                    });
            return all;
        });
    }

    private Optional<Authority.Versioned<Operation>> waiting(Tx tx, KeyVersionToDestroy doomed) {
        return operations.held(tx).stream()
                .filter(held -> held.body().kind().equals(KIND)
                        && held.body().field().equals(doomed.name())
                        && !held.body().ended())
                .findFirst();
    }

    /** The newest destruction of that version there was. */
    public Optional<Operation> find(String field, int version) {
        return operations.all().stream()
                .filter(one ->
                        one.kind().equals(KIND) && one.field().equals(new KeyVersionToDestroy(field, version).name()))
                .findFirst();
    }

    /** Seconds of service until it is carried out. */
    public long remainingSeconds(Operation operation) {
        return Math.max(0, operation.total() - waits.seconds(operation.id()));
    }

    private List<Operation> waiting() {
        return operations.all().stream()
                .filter(one -> one.kind().equals(KIND) && one.state().equals(WAITING))
                .toList();
    }

    /**
     * Calls one off, as any custodian can alone while it waits.
     *
     * @param key makes the same request, sent again, answer as before; read only once the policy was asked
     */
    public Operation cancel(Caller caller, String id, Supplier<Optional<IdempotencyStore.Key>> key, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.DESTROY, Outcome.REFUSED, request);
        access.require(caller, AccessRequest.may(Permission.CUSTODY), attempt);
        return log.logging(attempt, () -> {
            operations.find(id);
            Optional<IdempotencyStore.Key> sent = key.get();
            if (access.replay().answered(sent).isPresent()) {
                return operations.find(id);
            }
            log.appendAndWait(Unit.writing(attempt, tx -> {
                access.replay().requireFirst(tx, sent);
                Authority.Versioned<Operation> held = operations.held(tx, id).orElseThrow();
                if (!held.body().kind().equals(KIND) || !held.body().state().equals(WAITING)) {
                    throw new Refused(Problem.APPROVAL_CLOSED, "That does not wait, so it cannot be called off.");
                }
                operations.put(tx, held, held.body().in(CANCELLED, operations.now()));
                access.replay().keep(tx, sent, CANCELLED);
                return attempt.ending(Outcome.CONFIGURATION).about(held.body().field());
            }));
            return operations.find(id);
        });
    }

    /** When the vault is opened: from here on time counts, and what a kill interrupted is gone on with. */
    public synchronized void resume() {
        waits.skip();
        finishInterrupted();
    }

    /** Goes on with what a kill interrupted after its point of no return. */
    private void finishInterrupted() {
        operations.all().stream().filter(one -> one.kind().equals(KIND)).forEach(this::finish);
    }

    /**
     * Counts the waiting time on, finishes what could not be finished when it was begun, and carries out what has waited
     * long enough. What is not as it must be any more goes on waiting.
     */
    public synchronized void turn() {
        carryOutWhatDoesNotWait();
        List<Operation> waiting = waiting();
        waits.turn(waiting.stream().map(Operation::id).toList());
        waiting.stream().filter(one -> remainingSeconds(one) == 0).forEach(this::carryOut);
    }

    /** Hangs on no file that says for how long something has waited, and may be out of reach. */
    private void carryOutWhatDoesNotWait() {
        finishInterrupted();
        waiting().stream().filter(one -> one.total() == 0).forEach(this::carryOut);
    }

    private void carryOut(Operation one) {
        if (hindrance(one).isEmpty()) {
            unlessChanged(() -> begin(one));
            finish(operations.find(one.id()));
        }
    }

    /** Why it could not be carried out now, if it could not. */
    public Optional<String> hindrance(Operation operation) {
        return may.hindrance(KeyVersionToDestroy.ofName(operation.field()));
    }

    /** The point of no return: from here on a kill is finished by {@link #resume}. */
    void begin(Operation operation) {
        AccessEvent event = log.event(Actor.VAULT, Act.DESTROY, Outcome.KEY, AuditLog.newRequest())
                .about(operation.field());
        log.appendAndWait(Unit.writing(event, tx -> {
            Authority.Versioned<Operation> held =
                    operations.held(tx, operation.id()).orElseThrow();
            if (!held.body().state().equals(WAITING)) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "It was called off.");
            }
            may.require(tx, KeyVersionToDestroy.ofName(operation.field()), List.of());
            operations.put(tx, held, held.body().in(DESTROYING, 0));
            return event;
        }));
    }

    /** Another node may be faster; then nothing is left to do here but to look what became of it. */
    private static void unlessChanged(Runnable act) {
        try {
            act.run();
        } catch (Refused e) {
            if (e.problem() != Problem.CHANGED_MEANWHILE) {
                throw e;
            }
        }
    }

    /** Where it is past its point of no return: the ring, and then the word that it is done. */
    void finish(Operation operation) {
        if (isBegun(operation)) {
            unlessChanged(() -> destroy(operation));
        }
    }

    /** Also where the key is gone, and the database is one from before that was put back. */
    private boolean isBegun(Operation one) {
        boolean gone = KeyVersionToDestroy.ofName(one.field()).isDestroyed(custody.keys());
        return one.state().equals(DESTROYING) || (gone && one.state().equals(WAITING));
    }

    private void destroy(Operation operation) {
        KeyVersionToDestroy doomed = KeyVersionToDestroy.ofName(operation.field());
        AccessEvent event = log.event(Actor.VAULT, Act.DESTROY, Outcome.KEY, AuditLog.newRequest())
                .about(operation.field());
        log.appendAndWait(Unit.writing(event, tx -> {
            Authority.Versioned<Operation> held =
                    operations.held(tx, operation.id()).orElseThrow();
            if (!isBegun(held.body())) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "Another node has done it.");
            }
            // Like every change of the ring inside a unit, whose lock keeps others from writing it.
            if (!doomed.isDestroyed(custody.keys())) {
                doomed.ringKeys().forEach(key -> custody.destroy(key, doomed.version()));
            }
            operations.put(tx, held, held.body().in(Operation.DONE, operations.now()));
            return event.marking(custody.mark());
        }));
    }

    /** Has it wait, inside the unit in which two agreed; refused if it waits already. */
    void schedule(WriteTx tx, KeyVersionToDestroy doomed, List<String> gone, Duration wait) {
        if (waiting(tx, doomed).isPresent()) {
            throw new Refused(Problem.OPERATION_RUNNING, "That version waits to be destroyed already.");
        }
        copies.attestGone(tx, gone);
        operations.insert(tx, KIND, doomed.name(), WAITING, wait.toSeconds());
    }
}
