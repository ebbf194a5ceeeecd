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
    private final IndexReading index;
    private final NameQuery query;
    private final int mostReads;
    private final IndexReading.Taker taker;
    private final Map<Term, PostingList> lists = new HashMap<>();
    private final Set<PatronId> seen = new HashSet<>();

    /** The same, read in those ways only in which it was meant. */
    private NameQuery meant;

    private boolean cut;

    NameSearch(IndexReading index, NameQuery query, int mostReads, IndexReading.Taker taker) {
        this.index = index;
        this.query = query;
        this.meant = query;
        this.mostReads = mostReads;
        this.taker = taker;
    }

    /** Whether there may be others: whether a list was not read to its end though more was wanted. */
    boolean run() {
        if (!runExact()) {
            return false;
        }
        List<Probe> prefixes = new ArrayList<>(meant.probes(Rank.PREFIX));
        // Each list once: read twice it would count twice against what may be read.
        Set<Term> asMeant = prefixes.stream().map(Probe::term).collect(Collectors.toSet());
        query.probes(Rank.PREFIX).stream()
                .filter(probe -> lists.containsKey(probe.term()) && !asMeant.contains(probe.term()))
                .forEach(prefixes::add);
        return run(prefixes, Rank.PREFIX, mostReads)
                && run(meant.probes(Rank.PHONETIC), Rank.PHONETIC, mostReads)
                && run(meant.probes(Rank.TYPO), Rank.TYPO, mostReads)
                && cut;
    }

    /**
     * Whether more is wanted. Whoever is called exactly that tells in which way it was meant, and what is only like it is
     * not looked for in the others, but for what lies in lists that were read already; not so who is withheld, of whom
     * nothing that is found may tell.
     */
    private boolean runExact() {
        find(query.probes(Rank.EXACT));
        Set<NameReading> exact = new HashSet<>();
        for (NameReading reading : query.readings().toList()) {
            int before = taker.shown().orElse(0);
            if (!run(reading.probes(Rank.EXACT).toList(), Rank.EXACT, Integer.MAX_VALUE)) {
                return false;
            }
            if (taker.shown().orElse(0) > before) {
                exact.add(reading);
            }
        }
        meant = exact.isEmpty() ? query : query.readAs(exact);
        return true;
    }

    /** Looks all lists up at once. */
    private void find(List<Probe> probes) {
        lists.putAll(index.lists(probes.stream()
                .map(Probe::term)
                .filter(term -> !lists.containsKey(term))
                .collect(Collectors.toSet())));
    }

    /** Whether more is wanted. */
    private boolean run(List<Probe> probes, Rank rank, int most) {
        find(probes);
        int left = most;
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
