package org.patronvault.custody.rotate;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.access.KeyVersionUsage;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.custody.rotate.Operations.Request;
import org.patronvault.custody.slot.Slots;
import org.patronvault.patron.Patrons;

/**
 * The rotations and re-encryptions, by the names that {@code keys rotate}, {@code keys reencrypt} and the HTTP API
 * take.
 */
public final class Rotations {
    /** The name for every patron field and the texts of cases together. */
    public static final String ALL = "all";

    /** The name for every key of the ring that protects no patron field, except the pairwise one and the log's own. */
    public static final String REST = "rest";

    public static final List<String> FIELDS =
            Arrays.stream(PatronField.values()).map(PatronField::wireName).toList();

    private final Operations operations;
    private final AuditLog log;
    private final Supplier<Instant> keptUntil;
    private final IntSupplier vendors;
    private final Map<String, Request> rotated = new TreeMap<>();
    private final Map<String, Request> reencrypted = new TreeMap<>();

    /**
     * Makes rotations of the KEKs of patron fields and cases, of the index's keys and the log's, and re-encryptions of
     * patron fields.
     */
    public Rotations(Operations operations, Store store, KeyCustody custody, AuditLog log, Patrons patrons) {
        this.operations = operations;
        this.log = log;
        CaseRewrap cases = new CaseRewrap(store, custody);
        register(KeyName.CASE, cases);
        KeyOperation rewrap = new Rewrap(store, custody, patrons.vault(), cases);
        onFields(rotated, rewrap);
        rotated.put(ALL, new Request(rewrap, List.of(ALL)));
        KeyOperation reencrypt = new FieldReencryption(store, log, patrons);
        onFields(reencrypted, reencrypt);
        reencrypted.put(ALL, new Request(reencrypt, FIELDS));
        register("search", new IndexRebuild(store, custody, log, patrons));
        register(KeyName.LOG_SIGNING, new LogKeyRotation(custody, log));
        RestRotation rest = new RestRotation(store, custody, operations.access(), patrons.forgetting()::sealedAgain);
        this.keptUntil = () -> log.now().plus(KeyVersionUsage.KEPT);
        this.vendors = () -> patrons.forgetting().vendors().size();
        register(REST, rest);
        register(KeyName.PAIRWISE, rest);
    }

    private void onFields(Map<String, Request> byName, KeyOperation work) {
        operations.register(work);
        FIELDS.forEach(field -> byName.put(field, new Request(work, List.of(field))));
    }

    /** Returns the keys that a name stands for: all KEKs, or that one. */
    public static List<String> keys(String name) {
        return switch (name) {
            case ALL -> Stream.concat(FIELDS.stream(), Stream.of(KeyName.CASE)).toList();
            case REST -> KeyName.rest();
            default -> List.of(name);
        };
    }

    /** Returns the patron fields among the keys that a name stands for. */
    static List<PatronField> fields(String name) {
        return keys(name).stream()
                .flatMap(field -> PatronField.ofWireName(field).stream())
                .toList();
    }

    /** Registers the work that rotates another key with that name. */
    public final void register(String name, KeyOperation work) {
        operations.register(work);
        rotated.put(name, new Request(work, List.of(name)));
    }

    /** Starts a rotation at a given rate; see {@link #begin(Caller, String, IntSupplier, Supplier, byte[])}. */
    public List<Operation> begin(
            Caller caller, String name, int rate, Supplier<Optional<IdempotencyStore.Key>> key, byte[] request) {
        return begin(caller, name, () -> rate, key, request);
    }

    /** Starts a rotation; arguments and refusals as in {@link Operations#begin}. */
    public List<Operation> begin(
            Caller caller,
            String name,
            IntSupplier rate,
            Supplier<Optional<IdempotencyStore.Key>> key,
            byte[] request) {
        return operations.begin(caller, ActKind.ROTATE, Optional.ofNullable(rotated.get(name)), rate, key, request);
    }

