package org.patronvault.patron.record;

import java.time.Clock;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.Posting;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.Phones;

/** The shared parts and helpers of this package's use cases. */
public record PatronContext(
        Store store,
        KeyCustody custody,
        AuditLog log,
        Access access,
        IndexVersionsRow indexRow,
        EncryptedIndex index,
        RowReads rows,
        PatronVault vault,
        Phones phones,
        SequentialCardDetector runs,
        Clock clock) {

    public LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    public YearMonth thisMonth() {
        return YearMonth.from(today());
    }

    /** The event to log if the act is refused before a patron is known. */
    public AccessEvent attempt(Caller caller, ActKind act, byte[] request) {
        return log.event(caller.actor(), act, Outcome.REFUSED, request);
    }

    /**
     * The event to log if an act on one patron is refused. It names the patron, so that the patron can learn of it too.
     */
    public AccessEvent attempt(Caller caller, ActKind act, Optional<PatronId> aimed, byte[] request) {
        return attempt(caller, act, request)
                .on(aimed.map(id -> List.of(Subject.opened(id, Set.of()))).orElse(List.of()));
    }

    /**
     * Carries out an act on one patron: asks the policy for the act, then finds the patron, and logs every refusal.
     *
     * @param work gets the event to log on a refusal, and the patron as stored
     */
    public <T> T aimed(
            Caller caller,
            ActKind act,
            Permission may,
            Optional<PatronId> id,
            byte[] request,
            BiFunction<AccessEvent, StoredPatron, T> work) {
        AccessEvent attempt = attempt(caller, act, id, request);
        Grant grant = access.require(caller, may, attempt);
        return log.logging(attempt, () -> work.apply(attempt, require(grant, id)));
    }

    /** Returns the patron of an act; refused if there is none, or the policy forbids the act on this patron. */
    public StoredPatron require(Grant grant, Optional<PatronId> id) {
        StoredPatron stored = id.flatMap(this::find).orElseThrow(PatronContext::notFound);
        grant.require(Grant.ofLibrary(stored.row().attributes().library()));
        return stored;
    }

    /**
     * Opens fields for this caller. Every value that leaves for a person or another system passes here, so this is the
     * one place that applies the policy's masks.
     *
     * @param shown what the policy shows of this patron
     * @param receipt as {@link PatronVault#open} requires
     */
    public PersonalData disclose(
            RowGrant shown, PatronVault.VerifiedPatron known, Set<PatronField> fields, AuditReceipt receipt) {
        Grant grant = shown.grant();
        PersonalData data = vault.openKnown(
                known, fields, receipt, grant.caller().actor(), grant.purpose().orElseThrow());
        return Masking.of(data, shown.masked());
    }

    /** The canonical form of a card as written; empty if there is none, or it cannot be read as a card. */
    public static Optional<String> readable(Supplier<String> card) {
        try {
            return Optional.ofNullable(card.get()).map(CardNumbers::canonical);
        } catch (Refused unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Reserves a search for the card, for a write that reveals whether a patron has it. Raises an alert if the card is
     * the last of a run. Without a card nothing is counted.
     *
     * @param card in canonical form
     */
    public Reservation asSearch(Caller caller, Optional<String> card) {
        Reservation place = card.isEmpty() ? Reservation.NONE : access.limits().of(caller, List.of(), 0, 1);
        boolean endsRun = card.filter(tried -> runs.take(caller.actor(), tried)).isPresent();
        if (!endsRun) {
            return place;
        }
        return tx -> {
            Set<Alert> alerts = EnumSet.of(Alert.SEQUENTIAL_CARDS);
            alerts.addAll(place.take(tx));
            return alerts;
        };
    }

    /**
     * Refuses a card that is, or was, another patron's. This check comes before all others on the request.
     *
     * @param card in canonical form
     */
    public void requireFreeCard(Optional<String> card, Optional<PatronId> holder) {
        boolean taken = card.flatMap(named -> known(new IndexTerm(IndexTerm.TermClass.CARD, named)))
                .filter(posting -> !holder.equals(Optional.of(posting.patron())))
                .isPresent();
        if (taken) {
            throw new Refused(Problem.CARD_IN_USE, "That card is in use, or was, by another patron.");
        }
    }

    private Optional<Posting> known(IndexTerm card) {
        return store.read(tx -> index.in(tx).find(card, 1)).stream().findFirst();
    }

    /** Refuses the card that the patron already has, in canonical form. The index shows it, so nothing is opened. */
    public void requireOtherCard(PatronId holder, String card) {
        boolean same = known(new IndexTerm(IndexTerm.TermClass.CARD, card))
                .filter(posting -> posting.patron().equals(holder) && !posting.former())
                .isPresent();
        if (same) {
            throw sameCard();
        }
    }

    public static Refused sameCard() {
        return new Refused(Problem.CARD_IN_USE, "The patron uses that card already.");
    }

    public Optional<StoredPatron> find(PatronId id) {
        return store.read(tx -> tx.patrons().find(id));
    }

    /** Refuses a consent to a version of the policy that was never posted. */
    public void requirePosted(Optional<Consent> consent) {
        consent.ifPresent(given -> access.policyVersions().require(given.policy(), "consent.policy"));
    }

    /** Returns the row, or a refused row if it names a version of the policy that was never posted. */
    public ImportRow posted(ImportRow row) {
        return row.match(
                accepted -> accepted.draft()
                                .consent()
                                .filter(given -> access.policyVersions()
                                        .find(given.policy())
                                        .isPresent())
                                .isPresent()
                        ? accepted
                        : new ImportRow.RefusedRow(
                                row.line(), ImportRow.Reason.POLICY_NOT_POSTED.slug(), row.dropped()),
                refused -> refused);
    }

    public static Refused notFound() {
        return new Refused(Problem.NOT_FOUND, "There is no such patron.");
    }

    public static Refused changedMeanwhile() {
        return new Refused(Problem.CHANGED_MEANWHILE, "The patron was changed meanwhile; look again.");
    }
}
