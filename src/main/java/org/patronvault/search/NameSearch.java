package org.patronvault.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.model.PatronId;

/** One search by name in one snapshot: rank by rank, and no further than somebody wants to know. For one thread. */
final class NameSearch {
    /** Whoever is called exactly that is found; then what is only like it is worth so many times less. */
    private static final int LESS_FAR = 4;

    private final IndexReading index;
    private final NameQuery query;
    private final IndexReading.PostingConsumer taker;
    private final Map<IndexTerm, PostingList> lists = new HashMap<>();
    private final Set<PatronId> seen = new HashSet<>();

    /** The same, read in those ways only in which it was meant. */
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

    /** Whether there may be others: whether a list was not read to its end though more was wanted. */
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
     * Whether more is wanted. Whoever is called exactly that tells in which way it was meant, and what is only like it is
     * not looked for in the others, but for what lies in lists that were read already, and less far; not so who is
     * withheld, of whom nothing that is found may tell.
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

    /** Looks all lists up at once. */
    private void find(List<PostingQuery> probes) {
        lists.putAll(index.lists(probes.stream()
                .map(PostingQuery::term)
                .filter(term -> !lists.containsKey(term))
                .collect(Collectors.toSet())));
    }

    /** Whether more is wanted; reads so many postings, apart from those that were read already. */
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
                    // Of many short lists, and the beginnings of long ones: one question for all of them.
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