    /** Starts to encrypt every value again under a new DEK; arguments and refusals as in {@link Operations#begin}. */
    public List<Operation> reencrypt(
            Caller caller,
            String name,
            IntSupplier rate,
            Supplier<Optional<IdempotencyStore.Key>> key,
            byte[] request) {
        return operations.begin(
                caller, ActKind.REENCRYPT, Optional.ofNullable(reencrypted.get(name)), rate, key, request);
    }

    /**
     * Starts a rotation for the vault itself, without a request.
     *
     * @param still refuses, inside the act, work that is no longer due
     */
    public Operation beginByItself(String name, Consumer<Tx> still) {
        return operations.beginByItself(rotated.get(name), still);
    }

    /**
     * Changes the rate of a running operation from its next batch on. The caller has already proved the permission.
     *
     * @param rate values a second, 0 for as fast as the desk allows
     * @throws Refused with {@code not-found} if no operation has that ID, with {@code approval-closed} if it does not
     *     run
     */
    public Operation keepTo(Actor by, String id, int rate) {
        byte[] request = AuditLog.newRequest();
        return log.logging(log.event(by, ActKind.ROTATE, Outcome.REFUSED, request), () -> {
            Operation running = operations.find(id);
            Operations.good(rate);
            AccessEvent event = log.event(by, operations.work(running).act(), Outcome.REFUSED, request)
                    .about(running.field());
            log.call(event, now -> {
                Authority.Versioned<Operation> row =
                        operations.held(now.tx(), id).orElseThrow();
                if (!row.body().isRunning()) {
                    throw new Refused(Problem.APPROVAL_CLOSED, "That does not run, so it has no rate.");
                }
                operations.put(now.tx(), row, row.body().at(rate));
                return Decision.done(event.ending(Outcome.CONFIGURATION));
            });
            return operations.find(id);
        });
    }

    /**
     * Renews the root and begins the rotation of every other key, in one act. A kill leaves all of it or nothing: what has
     * begun goes on with the next start.
     *
     * @param names what to rotate beside the root
     * @param rate values a second for each, 0 for as fast as the desk allows
     * @throws Refused with {@code operation-running} while work on any of these keys runs; then the root stays
     */
    public List<Operation> everything(
            Caller caller, Optional<Approver> second, SlotMaker made, Slots slots, List<String> names, int rate) {
        AccessEvent event = log.event(caller.actor(), ActKind.ROTATE, Outcome.REFUSED, AuditLog.newRequest())
                .with(second);
        operations.access().require(caller, Permission.ROTATE, event);
        List<Operation> begun = operations.prepare(
                caller.actor(), names.stream().map(rotated::get).toList(), Operations.good(rate));
        slots.rotateRoot(caller.actor(), second, made, (tx, renewed) -> {
            operations.requireNoneRuns(tx, begun);
            List<AccessEvent> entries = new ArrayList<>(List.of(renewed.get()));
            entries.addAll(operations.write(tx, event, begun));
            return entries;
        });
        operations.take(begun);
        return begun;
    }

    /** Returns sentences on what a rotation of that name ends, and what it leaves until it is used. */
    public List<String> consequences(String name) {
        return switch (name) {
            case REST ->
                List.of(
                        "Ended at once: every session, recovery codes of second factors, unsubscribe links in mails that were"
                                + " sent, and the answers kept for repeated requests.",
                        "Kept until next used: client keys, passwords, people who sign on by a provider, and what an import"
                                + " recognizes. From " + LocalDate.ofInstant(keptUntil.get(), ZoneOffset.UTC)
                                + " on, the old versions can be destroyed all the same; then what nobody used must be given"
                                + " again.",
                        "Backups made so far open until the old versions are destroyed.");
            case KeyName.PAIRWISE ->
                List.of("Each vendor is told a new subject for every patron, at once. Vendors: " + vendors.getAsInt()
                        + ".");
            default -> List.of();
        };
    }

    /** Returns the names of all rotations. */
    public Set<String> names() {
        return rotated.keySet();
    }

    /** Returns the names of all re-encryptions. */
    public Set<String> reencryptNames() {
        return reencrypted.keySet();
    }

    /** Returns the operations. */
    public Operations operations() {
        return operations;
    }
}
