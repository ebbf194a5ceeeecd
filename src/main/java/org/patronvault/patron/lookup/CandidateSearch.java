package org.patronvault.patron.lookup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.index.Posting;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.store.table.PatronRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.patron.record.Match;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.search.MatchRank;

/**
 * A search of the index by names, phones and e-mails, for the patrons of one page that this caller may see. A hidden
 * patron does not take the place of a visible one.
 */
final class CandidateSearch {

    /**
     * A match that is shown.
     *
     * @param grant for a search by the fields it was found by
     * @param shown what the policy shows of it; empty if it forbids a field that was asked for
     */
    record Candidate(Match match, Grant grant, Optional<RowGrant> shown) {
        static Candidate of(Match match, Grant search) {
            Grant grant = search.searchingBy(match.by());
            return new Candidate(match, grant, grant.find(match.known()));
        }

        PatronId id() {
            return match.known().id();
        }

        /** Whether no more is shown than a name in results. */
        boolean isNameOnly() {
            return shown.map(RowGrant::isNameOnly).orElse(false);
        }

        /** The fields to open. */
        Set<PatronField> fields() {
            return shown.map(RowGrant::inSearch).orElseGet(grant::opens);
        }
    }

    /** Matches, by what the policy shows of each. */
    static final class Judged {
        private final Grant grant;
        private final List<Candidate> shown = new ArrayList<>();
        private final List<Match> withheld = new ArrayList<>();

        /** Judges by a grant for a search by the fields of all terms. */
        Judged(Grant grant) {
            this.grant = grant;
        }

        void add(Match match) {
            Candidate candidate = Candidate.of(match, grant);
            if (candidate.shown().isPresent()
                    || candidate.grant().openingNothing().allows(match.known())) {
                shown.add(candidate);
            } else if (candidate.grant().openingNothing().isWithheld(match.known())) {
                withheld.add(match);
            }
        }

        /** The visible matches, the best first. */
        List<Candidate> shown() {
            return shown;
        }

        /** The protected matches; the caller does not learn of them. */
        List<Match> withheld() {
            return withheld;
        }

        /** All of them, visible or not. */
        List<Match> all() {
            return Stream.concat(shown.stream().map(Candidate::match), withheld.stream())
                    .toList();
        }
    }

    /** A posting whose row is not read yet. */
    private record UnreadMatch(Posting posting, MatchRank rank, Set<PatronField> by) {}

    private final PatronContext parts;
    private final Judged page;
    private boolean cut;

    private CandidateSearch(PatronContext parts, Grant grant) {
        this.parts = parts;
        this.page = new Judged(grant);
    }

    /**
     * Searches index and rows in one snapshot, so an entry of a concurrent change never looks stale.
     *
     * @param grant for a search by the fields of all terms
     * @param wanted the number of visible matches that is enough
     */
    static CandidateSearch find(PatronContext parts, QueryTerms terms, Grant grant, int wanted) {
        CandidateSearch matches = new CandidateSearch(parts, grant);
        matches.cut = parts.store().read(tx -> matches.new Collector(tx, wanted).find(terms));
        return matches;
    }

    private void judge(UnreadMatch found, StoredPatron row) {
        Posting posting = found.posting();
        page.add(new Match(
                parts.vault().known(Match.requireLive(posting, row)), posting.former(), found.rank(), found.by()));
    }

    /** Collects postings in one snapshot, and reads the rows they lead to in batches. */
    private final class Collector implements QueryTerms.MatchConsumer {
        private static final int LONGEST_STRETCH = 256;

        /** After this many patrons hidden from the caller, the answer is "refine". */
        private static final int MOST_JUDGED = 2_000;

        private final Tx tx;
        private final int wanted;
        private final List<UnreadMatch> unread = new ArrayList<>();
        private int stretch;
        private int judged;
        private boolean isEnough;

        private Collector(Tx tx, int wanted) {
            this.tx = tx;
            this.wanted = wanted;
            this.stretch = wanted;
        }

        /** Searches, and returns whether more visible matches may remain that were not checked. */
        private boolean find(QueryTerms terms) {
            boolean others =
                    terms.find(parts.index().in(tx, terms.first().stream().toList()), this);
            read(tx.lastly());
            return others || isEnough;
        }

        @Override
        public boolean take(Posting posting, MatchRank rank, Set<PatronField> by) {
            unread.add(new UnreadMatch(posting, rank, by));
            if (unread.size() < stretch) {
                return true;
            }
            read(tx.patrons());
            // If most are hidden from this caller, a row at a time would be a statement at a time.
            stretch = Math.min(4 * stretch, LONGEST_STRETCH);
            isEnough = judged >= MOST_JUDGED;
            return page.shown().size() < wanted && !isEnough;
        }

        @Override
        public int countShown() {
            read(tx.patrons());
            return page.shown().size();
        }

        private void read(PatronRows patrons) {
            Map<PatronId, StoredPatron> rows = patrons.findAll(
                    unread.stream().map(found -> found.posting().patron()).toList());
            judged += unread.size();
            unread.forEach(found -> judge(found, rows.get(found.posting().patron())));
            unread.clear();
        }
    }

    /** Whether more visible matches may remain that were not checked. */
    boolean isCut() {
        return cut;
    }

    /** Returns the matches, as the policy judges them in that snapshot. */
    Judged page() {
        return page;
    }
}
