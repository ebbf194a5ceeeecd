package org.patronvault.patron.lookup;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.Unit;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Act;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.FieldPolicy;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.lookup.CandidateSearch.Candidate;
import org.patronvault.patron.record.LookupAlerts;
import org.patronvault.patron.record.Match;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.SecondLook;
import org.patronvault.search.CardNumbers;

/**
 * A search or reveal of patrons: policy, index, rows, policy again, log, and only then plaintext. Answers on another
 * thread than the caller's, after the entry is on disk.
 */
public final class Lookup {
    /** The most results of one answer; more means "refine". */
    public static final int MAX_RESULTS = 20;

    /**
     * One result.
     *
     * @param match how it was found: {@code exact}, {@code prefix}, {@code phonetic} or {@code typo} as
     *     {@link org.patronvault.search.MatchRank} has it, or {@code inactive-card}
     * @param facts whether the caller may see more than the id
     * @param withdrawn whether the consent to the service is withdrawn; true only for callers who may record consents
     * @param data the opened values
     */
    public record Hit(
            PatronId id,
            PatronAttributes attributes,
            String match,
            boolean facts,
            boolean withdrawn,
            PersonalData data,
            Set<PatronField> opened) {}

    /** The results, whether there are more, the log entry, and a hint on the query. */
    public record Result(List<Hit> hits, boolean more, long entry, Optional<String> hint) {}

    /** One patron's opened fields and the log entry. */
    public record RevealedPatron(PersonalData data, Set<PatronField> fields, long entry) {}

    private final PatronContext parts;
    private final LookupAlerts watch;

    public Lookup(PatronContext parts) {
        this.parts = parts;
        this.watch = new LookupAlerts(parts);
    }

