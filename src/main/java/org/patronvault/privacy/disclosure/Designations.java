package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The designations of people who handle requests in the director's place (P10). The director makes them in writing,
 * from a day to a day, never for the director's own account, and can revoke them at any time. Each is in the log. Safe
 * for use by many threads.
 */
public final class Designations {
    private static final String KIND = "designation";
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    /** The row; times in milliseconds since 1970, 0 while it is not revoked. */
    private record Row(String designee, String by, long from, long until, String document, long revoked) {
        private Designation of(String id) {
            return new Designation(
                    id,
                    designee,
                    by,
                    Instant.ofEpochMilli(from),
                    Instant.ofEpochMilli(until),
                    Optional.of(document).filter(text -> !text.isEmpty()),
                    Optional.of(revoked).filter(at -> at > 0).map(Instant::ofEpochMilli));
        }
    }

    /**
     * A designation to make.
     *
     * @param from a day or a time; now, if it is empty
     * @param document SHA-256 of the written designation, in hexadecimal; may be empty
     */
    public record Spec(String designee, String from, String until, String document) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;

    Designations(Store store, Access access, AuditLog log) {
        this.store = store;
        this.access = access;
        this.log = log;
    }

    private AccessEvent attempt(Caller caller, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.DESIGNATION, Outcome.REFUSED, request);
        access.require(caller, Permission.CASES, attempt);
        if (!caller.isPerson()) {
            throw log.refuse(attempt, new Refused(Problem.NOT_ALLOWED, "Only a person designates somebody."));
        }
        return attempt;
    }

    /**
     * Makes a designation, which is in force from its first moment on.
     *
     * @param sent read only once the policy was asked
     * @param key a repeated request with this key gets the designation already made
     */
    public Designation make(
            Caller caller, Supplier<Spec> sent, Supplier<Optional<IdempotencyStore.Key>> key, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> {
            Optional<IdempotencyStore.Key> replay = key.get();
            Optional<String> before = access.replay().answered(replay);
            return before.isPresent() ? find(before.get()) : make(caller, sent.get(), replay, attempt);
        });
    }

    private Designation make(Caller caller, Spec wanted, Optional<IdempotencyStore.Key> replay, AccessEvent attempt) {
        String designee = access.accounts().canonical(wanted.designee());
        if (designee.equals(caller.actor().name())) {
            throw new Refused(Problem.NOT_ALLOWED, "Nobody designates himself; another director does.");
        }
        Instant from = wanted.from().isEmpty() ? log.now() : DateOrTime.from(wanted.from(), "from");
        Instant until = DateOrTime.until(wanted.until(), "until");
        if (!until.isAfter(from) || !until.isAfter(log.now())) {
            throw new Refused(Problem.INVALID, "A designation ends after it begins, and not in the past.");
        }
        requireHash(wanted.document());
        String id = SealedRecords.newId().toString();
        Row row = new Row(
                designee, caller.actor().name(), from.toEpochMilli(), until.toEpochMilli(), wanted.document(), 0);
        AccessEvent done = attempt.ending(Outcome.CONFIGURATION).about(designee);
        return log.call(done, now -> {
            WriteTx tx = now.tx();
            access.replay().requireFirst(tx, replay);
            access.accounts().requireThere(tx, designee);
            access.authority().insert(tx, KIND, id, row, new Refused(Problem.CHANGED_MEANWHILE, "Try once more."));
            access.replay().keep(tx, replay, id);
            return Decision.done(done, row.of(id));
        });
    }

    /** Refuses a malformed hash of a document; an empty one is valid. */
    static void requireHash(String document) {
        if (!document.isEmpty() && !SHA_256.matcher(document).matches()) {
            throw new Refused(
                    Problem.INVALID,
                    "document is the SHA-256 of the paper, 64 hexadecimal digits: `sha256sum FILE` says it.");
        }
    }

    /** Revokes a designation, from now on. */
    public Designation revoke(Caller caller, String id, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        return log.logging(attempt, () -> {
            Designation there = find(id);
            AccessEvent done = attempt.ending(Outcome.CONFIGURATION).about(there.designee());
            log.call(done, now -> {
                Authority.Versioned<Row> held = held(now.tx(), id).orElseThrow(Designations::unknown);
                Row row = held.body();
                if (row.revoked() == 0) {
                    access.authority()
                            .replace(
                                    now.tx(),
                                    KIND,
                                    held,
                                    new Row(
                                            row.designee(),
                                            row.by(),
                                            row.from(),
                                            row.until(),
                                            row.document(),
                                            log.now().toEpochMilli()));
                }
                return Decision.done(done);
            });
            return find(id);
        });
    }

    /**
     * All designations, those that end last first. For people with a part in cases; the caller must have checked that.
     */
    List<Designation> all() {
        return store.read(tx -> access.authority().all(tx, KIND, Row.class)).stream()
                .map(held -> held.body().of(held.name()))
                .sorted(Comparator.comparing(Designation::until).reversed())
                .toList();
    }

    /** The accounts designated now. For people with a part in cases; the caller must have checked that. */
    public List<String> inForce() {
        return all().stream()
                .filter(one -> one.isInForce(log.now()))
                .map(Designation::designee)
                .distinct()
                .sorted()
                .toList();
    }

    /** Returns all designations, for a director. */
    public List<Designation> all(Caller caller, byte[] request) {
        AccessEvent attempt = attempt(caller, request);
        List<Designation> all = all();
        log.record(attempt.ending(Outcome.SEARCHED));
        return all;
    }

    private Designation find(String id) {
        return store.read(tx -> held(tx, id)).map(held -> held.body().of(id)).orElseThrow(Designations::unknown);
    }

    private Optional<Authority.Versioned<Row>> held(Tx tx, String id) {
        return access.authority().find(tx, KIND, id, Row.class);
    }

    private static Refused unknown() {
        return new Refused(Problem.NOT_FOUND, "There is no such designation.");
    }

    /** Whether an account is designated at that moment, as of that transaction. */
    boolean isInForce(Tx tx, String name, Instant at) {
        return access.authority().all(tx, KIND, Row.class).stream()
                .map(held -> held.body().of(held.name()))
                .anyMatch(one -> one.designee().equals(name) && one.isInForce(at));
    }
}
