package org.patronvault.custody.destroy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.Waits;
import org.patronvault.core.keys.ring.KeysInUse;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Operations;

/**
 * The destruction of key versions, which makes old database copies unreadable, with their erased patrons. Two
 * custodians approve it. No value may need the version. A verified backup must be newer than the last move off it.
 * Copies of the keys with it must be attested gone. All this is checked at the approval and again at the destruction.
 * Any custodian can cancel it during the waiting time between. Thread-safe.
 */
public final class KeyDestruction {
    static final String KIND = "destroy";

    /** The state before the waiting time has passed. */
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

    /** The parts it uses, and the waiting time in days. */
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

    /** Makes the destruction with those parts. */
    public KeyDestruction(Parts parts) {
        this(parts, System::nanoTime);
    }

    /** Makes the destruction with those parts, by that monotonic clock, in nanoseconds. */
    public KeyDestruction(Parts parts, LongSupplier nanoTime) {
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
     * Requests the destruction of a version after the waiting time.
     *
     * @param gone exported copies that both custodians attest are gone
     * @throws Refused with {@code key-in-use} and the count while any value needs it, with {@code backup-required}, or
     *     with {@code copies-unattested}, which names them
     */
    public Approvals.Answer ask(Approvals.Requester asking, String field, int version, List<String> gone) {
        KeyVersionToDestroy doomed = KeyVersionToDestroy.of(field, version);
        boolean sealed = custody.isSealed();
        List<String> backups = sealed ? List.of() : may.endingBackups(doomed);
        List<String> owners = sealed ? List.of() : may.endingOwners(doomed);
        return access.approvals().ask(asking, KeyDestructionAct.ask(doomed, gone, backups, owners, days));
    }

    /**
     * Destroys versions without a waiting time, for an immediate erasure. All other preconditions are checked, for
     * every version before the first is destroyed. The caller has the approval of two custodians.
     */
    synchronized void now(Actor by, Optional<Approver> second, List<KeysInUse.Version> versions, List<String> gone) {
        AccessEvent event = log.event(by, ActKind.DESTROY, Outcome.KEY, AuditLog.newRequest())
                .with(second);
        List<KeyVersionToDestroy> all = versions.stream()
                .map(one -> KeyVersionToDestroy.of(one.name(), one.version()))
                .toList();
        log.logging(event.ending(Outcome.REFUSED), () -> {
            all.forEach(doomed -> may.require(doomed, gone));
            log.call(event, now -> {
                WriteTx tx = now.tx();
                copies.attestGone(tx, gone);
                for (KeyVersionToDestroy doomed : all) {
                    may.require(tx, doomed, gone);
                    Optional<Authority.Versioned<Operation>> held = waiting(tx, doomed);
                    held.filter(one -> one.body().state().equals(WAITING))
                            .ifPresent(one -> operations.put(tx, one, one.body().in(CANCELLED, operations.now())));
                    // A version past its point of no return is finished as usual.
                    if (held.filter(one -> one.body().state().equals(DESTROYING))
                            .isEmpty()) {
                        operations.insert(tx, KIND, doomed.name(), WAITING, 0);
                    }
                }
                return Decision.done(
                        all.stream().map(doomed -> event.about(doomed.name())).toList());
            });
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

    /** Returns the newest destruction of that version. */
    public Optional<Operation> find(String field, int version) {
        return operations.all().stream()
                .filter(one ->
                        one.kind().equals(KIND) && one.field().equals(new KeyVersionToDestroy(field, version).name()))
                .findFirst();
    }

    /** Returns the seconds of service until it is carried out. */
    public long remainingSeconds(Operation operation) {
        return Math.max(0, operation.total() - waits.seconds(operation.id()));
    }

    private List<Operation> waiting() {
        return operations.all().stream()
                .filter(one -> one.kind().equals(KIND) && one.state().equals(WAITING))
                .toList();
    }

    /**
     * Cancels a waiting destruction, which any custodian can do alone.
     *
     * @param key makes a repeated request return the first answer; read only after the policy was asked
     */
    public Operation cancel(Caller caller, String id, Supplier<Optional<IdempotencyStore.Key>> key, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.DESTROY, Outcome.REFUSED, request);
        access.require(caller, Permission.CUSTODY, attempt);
        return log.logging(attempt, () -> {
            operations.find(id);
            Optional<IdempotencyStore.Key> sent = key.get();
            if (access.replay().answered(sent).isPresent()) {
                return operations.find(id);
            }
            log.call(attempt, now -> {
                WriteTx tx = now.tx();
                access.replay().requireFirst(tx, sent);
                Authority.Versioned<Operation> held = operations.held(tx, id).orElseThrow();
                if (!held.body().kind().equals(KIND) || !held.body().state().equals(WAITING)) {
                    throw new Refused(Problem.APPROVAL_CLOSED, "That does not wait, so it cannot be called off.");
                }
                operations.put(tx, held, held.body().in(CANCELLED, operations.now()));
                access.replay().keep(tx, sent, CANCELLED);
                return Decision.done(
                        attempt.ending(Outcome.CONFIGURATION).about(held.body().field()));
            });
            return operations.find(id);
        });
    }

    /** Resumes after unsealing: the waiting time counts from here on, and interrupted destructions continue. */
    public synchronized void resume() {
        waits.skip();
        finishInterrupted();
    }

    /** Continues destructions that a kill interrupted after their point of no return. */
    private void finishInterrupted() {
        operations.all().stream().filter(one -> one.kind().equals(KIND)).forEach(this::finish);
    }

    /**
     * Advances the waiting time, finishes interrupted destructions, and carries out those that have waited long enough.
     * One whose preconditions no longer hold continues to wait.
     */
    public synchronized void turn() {
        carryOutWhatDoesNotWait();
        List<Operation> waiting = waiting();
        waits.turn(waiting.stream().map(Operation::id).toList());
        waiting.stream().filter(one -> remainingSeconds(one) == 0).forEach(this::carryOut);
    }

    /** Needs no file with waiting times, which may be out of reach. */
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

    /** Returns why it cannot be carried out now; empty if it can. */
    public Optional<String> hindrance(Operation operation) {
        return may.hindrance(KeyVersionToDestroy.ofName(operation.field()));
    }

    /** Passes the point of no return: from here on {@link #resume} finishes the destruction after a kill. */
    public void begin(Operation operation) {
        AccessEvent event = log.event(Actor.VAULT, ActKind.DESTROY, Outcome.KEY, AuditLog.newRequest())
                .about(operation.field());
        log.call(event, now -> {
            WriteTx tx = now.tx();
            Authority.Versioned<Operation> held =
                    operations.held(tx, operation.id()).orElseThrow();
            if (!held.body().state().equals(WAITING)) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "It was called off.");
            }
            may.require(tx, KeyVersionToDestroy.ofName(operation.field()), List.of());
            operations.put(tx, held, held.body().in(DESTROYING, 0));
            return Decision.done(event);
        });
    }

    /** Another node may be faster; then nothing is left to do here. */
    private static void unlessChanged(Runnable act) {
        try {
            act.run();
        } catch (Refused e) {
            if (e.problem() != Problem.CHANGED_MEANWHILE) {
                throw e;
            }
        }
    }

    /** Finishes a destruction past its point of no return: first the ring, then the row. */
    void finish(Operation operation) {
        if (isBegun(operation)) {
            unlessChanged(() -> destroy(operation));
        }
    }

    /** Also true if the key is destroyed and the database was restored from before that. */
    private boolean isBegun(Operation one) {
        boolean gone = KeyVersionToDestroy.ofName(one.field()).isDestroyed(custody.keys());
        return one.state().equals(DESTROYING) || (gone && one.state().equals(WAITING));
    }

    private void destroy(Operation operation) {
        KeyVersionToDestroy doomed = KeyVersionToDestroy.ofName(operation.field());
        AccessEvent event = log.event(Actor.VAULT, ActKind.DESTROY, Outcome.KEY, AuditLog.newRequest())
                .about(operation.field());
        log.call(event, now -> {
            Authority.Versioned<Operation> held =
                    operations.held(now.tx(), operation.id()).orElseThrow();
            if (!isBegun(held.body())) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "Another node has done it.");
            }
            // The log's lock keeps other nodes from writing the ring, as for every change of it.
            if (!doomed.isDestroyed(custody.keys())) {
                doomed.ringKeys().forEach(key -> custody.destroy(key, doomed.version()));
            }
            operations.put(now.tx(), held, held.body().in(Operation.DONE, operations.now()));
            return Decision.done(event.marking(custody.mark()));
        });
    }

    /** Adds the waiting destruction, inside the act of the approval; refuses if one waits already. */
    void schedule(WriteTx tx, KeyVersionToDestroy doomed, List<String> gone, Duration wait) {
        if (waiting(tx, doomed).isPresent()) {
            throw new Refused(Problem.OPERATION_RUNNING, "That version waits to be destroyed already.");
        }
        copies.attestGone(tx, gone);
        operations.insert(tx, KIND, doomed.name(), WAITING, wait.toSeconds());
    }
}
