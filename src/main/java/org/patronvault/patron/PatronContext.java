package org.patronvault.patron;

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
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Reservation;
import org.patronvault.audit.Subject;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Alert;
import org.patronvault.model.Consent;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.EncryptedIndex;
import org.patronvault.search.IndexTerm;
import org.patronvault.search.Phones;
import org.patronvault.search.Posting;
import org.patronvault.store.Store;
import org.patronvault.store.StoredPatron;

/** What the use cases of this package stand on. */
record PatronContext(
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

    LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    YearMonth thisMonth() {
        return YearMonth.from(today());
    }

    /** What the log says if this act is refused before anything is known of a patron. */
    AccessEvent attempt(Caller caller, Act act, byte[] request) {
        return log.event(caller.actor(), act, Outcome.REFUSED, request);
    }

    /** The same, for an act aimed at one patron: a refused try names it, so that the patron can be told of it too. */
    AccessEvent attempt(Caller caller, Act act, Optional<PatronId> aimed, byte[] request) {
        return attempt(caller, act, request)
                .on(aimed.map(id -> List.of(Subject.opened(id, Set.of()))).orElse(List.of()));
    }

    /**
     * Carries out an act aimed at one patron: asks the policy for the act, then finds the patron, and logs whatever is
     * refused.
     *
     * @param work told what the log says if it is refused, and the patron as stored
     */
    <T> T aimed(
            Caller caller,
            Act act,
            Permission may,
            Optional<PatronId> id,
            byte[] request,
            BiFunction<AccessEvent, StoredPatron, T> work) {
        AccessEvent attempt = attempt(caller, act, id, request);
        access.require(caller, AccessRequest.may(may), attempt);
        return log.logging(attempt, () -> work.apply(attempt, require(caller, may, id, attempt)));
    }

    /** The patron an act is aimed at; refused if there is none, or the policy does not let the caller do that here. */
    StoredPatron require(Caller caller, Permission may, Optional<PatronId> id, AccessEvent attempt) {
        StoredPatron stored = id.flatMap(this::find).orElseThrow(() -> log.refuse(attempt, notFound()));
        access.require(
                caller, AccessRequest.may(may).of(stored.row().attributes().library()), attempt);
        return stored;
    }

    /**
     * Opens fields for this caller: the one way on which a value leaves for a person or another system, and so the one
     * place at which the policy's masks are put on.
     *
     * @param asked what was allowed, with the patron's library
     * @param receipt as {@link PatronVault#open} wants it
     */
    PersonalData disclose(
            Caller caller,
            AccessRequest asked,
            PatronVault.VerifiedPatron known,
            Set<PatronField> fields,
            AuditReceipt receipt) {
        PersonalData data = vault.openKnown(
                known, fields, receipt, caller.actor(), asked.purpose().orElseThrow());
        return Masking.of(data, access.policy().masked(caller, asked));
    }

    /** The canonical form of a card as written; empty if there is none, or what is there cannot be read as one. */
    static Optional<String> readable(Supplier<String> card) {
        try {
            return Optional.ofNullable(card.get()).map(CardNumbers::canonical);
        } catch (Refused unreadable) {
            return Optional.empty();
        }
    }

    /**
     * A place for a write that tells the caller whether somebody has a card: it counts as a search for the card, and raises
     * an alert if the card is the last of a run. Without a card nothing is counted.
     *
     * @param card in canonical form
     */
    Reservation asSearch(Caller caller, Optional<String> card) {
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
     * Refuses a card that is, or was, another patron's: that comes before everything that is wrong with the rest.
     *
     * @param card in canonical form
     */
    void requireFreeCard(Optional<String> card, Optional<PatronId> holder) {
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

    /** Refuses the card, in canonical form, that the patron has: seen in the index, so that nothing is opened for it. */
    void requireOtherCard(PatronId holder, String card) {
        boolean same = known(new IndexTerm(IndexTerm.TermClass.CARD, card))
                .filter(posting -> posting.patron().equals(holder) && !posting.former())
                .isPresent();
        if (same) {
            throw sameCard();
        }
    }

    static Refused sameCard() {
        return new Refused(Problem.CARD_IN_USE, "The patron uses that card already.");
    }

    Optional<StoredPatron> find(PatronId id) {
        return rows.find(id);
    }

    /** Refuses a consent to a version of the policy that was never posted. */
    void requirePosted(Optional<Consent> consent) {
        consent.ifPresent(given -> access.policyVersions().require(given.policy(), "consent.policy"));
    }

    /** That row, or the same refused for a consent to a version of the policy that was never posted. */
    ImportRow posted(ImportRow row) {
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

    static Refused notFound() {
        return new Refused(Problem.NOT_FOUND, "There is no such patron.");
    }

    static Refused changedMeanwhile() {
        return new Refused(Problem.CHANGED_MEANWHILE, "The patron was changed meanwhile; look again.");
    }
}
