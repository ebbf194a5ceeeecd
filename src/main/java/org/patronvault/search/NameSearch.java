package org.patronvault.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.Posting;
import org.patronvault.core.index.PostingList;
import org.patronvault.core.index.PostingQuery;
import org.patronvault.core.model.PatronId;

/** One search by name in one snapshot. It goes rank by rank, only as far as the caller wants more. For one thread. */
final class NameSearch {
    /** The divisor of reads for similar names, once an exact match is found. */
    private static final int LESS_FAR = 4;

    private final IndexReading index;
    private final NameQuery query;
    private final IndexReading.PostingConsumer taker;
    private final Map<IndexTerm, PostingList> lists = new HashMap<>();
    private final Set<PatronId> seen = new HashSet<>();

    /** The query, limited to the readings that had exact matches. */
    private NameQuery meant;

    private int most;
    private boolean cut;

    NameSearch(IndexReading index, NameQuery query, int mostReads, IndexReading.PostingConsumer taker) {
        this.index = index;
        this.query = query;
        this.meant = query;
        this.most = mostReads;
        this.taker = taker;
    }

    /** Runs the search. Returns whether there may be others: whether a list was cut although more were wanted. */
    boolean run() {
        if (!runExact()) {
            return false;
        }
        List<PostingQuery> prefixes = new ArrayList<>(meant.probes(MatchRank.PREFIX));
        query.probes(MatchRank.PREFIX).stream()
                .filter(probe -> lists.containsKey(probe.term()))
                .forEach(prefixes::add);
        return run(prefixes, MatchRank.PREFIX, most)
                && run(meant.probes(MatchRank.PHONETIC), MatchRank.PHONETIC, most)
                && run(meant.probes(MatchRank.TYPO), MatchRank.TYPO, most)
                && cut;
    }

    /**
     * Searches exact matches. Returns whether more are wanted. A visible exact match shows which reading the clerk
     * meant. Similar names are then searched in that reading, in lists that were read already, and with fewer reads. A
     * hidden patron has no such effect, since results must reveal nothing about them.
     */
    private boolean runExact() {
        find(query.probes(MatchRank.EXACT));
        Set<NameReading> exact = new HashSet<>();
        for (NameReading reading : query.readings().toList()) {
            int before = taker.shown().orElse(0);
            if (!run(reading.probes(MatchRank.EXACT).toList(), MatchRank.EXACT, Integer.MAX_VALUE)) {
                return false;
            }
            if (taker.shown().orElse(0) > before) {
                exact.add(reading);
            }
        }
        if (!exact.isEmpty()) {
            meant = query.readAs(exact);
            most /= LESS_FAR;
        }
        return true;
    }

    /** Looks up the lists of all probes at once. */
    private void find(List<PostingQuery> probes) {
        lists.putAll(index.lists(probes.stream()
                .map(PostingQuery::term)
                .filter(term -> !lists.containsKey(term))
                .collect(Collectors.toSet())));
    }

    /** Reads postings up to a limit, apart from those already read. Returns whether more are wanted. */
    private boolean run(List<PostingQuery> probes, MatchRank rank, int reads) {
        find(probes);
        int left = reads;
        int stretch = PostingList.FIRST_STRETCH;
        for (int at = 0; at < probes.size(); at++) {
            PostingQuery probe = probes.get(at);
            PostingList list = lists.get(probe.term());
            for (int n = 0; n < list.size(); n++) {
                if (!list.isRead(n)) {
                    if (left == 0) {
                        cut = true;
                        break;
                    }
                    // One query reads all of many short lists, and the beginnings of long ones.
                    left -= PostingList.readOn(from(probes, at), Math.min(stretch, left));
                    stretch = PostingList.longer(stretch);
                }
                Optional<Posting> posting =
                        list.get(n).filter(p -> probe.taken().test(p.hint()) && seen.add(p.patron()));
                if (posting.isPresent() && !taker.take(posting.get(), rank)) {
                    return false;
                }
            }
        }
        return true;
    }

    private List<PostingList> from(List<PostingQuery> probes, int at) {
        return probes.subList(at, probes.size()).stream()
                .map(probe -> lists.get(probe.term()))
                .distinct()
                .toList();
    }
}
