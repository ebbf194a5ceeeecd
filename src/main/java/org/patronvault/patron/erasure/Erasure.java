package org.patronvault.patron.erasure;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.ring.KeysInUse;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.patron.change.PatronPatch;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronWriter;

/**
 * The erasure of a patron (P6), or of one field of a patron. Index entries become dummies, the rows are deleted, the id
 * is never used again, and the pages and the write-ahead log are cleared. Older copies become unreadable when the KEK
 * versions of that time are destroyed. The certificate says so, and says what it does not cover. Beyond the day's limit
 * a second person must approve. Safe for use by many threads.
 */
public final class Erasure {
    private static final long PURGE_PATIENCE_MILLIS = 500;
    private static final Set<PatronField> ALONE = Set.of(PatronField.ADDRESS, PatronField.PHONE, PatronField.EMAIL);

    /**
     * The person who asks for an erasure.
     *
     * @param second the second person; read only if one is needed
     */
    public record Requester(Caller caller, Supplier<Optional<Actor>> second) {
        /** A requester without a second person. */
        public static Requester alone(Caller caller) {
            return new Requester(caller, Optional::empty);
        }
    }

    /**
     * The result: one of the two.
     *
     * @param filed the request that waits for a second person
     * @param certificate proof of the erasure
     */
    public record Answer(Optional<Approval> filed, Optional<ErasureCertificate> certificate) {
        private static Answer done(ErasureCertificate certificate) {
            return new Answer(Optional.empty(), Optional.of(certificate));
        }
    }

    private final PatronContext parts;
    private final PatronPatch correction;
    private final PatronWriter writer;
    private final ErasureLimit leave;
    private final OptionalInt horizonDays;

    /** Erasure over those parts; the horizon is that of {@link ErasureCertificate}. */
    public Erasure(PatronContext parts, PatronPatch correction, OptionalInt horizonDays) {
        this.parts = parts;
        this.correction = correction;
        this.horizonDays = horizonDays;
        this.writer = new PatronWriter(parts);
        this.leave = new ErasureLimit(parts);
    }

    /** Erases the patron; refused with {@code not-found} if there is none. */
    public Answer erase(Requester by, Optional<PatronId> id, Optional<IdempotencyStore.Key> replay, byte[] request) {
        return parts.aimed(by.caller(), ActKind.ERASE, Permission.ERASE, id, request, (attempt, stored) -> {
            ApprovalGrant given = leave.ask(by, stored.id(), Map.of());
            return given.filed().isPresent()
                    ? new Answer(given.filed(), Optional.empty())
                    : Answer.done(
                            erase(attempt.with(given.second()), leave.counted(by.caller(), given), stored, replay));
        });
    }

    ErasureCertificate erase(
            AccessEvent attempt, Reservation reservation, StoredPatron stored, Optional<IdempotencyStore.Key> replay) {
        AccessEvent event = erasing(attempt, List.of(stored.id()));
        IdempotencyStore kept = parts.access().replay();
        ErasureCertificate certificate = parts.log().call(event, now -> {
            Set<Alert> reached = reservation.take(now.tx());
            kept.requireFirst(now.tx(), replay);
            writer.erase(now.tx(), stored);
            ErasureCertificate made = certificate(stored.id(), Optional.empty(), event, now.entry());
            kept.keep(now.tx(), replay, made.json());
            return Decision.done(event, made).alerting(reached);
        });
        after();
        return certificate;
    }

    /** The event to log: the erased patrons, and the keys that open copies of that time. */
    AccessEvent erasing(AccessEvent attempt, List<PatronId> patrons) {
        return attempt.ending(Outcome.ERASED)
                .about(KeysInUse.of(parts.custody().keys()).text())
                .on(patrons.stream()
                        .map(id -> Subject.opened(id, Set.of(PatronField.values())))
                        .toList());
    }

    /** Clears the remains from the files, and writes the erasure to keys/. */
    private void after() {
        parts.log().ledger().follow();
        parts.log().purge(PURGE_PATIENCE_MILLIS);
    }

    ErasureCertificate certificate(PatronId id, Optional<PatronField> field, AccessEvent event, long entry) {
        return ErasureCertificate.of(id, field, event, entry, parts.custody().keys(), horizonDays);
    }

    /**
     * Erases one field of a patron, who stays; it counts as an erasure. Refused with {@code not-found} if the field is
     * not stored or cannot be erased alone.
     *
     * @param name address, phone or email
     */
    public Answer eraseField(
            Requester by, Optional<PatronId> id, String name, Optional<IdempotencyStore.Key> replay, byte[] request) {
        return parts.aimed(by.caller(), ActKind.ERASE, Permission.ERASE, id, request, (attempt, stored) -> {
            PatronField field = PatronField.ofWireName(name)
                    .filter(ALONE::contains)
                    .filter(parts.vault().facts(stored).set()::contains)
                    .orElseThrow(
                            () -> new Refused(
                                    Problem.NOT_FOUND,
                                    "The patron has no such field that can be erased alone: those are address, phone and email."));
            ApprovalGrant given = leave.ask(by, stored.id(), Map.of(ErasureLimit.FIELD, List.of(name)));
            return given.filed().isPresent()
                    ? new Answer(given.filed(), Optional.empty())
                    : Answer.done(eraseField(
                            attempt.with(given.second()), leave.counted(by.caller(), given), stored, field, replay));
        });
    }

    ErasureCertificate eraseField(
            AccessEvent attempt,
            Reservation reservation,
            StoredPatron stored,
            PatronField field,
            Optional<IdempotencyStore.Key> replay) {
        PatronWriter.Change change = correction.without(attempt, stored, field);
        AccessEvent event = attempt.ending(Outcome.WRITTEN)
                .about(KeysInUse.of(parts.custody().keys()).text());
        IdempotencyStore kept = parts.access().replay();
        ErasureCertificate certificate = parts.log().call(event, now -> {
            Set<Alert> reached = reservation.take(now.tx());
            kept.requireFirst(now.tx(), replay);
            Subject stays = writer.update(now.tx(), change);
            ErasureCertificate made = certificate(stored.id(), Optional.of(field), event, now.entry());
            kept.keep(now.tx(), replay, made.json());
            return Decision.done(event.on(List.of(stays)), made).alerting(reached);
        });
        after();
        return certificate;
    }
}
