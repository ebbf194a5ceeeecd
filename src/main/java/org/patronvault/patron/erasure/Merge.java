package org.patronvault.patron.erasure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.core.vault.ValueCodec;
import org.patronvault.patron.change.CardReplacement;
import org.patronvault.patron.record.LookupAlerts;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronTerms;
import org.patronvault.patron.record.PatronWriter;
import org.patronvault.search.Emails;

/**
 * The merge of a patron who is stored twice. One record stays and gains the other's cards, as inactive ones, phones and
 * email addresses. The other record is erased in the same act. It opens the fields it needs under the purpose
 * {@code reindex}, logged first, then writes by compare-and-set on both. It counts as an erasure: beyond the day's
 * limit a second person must approve.
 */
public final class Merge {
    private static final long PURGE_PATIENCE_MILLIS = 500;
    private static final Set<PatronField> MOVED = EnumSet.of(PatronField.CARD, PatronField.PHONE, PatronField.EMAIL);

    /** Numbers of the other patron's values that did not fit, and are lost; 0 phones if either patron is protected. */
    public record NotKept(int card, int phone, int email) {}

    /** The patron that stays, and the log entry of the opened fields. */
    public record Result(PatronId id, long version, long entry, NotKept notKept) {

        /** The answer in the form that a repeated request gets too. */
        public String json() {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id.toString())
                    .put("version", version)
                    .put("entry", entry);
            json.putObject("notKept")
                    .put("card", notKept.card())
                    .put("phone", notKept.phone())
                    .put("email", notKept.email());
            return json.toString();
        }
    }

    /**
     * The result: one of the two.
     *
     * @param filed the request that waits for a second person
     * @param merged the finished merge
     */
    public record Answer(Optional<Approval> filed, Optional<Result> merged) {}

    /** A list of one patron's values with the other's added, and how many of those did not fit. */
    private record Joined(List<String> all, int notKept) {

        /** Joins two lists. Values with an equal {@code key} are one, and the first of them stays. */
        private static Joined of(List<String> own, List<String> others, int max, UnaryOperator<String> key) {
            List<String> all = new ArrayList<>(own);
            List<String> keys = new ArrayList<>(own.stream().map(key).toList());
            int notKept = 0;
            for (String other : others) {
                if (keys.contains(key.apply(other))) {
                    continue;
                }
                keys.add(key.apply(other));
                if (all.size() < max) {
                    all.add(other);
                } else {
                    notKept++;
                }
            }
            return new Joined(all, notKept);
        }
    }

    private final PatronContext parts;
    private final PatronWriter writer;
    private final ErasureLimit leave;

    public Merge(PatronContext parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
        this.leave = new ErasureLimit(parts);
    }

    /**
     * Merges patron {@code id} into another. Every refusal is logged with the patrons in the request.
     *
     * @param into the patron that stays, as written; empty only with a fault
     * @param fault what is wrong with the request, if anything is
     */
    public Answer merge(
            Caller caller,
            Optional<PatronId> id,
            Optional<String> into,
            Optional<Refused> fault,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        Optional<PatronId> target = into.flatMap(PatronId::parse);
        AccessEvent attempt = parts.attempt(caller, ActKind.MERGE, request)
                .on(Stream.concat(id.stream(), target.stream())
                        .distinct()
                        .map(patron -> Subject.opened(
                                patron, target.equals(Optional.of(patron)) ? PatronTerms.fields() : MOVED))
                        .toList());
        Grant grant = parts.access().require(caller, Permission.MERGE, attempt);
        StoredPatron goes = parts.log().logging(attempt, () -> parts.require(grant, id));
        if (into.isEmpty()) {
            throw parts.log().refuse(attempt, fault.orElseThrow());
        }
        StoredPatron stays = parts.log().logging(attempt, () -> parts.require(grant, target));
        if (fault.isPresent()) {
            throw parts.log().refuse(attempt, fault.get());
        }
        if (goes.id().equals(stays.id())) {
            throw parts.log().refuse(attempt, new Refused(Problem.INVALID, "into must be another patron."));
        }
        requireMergeable(goes, stays, attempt);
        ApprovalGrant given = parts.log()
                .logging(
                        attempt,
                        () -> leave.ask(
                                Erasure.Requester.alone(caller),
                                goes.id(),
                                Map.of(ErasureLimit.INTO, List.of(stays.id().toString()))));
        return given.filed().isPresent()
                ? new Answer(given.filed(), Optional.empty())
                : new Answer(
                        Optional.empty(),
                        Optional.of(merge(
                                goes, stays, attempt.with(given.second()), leave.counted(caller, given), replay)));
    }

    /** Refuses what no second person can allow, before one is asked. */
    private void requireMergeable(StoredPatron goes, StoredPatron stays, AccessEvent attempt) {
        List<PatronMeta> both = Stream.of(goes, stays).map(parts.vault()::facts).toList();
        if (both.stream().anyMatch(PatronMeta::isDecoy)) {
            // Worded as for a changed patron: the caller must not learn that one of them is a decoy.
            throw new LookupAlerts(parts).refuse(attempt, PatronContext.changedMeanwhile());
        }
        for (PatronMeta one : both) {
            parts.log().logging(attempt, () -> {
                one.requireConsent();
                return one;
            });
        }
    }

    private Result merge(
            StoredPatron goes,
            StoredPatron stays,
            AccessEvent attempt,
            Reservation reservation,
            Optional<IdempotencyStore.Key> replay) {
        PatronMeta lost = parts.vault().facts(goes);
        PatronMeta kept = parts.vault().facts(stays);
        boolean isGuarded = kept.isProtected() || lost.isProtected();
        AuditReceipt receipt =
                parts.log().record(attempt.forPurpose(Purpose.REINDEX).ending(Outcome.DISCLOSED));
        PersonalData theirs = parts.vault().open(goes, MOVED, receipt, attempt.actor(), Purpose.REINDEX);
        PersonalData own = parts.vault().open(stays, PatronTerms.fields(), receipt, attempt.actor(), Purpose.REINDEX);
        UnaryOperator<String> same = UnaryOperator.identity();
        Joined card =
                Joined.of(own.cards().orElseThrow(), theirs.cards().orElseThrow(), CardReplacement.MAX_CARDS, same);
        Joined phone = Joined.of(own.phone().orElseThrow(), theirs.phone().orElseThrow(), PatronDraft.MAX_LISTED, same);
        Joined email = Joined.of(
                own.email().orElseThrow(), theirs.email().orElseThrow(), PatronDraft.MAX_LISTED, Emails::canonicalTerm);

        Map<PatronField, byte[]> changed = new EnumMap<>(PatronField.class);
        put(changed, PatronField.CARD, own.cards().orElseThrow(), card);
        put(changed, PatronField.PHONE, own.phone().orElseThrow(), phone);
        put(changed, PatronField.EMAIL, own.email().orElseThrow(), email);
        boolean reindex = !changed.isEmpty();
        PatronRow row = stays.row().next(reindex);
        PatronWriter.Change change = writer.prepare(
                stays,
                kept,
                row,
                changed,
                facts(kept, lost, phone, email),
                reindex ? PatronTerms.of(card.all(), own.name(), phone.all(), email.all()) : null);
        Result merged = new Result(
                row.id(),
                row.version(),
                receipt.index(),
                // How many phones did not fit would show which of them a protected patron already has.
                new NotKept(card.notKept(), isGuarded ? 0 : phone.notKept(), email.notKept()));
        write(goes, change, attempt.ending(Outcome.WRITTEN), reservation, merged, replay);
        parts.log().purge(PURGE_PATIENCE_MILLIS);
        return merged;
    }

    private static void put(Map<PatronField, byte[]> changed, PatronField field, List<String> before, Joined after) {
        byte[] value = ValueCodec.list(after.all());
        if (!Arrays.equals(value, ValueCodec.list(before))) {
            changed.put(field, value);
        }
    }

    private static PatronMeta facts(PatronMeta kept, PatronMeta lost, Joined phone, Joined email) {
        Set<PatronField> set = EnumSet.copyOf(kept.set());
        if (!phone.all().isEmpty()) {
            set.add(PatronField.PHONE);
        }
        if (!email.all().isEmpty()) {
            set.add(PatronField.EMAIL);
        }
        return new PatronMeta(
                set,
                kept.isProtected() || lost.isProtected(),
                kept.isDecoy(),
                kept.generations(),
                kept.consents().merged(lost.consents()),
                // Vendors know the remaining patron as before, and the other's subject is never computed again.
                kept.forgotten(),
                kept.importFingerprint());
    }

    /** Erases the one patron first: a card must be free before the other patron gets it. */
    private void write(
            StoredPatron goes,
            PatronWriter.Change change,
            AccessEvent event,
            Reservation reservation,
            Result merged,
            Optional<IdempotencyStore.Key> replay) {
        IdempotencyStore kept = parts.access().replay();
        parts.log().call(event, now -> {
            Set<Alert> reached = reservation.take(now.tx());
            kept.requireFirst(now.tx(), replay);
            writer.erase(now.tx(), goes);
            Subject stays = writer.update(now.tx(), change);
            kept.keep(now.tx(), replay, merged.json());
            Subject gone = Subject.opened(goes.id(), Set.of(PatronField.values()));
            return Decision.done(event.on(List.of(stays, gone))).alerting(reached);
        });
    }
}
