package org.patronvault.search;

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
    private final IndexReading index;
    private final NameQuery query;
    private final IndexReading.Taker taker;
    private final Map<Term, PostingList> lists = new HashMap<>();
    private final Set<PatronId> seen = new HashSet<>();

    NameSearch(IndexReading index, NameQuery query, IndexReading.Taker taker) {
        this.index = index;
        this.query = query;
        this.taker = taker;
    }

    void run() {
        for (Rank rank : Rank.values()) {
            if (!run(rank)) {
                return;
            }
        }
    }

    /** Whether more is wanted. */
    private boolean run(Rank rank) {
        List<Probe> probes = query.probes(rank);
        lists.putAll(index.lists(probes.stream()
                .map(Probe::term)
                .filter(term -> !lists.containsKey(term))
                .collect(Collectors.toSet())));
        int left = rank == Rank.EXACT ? Integer.MAX_VALUE : NameQuery.MAX_READS;
        for (Probe probe : probes) {
            PostingList list = lists.get(probe.term());
            for (int n = 0; n < list.size() && left > 0; n++, left--) {
                Optional<Posting> posting =
                        list.get(n).filter(p -> probe.taken().test(p.hint()) && seen.add(p.patron()));
                if (posting.isPresent() && !taker.take(posting.get(), rank)) {
                    return false;
                }
            }
        }
        return true;
    }
}
