package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The written permissions of patrons (P3). Roles that record consents record these too. They are encrypted like cases,
 * and removed with the patron. Safe for use by many threads.
 */
public final class WrittenPermissions {
    private static final String KIND = "permission";
    private static final int LONGEST = 200;

    /**
     * A permission to record.
     *
     * @param signed the day on which the patron signed
     * @param document SHA-256 of the paper, in hexadecimal; may be empty
     */
    public record Spec(String recipient, Set<PatronField> fields, String signed, String until, String document) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final SealedRecords<WrittenPermission.SealedForm> rows;

    WrittenPermissions(Store store, KeyCustody custody, Access access, AuditLog log) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.rows = new SealedRecords<>(access.authority(), custody, KIND, WrittenPermission.SealedForm.class);
    }

    /** Asks the policy for that patron; a refusal is in the log. */
    private AccessEvent attempt(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.PERMISSION, Outcome.REFUSED, request)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, Set.of()))).orElse(List.of()));
        Grant grant = access.require(caller, Permission.CONSENT, attempt);
        StoredPatron patron = id.flatMap(one -> store.read(tx -> tx.patrons().find(one)))
                .orElseThrow(() -> log.refuse(attempt, new Refused(Problem.NOT_FOUND, "There is no such patron.")));
        log.logging(
                attempt,
                () -> grant.require(Grant.ofLibrary(patron.row().attributes().library())));
        return attempt;
    }

    /**
     * Records a permission.
     *
     * @param sent read only once the policy was asked
     * @param key a repeated request with this key gets the permission already made
     */
    public WrittenPermission make(
            Caller caller,
            Optional<PatronId> id,
            Supplier<Spec> sent,
            Supplier<Optional<IdempotencyStore.Key>> key,
            byte[] request) {
        AccessEvent attempt = attempt(caller, id, request);
        return log.logging(attempt, () -> {
            Optional<IdempotencyStore.Key> replay = key.get();
            Optional<String> before = access.replay().answered(replay);
            return before.isPresent()
                    ? find(id.orElseThrow(), before.get())
                    : make(caller, id.orElseThrow(), sent.get(), replay, attempt);
        });
    }

    private WrittenPermission make(
            Caller caller, PatronId patron, Spec wanted, Optional<IdempotencyStore.Key> replay, AccessEvent attempt) {
        if (wanted.fields().isEmpty()) {
            throw new Refused(Problem.INVALID, "fields says which fields the patron permits to hand out.");
        }
        if (wanted.recipient().length() > LONGEST || wanted.recipient().isBlank()) {
            throw new Refused(Problem.INVALID, "recipient is 1 to " + LONGEST + " characters.");
        }
        if (DateOrTime.from(wanted.signed(), "signed").isAfter(log.now())) {
            throw new Refused(Problem.INVALID, "signed lies ahead; a permission is signed before it is taken down.");
        }
        Instant until = DateOrTime.until(wanted.until(), "until");
        if (!until.isAfter(log.now())) {
            throw new Refused(Problem.INVALID, "A permission that has ended permits nothing; until lies behind.");
        }
        Designations.requireHash(wanted.document());
        CaseId id = SealedRecords.newId();
        WrittenPermission.SealedForm stored = new WrittenPermission.SealedForm(
                patron.toString(),
                wanted.recipient().strip(),
                wanted.fields().stream().sorted().map(PatronField::wireName).toList(),
                wanted.signed(),
                until.toEpochMilli(),
                wanted.document(),
                caller.actor().name(),
                log.now().toEpochMilli(),
                0);
        AccessEvent done = attempt.ending(Outcome.CONFIGURATION).on(List.of(Subject.opened(patron, wanted.fields())));
        return log.call(done, now -> {
            WriteTx tx = now.tx();
            access.replay().requireFirst(tx, replay);
            rows.insert(tx, id, stored);
            access.replay().keep(tx, replay, id.toString());
            return Decision.done(done, stored.of(id.toString()));
        });
    }

    /** Returns the permissions of a patron, the one that ends last first. */
    public List<WrittenPermission> of(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = attempt(caller, id, request);
        List<WrittenPermission> all = log.logging(attempt, () -> store.read(tx -> of(tx, id.orElseThrow())));
        log.record(attempt.ending(Outcome.SEARCHED));
        return all;
    }

    /** Revokes a permission, from now on. */
    public WrittenPermission revoke(Caller caller, Optional<PatronId> id, String permission, byte[] request) {
        AccessEvent attempt = attempt(caller, id, request);
        return log.logging(attempt, () -> {
            PatronId patron = id.orElseThrow();
            AccessEvent done = attempt.ending(Outcome.CONFIGURATION);
            log.call(done, now -> {
                SealedRecords.VersionedRecord<WrittenPermission.SealedForm> held = held(now.tx(), patron, permission);
                if (held.record().revoked() == 0) {
                    rows.replace(now.tx(), held, held.record().revoked(log.now()));
                }
                return Decision.done(done);
            });
            return find(patron, permission);
        });
    }

    private WrittenPermission find(PatronId patron, String permission) {
        return store.read(tx -> held(tx, patron, permission)).record().of(permission);
    }

    private SealedRecords.VersionedRecord<WrittenPermission.SealedForm> held(
            Tx tx, PatronId patron, String permission) {
        return CaseId.parse(permission)
                .flatMap(id -> rows.find(tx, id))
                .filter(one -> one.record().patron().equals(patron.toString()))
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such permission of this patron."));
    }

    private List<WrittenPermission> of(Tx tx, PatronId patron) {
        return all(tx).filter(one -> one.patron().equals(patron))
                .sorted(Comparator.comparing(WrittenPermission::until).reversed())
                .toList();
    }

    private Stream<WrittenPermission> all(Tx tx) {
        return rows.all(tx).stream().map(held -> held.record().of(held.id().toString()));
    }

    /**
     * Refuses to disclose those fields of those patrons to the recipient, unless each has permitted it and it is in
     * force.
     */
    void require(Tx tx, List<PatronId> patrons, Set<PatronField> fields, String recipient) {
        Instant now = log.now();
        Set<PatronId> permitted = all(tx).filter(one -> one.isInForce(now) && one.permits(recipient, fields))
                .map(WrittenPermission::patron)
                .collect(Collectors.toSet());
        for (int place = 0; place < patrons.size(); place++) {
            if (!permitted.contains(patrons.get(place))) {
                throw new Refused(
                        Problem.INSTRUMENT_INSUFFICIENT,
                        "There is no permission in force of the patron at place " + (place + 1)
                                + " of the list for this agency and these fields; it is taken down at the patron first.");
            }
        }
    }

    List<CaseId> damaged(Tx tx) {
        return rows.damaged(tx);
    }

    /**
     * Removes the permissions of erased patrons; a damaged one does not stop the others. To be called by one thread.
     */
    void tidy() {
        List<SealedRecords.VersionedRecord<WrittenPermission.SealedForm>> gone =
                store.read(tx -> rows.sound(tx).stream()
                        .filter(held -> tx.patrons()
                                .find(PatronId.parse(held.record().patron()).orElseThrow())
                                .isEmpty())
                        .toList());
        for (SealedRecords.VersionedRecord<WrittenPermission.SealedForm> held : gone) {
            AccessEvent event = log.event(Actor.VAULT, ActKind.TIDY, Outcome.CONFIGURATION, AuditLog.newRequest())
                    .about(KIND);
            log.call(event, now -> {
                rows.find(now.tx(), held.id()).ifPresent(still -> rows.remove(now.tx(), still));
                return Decision.done(event);
            });
        }
    }
}
