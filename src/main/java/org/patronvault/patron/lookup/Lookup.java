package org.patronvault.patron.lookup;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditReceipt;
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
import org.patronvault.core.policy.AccessRequest;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.PatronRestrictions;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
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
        parts.access().require(caller, AccessRequest.may(Permission.SEARCH), attempt);
        AccessEvent named = query.purpose().map(attempt::forPurpose).orElse(attempt);
        Optional<AccessRequest> asked =
                query.purpose().map(purpose -> AccessRequest.open(Permission.SEARCH, purpose, query.reveal()));
        asked.ifPresent(question -> parts.access().require(caller, question.searchingBy(query.named()), named));
        query.fault().ifPresent(fault -> {
            throw parts.log().refuse(named, fault);
        });
        return parts.log().logging(named, () -> find(caller, query, named, asked.orElseThrow()));
    }

    private CompletableFuture<Result> find(
            Caller caller, SearchQuery query, AccessEvent named, AccessRequest question) {
        long readAt = parts.log().lastWrite();
        QueryTerms typed = QueryTerms.of(query, parts.phones());
        QueryTerms terms = typed.readsTypes()
                ? typed.allowed(fields -> parts.access()
                        .policy()
                        .ask(caller, question.searchingBy(fields))
                        .allowed())
                : typed;
        parts.access().require(caller, question.searchingBy(terms.fields()), named);

        boolean run = terms.card()
                .filter(card -> !CardNumbers.isItemBarcode(card) && parts.runs().take(caller.actor(), card))
                .isPresent();
        AccessRequest nothingOpened =
                AccessRequest.open(Permission.SEARCH, query.purpose().orElseThrow(), Set.of());
        CandidateSearch matches = CandidateSearch.find(
                parts, terms, candidate -> judge(caller, nothingOpened, candidate), query.limit() + 1);
        boolean more = matches.shown().size() > query.limit() || matches.isCut();
        List<ResultRow> page = matches.shown().stream()
                .limit(query.limit())
                .map(candidate -> ResultRow.of(parts.access().policy(), caller, question, candidate))
                .toList();
        AccessEvent attempt = named.on(subjects(page, matches.withheld()));
        // All or nothing, as everywhere: a caller who asks for less, or for nothing, gets what may be shown.
        page.forEach(shown -> watch.require(caller, shown.asked(), attempt));
        Set<Alert> alerts = EnumSet.noneOf(Alert.class);
        if (run) {
            alerts.add(Alert.SEQUENTIAL_CARDS);
        }
        return open(caller, named, question, readAt, page, matches, alerts)
                .thenApply(found -> new Result(found.hits(), more, found.entry(), hint(found, terms)));
    }

    private CandidateSearch.Verdict judge(Caller caller, AccessRequest nothingOpened, Match candidate) {
        Policy policy = parts.access().policy();
        if (!policy.ask(caller, candidate.unprotected(nothingOpened)).allowed()) {
            return CandidateSearch.Verdict.NOT_THEIRS;
        }
        return policy.ask(caller, candidate.of(nothingOpened)).allowed()
                ? CandidateSearch.Verdict.SHOWN
                : CandidateSearch.Verdict.WITHHELD;
    }

    /** The patrons shown and, as far as there is room, the withheld ones. */
    private static List<Subject> subjects(List<ResultRow> page, List<Match> withheld) {
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
            Caller caller,
            AccessEvent named,
            AccessRequest question,
            long readAt,
            List<ResultRow> page,
            CandidateSearch matches,
            Set<Alert> alerts) {
        AccessEvent event = look(named, page, matches);
        matches.shown().stream()
                .findFirst()
                .ifPresent(first -> alerts.addAll(watch.alerts(
                        event,
                        first.by(),
                        page.stream().map(shown -> shown.candidate().known()).toList())));
        if (!matches.withheld().isEmpty()) {
            alerts.add(Alert.PROTECTED_ASKED);
        }
        // A person's names have a limit of their own; for a client every patron shown counts.
        List<PatronId> counted = page.stream()
                .filter(shown -> shown.fields().stream().anyMatch(f -> !caller.isPerson() || f != PatronField.NAME))
                .map(ResultRow::id)
                .toList();
        long names = page.stream()
                .filter(shown -> shown.fields().contains(PatronField.NAME))
                .count();
        var reservation = parts.access().limits().of(caller, counted, (int) names, 1);
        AtomicReference<List<ResultRow>> still = new AtomicReference<>(page);
        Unit unit = Unit.showing(event, reservation, alerts, readAt, tx -> {
            still.set(ResultRow.still(tx, parts, caller, question, page));
            return look(named, still.get(), matches);
        });
        return parts.log().append(unit).thenApply(receipt -> {
            List<Hit> hits = still.get().stream()
                    .map(shown -> hit(caller, shown, receipt))
                    .toList();
            return new Result(hits, false, receipt.index(), Optional.empty());
        });
    }

    /** The log event of a page that is shown. */
    private static AccessEvent look(AccessEvent named, List<ResultRow> page, CandidateSearch matches) {
        boolean discloses = page.stream().anyMatch(shown -> !shown.fields().isEmpty());
        return named.on(subjects(page, matches.withheld())).ending(discloses ? Outcome.DISCLOSED : Outcome.SEARCHED);
    }

    private Hit hit(Caller caller, ResultRow shown, AuditReceipt receipt) {
        PatronVault.VerifiedPatron known = shown.candidate().known();
        boolean discloses = !shown.fields().isEmpty();
        return new Hit(
                shown.id(),
                known.stored().row().attributes(),
                shown.candidate().match(),
                discloses,
                known.facts().standing().isWithdrawn() && mayConsent(caller),
                discloses
                        ? parts.disclose(caller, shown.asked(), known, shown.fields(), receipt)
                        : PersonalData.NOTHING,
                shown.fields());
    }

    private boolean mayConsent(Caller caller) {
        return parts.access()
                .policy()
                .ask(caller, AccessRequest.may(Permission.CONSENT))
                .allowed();
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
        watch.require(caller, AccessRequest.may(Permission.REVEAL), plain);
        AccessEvent attempt = purpose.map(plain::forPurpose).orElse(plain);
        if (purpose.isPresent()) {
            watch.require(caller, AccessRequest.open(Permission.REVEAL, purpose.get(), fields), attempt);
        }
        long readAt = parts.log().lastWrite();
        StoredPatron stored =
                parts.log().logging(attempt, () -> id.flatMap(parts::find).orElseThrow(PatronContext::notFound));
        AccessEvent event = attempt.on(List.of(Subject.opened(stored.id(), fields)));
        if (fault.isPresent()) {
            throw watch.refuse(event, fault.get());
        }
        PatronVault.VerifiedPatron known =
                parts.log().logging(event, () -> parts.vault().known(stored));
        PatronRestrictions standing = known.facts().standing();
        AccessRequest required = AccessRequest.open(Permission.REVEAL, purpose.orElseThrow(), fields)
                .of(known.library(), standing);
        watch.require(caller, required, event);
        Set<PatronField> all = new HashSet<>(fields);
        gladly.stream()
                .filter(field -> parts.access()
                        .policy()
                        .ask(
                                caller,
                                AccessRequest.open(Permission.REVEAL, purpose.get(), Set.of(field))
                                        .of(known.library(), standing))
                        .allowed())
                .forEach(all::add);
        SecondLook second =
                new SecondLook(parts, caller, AccessRequest.open(Permission.REVEAL, purpose.get(), all), known);
        AccessEvent look = event.on(List.of(Subject.opened(known.id(), all))).ending(Outcome.DISCLOSED);
        var reservation = parts.access().limits().of(caller, List.of(known.id()), 0, 0);
        return parts.log()
                .append(second.unit(look, reservation, watch.alerts(look, Set.of(), List.of(known)), readAt))
                .thenApply(receipt -> {
                    PersonalData data = parts.disclose(caller, second.asked(), second.known(), all, receipt);
                    return new RevealedPatron(data, all, receipt.index());
                });
    }

    /**
     * A row that a search shows.
     *
     * @param asked the request that was allowed for it
     * @param fields the fields to open
     */
    private record ResultRow(Match candidate, AccessRequest asked, Set<PatronField> fields) {

        /** The row as that caller's search shows it. */
        private static ResultRow of(Policy policy, Caller caller, AccessRequest question, Match candidate) {
            AccessRequest asked = candidate.of(question);
            Set<PatronField> fields = new HashSet<>(question.opens());
            fields.addAll(policy.results(caller, asked));
            return new ResultRow(candidate, asked, fields);
        }

        private PatronId id() {
            return candidate.known().id();
        }

        /**
         * Checks the page again while the log is held. Leaves out patrons erased, protected or withdrawn since they
         * were read, and patrons that lost the field they were found by.
         */
        private static List<ResultRow> still(
                Tx tx, PatronContext parts, Caller caller, AccessRequest question, List<ResultRow> page) {
            Map<PatronId, StoredPatron> now =
                    tx.patrons().findAll(page.stream().map(ResultRow::id).toList());
            Policy policy = parts.access().policy();
            return page.stream()
                    .flatMap(shown -> shown.candidate.as(parts, now.get(shown.id())))
                    .filter(candidate ->
                            policy.ask(caller, candidate.of(question)).allowed())
                    .map(candidate -> of(policy, caller, question, candidate))
                    .toList();
        }
    }
}