    /**
     * Finds patrons. Refused like {@link #reveal}; the search is logged whatever it finds.
     *
     * @param request sixteen random bytes that name the call
     */
    public CompletableFuture<Result> find(Caller caller, SearchQuery query, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, Act.SEARCH, request);
        AccessEvent named = query.purpose().map(attempt::forPurpose).orElse(attempt);
        return parts.log().logging(named, () -> {
            FieldPolicy policy = parts.access().fields();
            Grant grant = query.purpose().isPresent()
                    ? policy.grantSearch(caller, query.purpose().get(), query.named(), query.reveal())
                    : policy.grant(caller, Permission.SEARCH);
            query.fault().ifPresent(fault -> {
                throw fault;
            });
            return find(grant, query, named);
        });
    }

    private CompletableFuture<Result> find(Grant named, SearchQuery query, AccessEvent event) {
        long readAt = parts.log().lastWrite();
        QueryTerms typed = QueryTerms.of(query, parts.phones());
        QueryTerms terms = typed.readsTypes() ? typed.allowed(named::allowsSearchBy) : typed;
        Grant grant = named.searchingBy(terms.fields());

        boolean run = terms.card()
                .filter(card -> !CardNumbers.isItemBarcode(card)
                        && parts.runs().take(grant.caller().actor(), card))
                .isPresent();
        CandidateSearch matches = CandidateSearch.find(parts, terms, grant, query.limit() + 1);
        boolean more = matches.shown().size() > query.limit() || matches.isCut();
        List<Candidate> page = matches.shown().stream().limit(query.limit()).toList();
        requireAll(page, event.on(subjects(page, matches.withheld())));
        Set<Alert> alerts = EnumSet.noneOf(Alert.class);
        if (run) {
            alerts.add(Alert.SEQUENTIAL_CARDS);
        }
        return open(grant, event, readAt, page, matches, alerts)
                .thenApply(found -> new Result(found.hits(), more, found.entry(), hint(found, terms)));
    }

    /** All or nothing, as everywhere: a caller who asks for less, or for nothing, gets what may be shown. */
    private void requireAll(List<Candidate> page, AccessEvent attempt) {
        page.stream()
                .filter(candidate -> candidate.shown().isEmpty())
                .findFirst()
                .ifPresent(candidate -> watch.granted(
                        attempt, () -> candidate.grant().of(candidate.match().known())));
    }

    /** The patrons shown and, as far as there is room, the withheld ones. */
    private static List<Subject> subjects(List<Candidate> page, List<Match> withheld) {
        return Stream.concat(
                        page.stream().map(shown -> Subject.opened(shown.id(), shown.fields())),
                        withheld.stream().map(c -> Subject.opened(c.known().id(), Set.of())))
                .limit(AccessEvent.MAX_SUBJECTS)
                .toList();
    }

    private static Optional<String> hint(Result found, QueryTerms terms) {
        return found.hits().isEmpty() ? terms.hint() : Optional.empty();
    }

    private CompletableFuture<Result> open(
            Grant grant,
            AccessEvent named,
            long readAt,
            List<Candidate> page,
            CandidateSearch matches,
            Set<Alert> alerts) {
        AccessEvent event = look(named, page, matches);
        matches.shown().stream()
                .findFirst()
                .ifPresent(first -> alerts.addAll(watch.alerts(
                        event,
                        first.match().by(),
                        page.stream().map(shown -> shown.match().known()).toList())));
        if (!matches.withheld().isEmpty()) {
            alerts.add(Alert.PROTECTED_ASKED);
        }
        AtomicReference<List<Candidate>> still = new AtomicReference<>(page);
        Unit unit = Unit.showing(event, reservation(grant.caller(), page), alerts, readAt, tx -> {
            still.set(still(tx, grant, page));
            return look(named, still.get(), matches);
        });
        return parts.log().append(unit).thenApply(receipt -> {
            List<Hit> hits =
                    still.get().stream().map(shown -> hit(shown, receipt)).toList();
            return new Result(hits, false, receipt.index(), Optional.empty());
        });
    }

    /** A person's names in results have a limit of their own; for a client every patron shown counts. */
    private Reservation reservation(Caller caller, List<Candidate> page) {
        List<Candidate> shown =
                page.stream().filter(one -> !one.fields().isEmpty()).toList();
        List<PatronId> opened = shown.stream()
                .filter(one -> !caller.isPerson() || !one.isNameOnly())
                .map(Candidate::id)
                .toList();
        long names = shown.stream()
                .filter(one -> one.isNameOnly() || one.fields().contains(PatronField.NAME))
                .count();
        return parts.access().limits().of(caller, opened, (int) names, 1);
    }

    /**
     * Checks the page again while the log is held. Leaves out patrons erased, protected or withdrawn since they were
     * read, and patrons that lost the field they were found by.
     */
    private List<Candidate> still(Tx tx, Grant grant, List<Candidate> page) {
        Map<PatronId, StoredPatron> now =
                tx.patrons().findAll(page.stream().map(Candidate::id).toList());
        return page.stream()
                .flatMap(shown -> shown.match().as(parts, now.get(shown.id())))
                .map(match -> Candidate.of(match, grant))
                .filter(candidate -> candidate.shown().isPresent())
                .toList();
    }

    /** The log event of a page that is shown. */
    private static AccessEvent look(AccessEvent named, List<Candidate> page, CandidateSearch matches) {
        boolean discloses = page.stream().anyMatch(shown -> !shown.fields().isEmpty());
        return named.on(subjects(page, matches.withheld())).ending(discloses ? Outcome.DISCLOSED : Outcome.SEARCHED);
    }

    private Hit hit(Candidate found, AuditReceipt receipt) {
        PatronVault.VerifiedPatron known = found.match().known();
        RowGrant shown = found.shown().orElseThrow();
        boolean discloses = !found.fields().isEmpty();
        return new Hit(
                found.id(),
                known.stored().row().attributes(),
                found.match().match(),
                discloses,
                known.facts().standing().isWithdrawn()
                        && parts.access().may(shown.grant().caller(), Permission.CONSENT),
                discloses ? parts.disclose(shown, known, found.fields(), receipt) : PersonalData.NOTHING,
                found.fields());
    }

    /**
     * Reveals fields of one patron. Checks the permission first, then purpose and fields, then that the patron exists,
     * then the form of the request.
     *
     * @param fault what is wrong with the request, if anything is
     */
    public CompletableFuture<RevealedPatron> reveal(
            Caller caller,
            Optional<PatronId> id,
            Set<PatronField> fields,
            Optional<Purpose> purpose,
            Optional<Refused> fault,
            byte[] request) {
        return reveal(caller, id, fields, Set.of(), purpose, fault, request);
    }

    /**
     * Reveals fields of one patron, and also those of {@code gladly} that the policy allows.
     *
     * @param gladly optional fields; the reveal is not refused without them
     */
    public CompletableFuture<RevealedPatron> reveal(
            Caller caller,
            Optional<PatronId> id,
            Set<PatronField> fields,
            Set<PatronField> gladly,
            Optional<Purpose> purpose,
            Optional<Refused> fault,
            byte[] request) {
        // A refused attempt names its patron, so that the patron can learn of it too.
        AccessEvent plain = parts.attempt(caller, Act.REVEAL, request)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, fields))).orElse(List.of()));
        AccessEvent attempt = purpose.map(plain::forPurpose).orElse(plain);
        FieldPolicy policy = parts.access().fields();
        Grant asked = watch.granted(
                attempt,
                () -> purpose.isPresent()
                        ? policy.grant(caller, Permission.REVEAL, purpose.get(), fields)
                        : policy.grant(caller, Permission.REVEAL));
        long readAt = parts.log().lastWrite();
        StoredPatron stored =
                parts.log().logging(attempt, () -> id.flatMap(parts::find).orElseThrow(PatronContext::notFound));
        AccessEvent event = attempt.on(List.of(Subject.opened(stored.id(), fields)));
        if (fault.isPresent()) {
            throw watch.refuse(event, fault.get());
        }
        PatronVault.VerifiedPatron known =
                parts.log().logging(event, () -> parts.vault().known(stored));
        Grant grant = gladly.isEmpty() ? asked : asked.openingAlso(gladly, known);
        SecondLook second = new SecondLook(parts, known, watch.granted(event, () -> grant.of(known)));
        Set<PatronField> all = grant.opens();
        AccessEvent look = event.on(List.of(Subject.opened(known.id(), all))).ending(Outcome.DISCLOSED);
        Reservation reservation = parts.access().limits().of(caller, List.of(known.id()), 0, 0);
        return parts.log()
                .append(second.unit(look, reservation, watch.alerts(look, Set.of(), List.of(known)), readAt))
                .thenApply(receipt -> {
                    PersonalData data = parts.disclose(second.shown(), second.known(), all, receipt);
                    return new RevealedPatron(data, all, receipt.index());
                });
    }
}
