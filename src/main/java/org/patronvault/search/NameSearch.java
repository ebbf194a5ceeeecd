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
    private final int mostReads;
    private final IndexReading.Taker taker;
    private final Map<Term, PostingList> lists = new HashMap<>();
    private final Set<PatronId> seen = new HashSet<>();
    private boolean cut;

    NameSearch(IndexReading index, NameQuery query, int mostReads, IndexReading.Taker taker) {
        this.index = index;
        this.query = query;
        this.mostReads = mostReads;
        this.taker = taker;
    }

    /** Whether there may be others: whether a list was not read to its end though more was wanted. */
    boolean run() {
        for (Rank rank : Rank.values()) {
            if (!run(rank)) {
                return false;
            }
        }
        return cut;
    }

    /** Whether more is wanted. */
    private boolean run(Rank rank) {
        List<Probe> probes = query.probes(rank);
        lists.putAll(index.lists(probes.stream()
                .map(Probe::term)
                .filter(term -> !lists.containsKey(term))
                .collect(Collectors.toSet())));
        int left = rank == Rank.EXACT ? Integer.MAX_VALUE : mostReads;
        for (Probe probe : probes) {
            PostingList list = lists.get(probe.term());
            cut |= left < list.size();
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
