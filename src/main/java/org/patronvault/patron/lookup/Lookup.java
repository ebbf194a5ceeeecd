package org.patronvault.patron.lookup;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.log.Act;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Deciding;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.Reads;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
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
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.lookup.CandidateSearch.Candidate;
import org.patronvault.patron.lookup.CandidateSearch.Judged;
import org.patronvault.patron.record.LookupAlerts;
import org.patronvault.patron.record.Match;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronLook;
import org.patronvault.patron.record.RowReads;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.MatchRank;

/**
 * A search or reveal of patrons. The policy is asked before anything is read; the act then reads the rows under the log's
 * lock, asks the policy again for each, takes the limits and makes the entry. Plaintext is made only after the entry is
 * on disk, on another thread than the caller's.
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
     * @param masked the fields of which {@code data} has a part only; also those it does not have
     */
    public record Hit(
            PatronId id,
            PatronAttributes attributes,
            String match,
            boolean facts,
            boolean withdrawn,
            PersonalData data,
            Set<PatronField> opened,
            Set<PatronField> masked) {}

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
        AccessEvent attempt = parts.attempt(caller, ActKind.SEARCH, request);
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
        QueryTerms typed = QueryTerms.of(query, parts.phones());
        QueryTerms terms = typed.readsTypes() ? typed.allowed(named::allowsSearchBy) : typed;
        Grant grant = named.searchingBy(terms.fields());
        boolean run = terms.card()
                .filter(card -> !CardNumbers.isItemBarcode(card)
                        && parts.runs().take(grant.caller().actor(), card))
                .isPresent();
        Set<Alert> alerts = run ? Set.of(Alert.SEQUENTIAL_CARDS) : Set.of();
        Search search = terms.cardAlone().isPresent()
                ? new CardSearch(grant, terms, event, alerts)
                : new NameSearch(grant, terms, event, alerts, query.limit());
        return parts.log().submit(search, Lane.DESK);
    }

    /** One page of a search: rows, policy, limits, and then plaintext. */
    private abstract class Search implements Act<Result> {
        private final Grant grant;
        private final QueryTerms terms;
        private final AccessEvent event;
        private final Set<Alert> alerts;

        private Search(Grant grant, QueryTerms terms, AccessEvent event, Set<Alert> alerts) {
            this.grant = grant;
            this.terms = terms;
            this.event = event;
            this.alerts = alerts;
        }

        /** The matches as they are under the lock. */
        abstract List<Match> matches(Deciding now);

        /** The patrons that it may show. */
        abstract List<PatronId> aimed(Deciding now);

        /** Whether there are matches beyond the page. */
        abstract boolean isMore();

        @Override
        public void expect(Deciding now) {
            parts.access().limits().expect(now.tx(), grant.caller(), aimed(now));
        }

        @Override
        public AccessEvent attempt() {
            return event;
        }

        @Override
        public Set<Alert> alerts() {
            return alerts;
        }

        @Override
        public boolean writes() {
            return false;
        }

        @Override
        public Decision<Result> decide(Deciding now) {
            Judged page = new Judged(grant);
            matches(now).forEach(page::add);
            AccessEvent aimed = event.on(subjects(page));
            try {
                // All or nothing, as everywhere: a caller who asks for less, or for nothing, gets what may be shown.
                page.shown().stream()
                        .filter(found -> found.shown().isEmpty())
                        .forEach(found -> found.grant().require(found.match().known()));
                Set<Alert> reached = EnumSet.noneOf(Alert.class);
                reached.addAll(reservation(page.shown()).take(now.tx()));
                boolean discloses =
                        page.shown().stream().anyMatch(found -> !found.fields().isEmpty());
                AccessEvent look = aimed.ending(discloses ? Outcome.DISCLOSED : Outcome.SEARCHED);
                reached.addAll(alerts(look, page));
                return Decision.finishing(look, receipts -> result(page.shown(), receipts.first()))
                        .alerting(reached);
            } catch (Refused e) {
                return watch.refusal(
                        aimed, e, page.all().stream().map(Match::known).toList());
            }
        }

        private Set<Alert> alerts(AccessEvent look, Judged page) {
            Set<PatronField> by = page.shown().isEmpty()
                    ? Set.of()
                    : page.shown().get(0).match().by();
            Set<Alert> raised = EnumSet.noneOf(Alert.class);
            raised.addAll(watch.alerts(
                    look,
                    by,
                    page.shown().stream().map(found -> found.match().known()).toList()));
            if (!page.withheld().isEmpty()) {
                raised.add(Alert.PROTECTED_ASKED);
            }
            return raised;
        }

        /** A person's names in results have a limit of their own; for a client every patron shown counts. */
        private Reservation reservation(List<Candidate> page) {
            Caller caller = grant.caller();
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

        private Result result(List<Candidate> page, AuditReceipt receipt) {
            List<Hit> hits = page.stream().map(found -> hit(found, receipt)).toList();
            return new Result(hits, isMore(), receipt.index(), hits.isEmpty() ? terms.hint() : Optional.empty());
        }
    }

    /** A search by one whole card: its entry in the index leads to one row. */
    private final class CardSearch extends Search {
        private final Reads<IndexTerm, Optional<RowReads.OfCard>> row;
        private final Set<PatronField> by;

        private CardSearch(Grant grant, QueryTerms terms, AccessEvent event, Set<Alert> alerts) {
            super(grant, terms, event, alerts);
            this.row = parts.rows().of(terms.cardAlone().orElseThrow());
            this.by = terms.fields();
        }

        @Override
        public Optional<Reads<?, ?>> reads() {
            return Optional.of(row);
        }

        @Override
        List<PatronId> aimed(Deciding now) {
            return now.read(row).get(0).map(of -> of.posting().patron()).stream()
                    .toList();
        }

        @Override
        List<Match> matches(Deciding now) {
            return now.read(row).get(0).stream()
                    .map(of -> new Match(
                            parts.vault()
                                    .known(Match.requireLive(
                                            of.posting(), of.row().orElse(null))),
                            of.posting().former(),
                            MatchRank.EXACT,
                            by))
                    .toList();
        }

        @Override
        boolean isMore() {
            return false;
        }
    }

    /**
     * A search by anything else. Candidates are found before the act, which reads their rows again. It adds none, and
     * leaves out patrons erased or protected since, and patrons that lost the field they were found by.
     */
    private final class NameSearch extends Search {
        private final List<Match> candidates;
        private final Reads<PatronId, Optional<StoredPatron>> rows;
        private final boolean more;

        private NameSearch(Grant grant, QueryTerms terms, AccessEvent event, Set<Alert> alerts, int limit) {
            super(grant, terms, event, alerts);
            CandidateSearch found = CandidateSearch.find(parts, terms, grant, limit + 1);
            Judged judged = found.page();
            this.more = judged.shown().size() > limit || found.isCut();
            this.candidates = Stream.concat(
                            judged.shown().stream().limit(limit).map(Candidate::match), judged.withheld().stream())
                    .limit(AccessEvent.MAX_SUBJECTS)
                    .toList();
            this.rows = parts.rows()
                    .of(candidates.stream().map(one -> one.known().id()).toList());
        }

        @Override
        public Optional<Reads<?, ?>> reads() {
            return Optional.of(rows);
        }

        @Override
        List<PatronId> aimed(Deciding now) {
            return rows.keys();
        }

        @Override
        List<Match> matches(Deciding now) {
            List<Optional<StoredPatron>> read = now.read(rows);
            return IntStream.range(0, candidates.size())
                    .boxed()
                    .flatMap(i -> candidates.get(i).as(parts, read.get(i).orElse(null)))
                    .toList();
        }

        @Override
        boolean isMore() {
            return more;
        }
    }

    /** The patrons shown and, as far as there is room, the withheld ones. */
    private static List<Subject> subjects(Judged page) {
        return Stream.concat(
                        page.shown().stream().map(shown -> Subject.opened(shown.id(), shown.fields())),
                        page.withheld().stream()
                                .map(c -> Subject.opened(c.known().id(), Set.of())))
                .limit(AccessEvent.MAX_SUBJECTS)
                .toList();
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
                found.fields(),
                shown.masked());
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
        AccessEvent plain = parts.attempt(caller, ActKind.REVEAL, request)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, fields))).orElse(List.of()));
        AccessEvent attempt = purpose.map(plain::forPurpose).orElse(plain);
        FieldPolicy policy = parts.access().fields();
        Grant asked = watch.granted(
                attempt,
                () -> purpose.isPresent()
                        ? policy.grant(caller, Permission.REVEAL, purpose.get(), fields)
                        : policy.grant(caller, Permission.REVEAL));
        if (id.isEmpty()) {
            throw parts.log().refuse(attempt, PatronContext.notFound());
        }
        return parts.log().submit(new Reveal(asked, id.get(), gladly, fault, attempt), Lane.DESK);
    }

    /** A reveal of what was asked for, and of what else is gladly seen and allowed. */
    private final class Reveal extends PatronLook<RevealedPatron> {
        private final Set<PatronField> gladly;

        private Reveal(
                Grant asked, PatronId id, Set<PatronField> gladly, Optional<Refused> fault, AccessEvent attempt) {
            super(parts, asked, id, fault, attempt);
            this.gladly = gladly;
        }

        @Override
        protected Grant grant(Grant granted, PatronVault.VerifiedPatron known) {
            return granted.openingAlso(gladly, known);
        }

        @Override
        protected RevealedPatron answer(PatronVault.VerifiedPatron known, RowGrant shown, AuditReceipt receipt) {
            Set<PatronField> fields = shown.opens();
            return new RevealedPatron(parts.disclose(shown, known, fields, receipt), fields, receipt.index());
        }
    }
}
