package org.patronvault.custody;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.Authority;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.access.Replay;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.FieldKeys;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.patron.PatronVault;
import org.patronvault.patron.Patrons;
import org.patronvault.store.PatronRow;
import org.patronvault.store.Store;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Tx;
import org.patronvault.store.ValueRow;

/**
 * Rotates the KEK of a patron field: a new primary version at once, then every value of an older one is rewrapped, by
 * compare-and-set on generation and KEK version, while reads and writes go on. One rotation of a field at a time.
 */
public final class Rotation implements AutoCloseable {
    private static final String KIND = "operation";
    private static final int BATCH = 256;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * A rotation and how far it is.
     *
     * @param state {@code running}, {@code done} or {@code failed}
     * @param total values that hung on older versions when it began
     * @param finished Unix seconds, 0 while it runs
     */
    public record Operation(
            String id, String kind, String field, String state, long done, long total, long started, long finished) {

        Operation with(String newState, long newDone, long newFinished) {
            return new Operation(id, kind, field, newState, newDone, total, started, newFinished);
        }

        /** Whether nothing more will happen. */
        public boolean ended() {
            return !state.equals("running");
        }
    }

    private final Store store;
    private final KeyCustody custody;
    private final Access access;
    private final AuditLog log;
    private final PatronVault vault;
    private final Replay replay;
    private final Clock clock;
    private final ExecutorService background = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "vault-rewrap");
        thread.setDaemon(true);
        return thread;
    });

    /** Rotations over those parts. */
    public Rotation(Store store, KeyCustody custody, Access access, AuditLog log, Patrons patrons, Clock clock) {
        this.store = store;
        this.custody = custody;
        this.access = access;
        this.log = log;
        this.vault = patrons.vault();
        this.replay = access.replay();
        this.clock = clock;
    }

    /**
     * Begins the rotation of a field's KEK; refused with {@code operation-running} while one of it runs.
     *
     * @param key makes the same request, sent again, answer with the rotation that it began
     */
    public Operation begin(Caller caller, PatronField field, Supplier<Optional<Replay.Key>> key, byte[] request) {
        return begin(caller, Optional.of(field), key, request);
    }

    /** The same; refused with {@code not-found} if there is no such field. */
    public synchronized Operation begin(
            Caller caller, Optional<PatronField> field, Supplier<Optional<Replay.Key>> key, byte[] request) {
        AccessEvent plain = log.event(caller.actor(), Act.ROTATE, Outcome.REFUSED, request);
        AccessEvent attempt = field.map(known -> plain.about(known.wireName())).orElse(plain);
        access.require(caller, Question.may(Permission.ROTATE), attempt);
        return log.logging(attempt, () -> {
            PatronField known =
                    field.orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such key to rotate."));
            Optional<Replay.Key> sent = key.get();
            return replay.answered(sent).map(this::find).orElseGet(() -> begin(attempt, known, sent));
        });
    }

    private Operation begin(AccessEvent attempt, PatronField field, Optional<Replay.Key> key) {
        if (all().stream().anyMatch(o -> !o.ended() && o.field().equals(field.wireName()))) {
            throw new Refused(Problem.OPERATION_RUNNING, "A rotation of that field is under way already.");
        }
        byte[] id = new byte[8];
        RANDOM.nextBytes(id);
        long total = store.read(tx -> tx.patrons().countByKek()).getOrDefault(field, Map.of()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        custody.addVersion(field.wireName());
        Operation operation =
                new Operation(HexFormat.of().formatHex(id), "rotate", field.wireName(), "running", 0, total, now(), 0);
        AccessEvent event = attempt.ending(Outcome.KEY);
        log.appendAndWait(Unit.writing(event, tx -> {
            access.authority()
                    .insert(
                            tx,
                            KIND,
                            operation.id(),
                            operation,
                            new Refused(Problem.CHANGED_MEANWHILE, "Try once more."));
            replay.keep(tx, key, operation.id());
            // Taken here, so that the last key event speaks of the newest ring whatever key was made in between.
            return event.marking(custody.mark());
        }));
        background.execute(() -> rewrap(operation));
        return operation;
    }

    /** Goes on with rotations that a stop or a crash interrupted. */
    public void resume() {
        all().stream().filter(o -> !o.ended()).forEach(o -> background.execute(() -> rewrap(o)));
    }

    /** All operations. */
    public List<Operation> all() {
        return store.read(tx -> access.authority().all(tx, KIND, Operation.class)).stream()
                .map(Authority.Held::body)
                .toList();
    }

    /** The operation of that id. */
    public Operation find(String id) {
        return all().stream()
                .filter(o -> o.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such operation."));
    }

    /** Waits until the operation has ended, and returns it. */
    public Operation await(String id) {
        Operation operation = find(id);
        while (!operation.ended()) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return operation;
            }
            operation = find(id);
        }
        return operation;
    }

    private void rewrap(Operation operation) {
        PatronField field = PatronField.ofWireName(operation.field()).orElseThrow();
        long done = operation.done();
        try {
            for (List<Hanging> batch = old(field); !batch.isEmpty(); batch = old(field)) {
                done = rewrap(field, batch, operation.id(), done);
            }
            end(operation.id(), "done", done);
        } catch (Refused e) {
            // Sealed or stopping: resume() takes it up again. A slow log or a full disk passes.
            if (!custody.isSealed() && pause()) {
                background.execute(() -> rewrap(find(operation.id())));
            }
        } catch (RuntimeException e) {
            end(operation.id(), "failed", done);
        }
    }

    /** A value under an older version, and for meta the row in clear of the same snapshot. */
    private record Hanging(ValueRow value, Optional<PatronRow> row) {}

    private List<Hanging> old(PatronField field) {
        int primary = vault.primaryVersion(field);
        return store.read(tx -> {
            for (int version :
                    tx.patrons().countByKek().getOrDefault(field, Map.of()).keySet()) {
                if (version != primary) {
                    return hanging(tx, field, tx.patrons().under(field, version, BATCH));
                }
            }
            return List.of();
        });
    }

    private static List<Hanging> hanging(Tx tx, PatronField field, List<ValueRow> values) {
        Map<PatronId, StoredPatron> rows = field == PatronField.META
                ? tx.patrons().findAll(values.stream().map(ValueRow::patron).toList())
                : Map.of();
        return values.stream()
                .map(v ->
                        new Hanging(v, Optional.ofNullable(rows.get(v.patron())).map(StoredPatron::row)))
                .toList();
    }

    private long rewrap(PatronField field, List<Hanging> batch, String id, long done) {
        record Rewrapped(ValueRow read, int version, byte[] envelope) {}
        List<Rewrapped> ready = batch.stream()
                .map(h -> new Rewrapped(
                        h.value(), FieldKeys.kekVersion(h.value().envelope()), vault.rewrap(h.row(), h.value())))
                .toList();
        AccessEvent event = log.event(Actor.VAULT, Act.ROTATE, Outcome.KEY, AuditLog.newRequest())
                .about(field.wireName())
                .counting(batch.size());
        long[] now = new long[1];
        log.appendAndWait(Unit.writing(event, tx -> {
            now[0] = done;
            for (Rewrapped r : ready) {
                now[0] += tx.patrons().rewrap(r.read(), r.version(), r.envelope()) ? 1 : 0;
            }
            var held = access.authority().find(tx, KIND, id, Operation.class).orElseThrow();
            access.authority().replace(tx, KIND, held, held.body().with("running", now[0], 0));
            return event;
        }));
        return now[0];
    }

    private static boolean pause() {
        try {
            Thread.sleep(1_000);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void end(String id, String state, long done) {
        AccessEvent event = log.event(Actor.VAULT, Act.ROTATE, Outcome.KEY, AuditLog.newRequest())
                .about(id)
                .counting(done);
        log.appendAndWait(Unit.writing(event, tx -> {
            var held = access.authority().find(tx, KIND, id, Operation.class).orElseThrow();
            access.authority().replace(tx, KIND, held, held.body().with(state, done, now()));
            return event;
        }));
    }

    private long now() {
        return Instant.now(clock).getEpochSecond();
    }

    @Override
    public void close() {
        background.shutdownNow();
    }
}
