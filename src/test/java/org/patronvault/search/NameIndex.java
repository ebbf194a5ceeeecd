package org.patronvault.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.NameHint;
import org.patronvault.core.index.PostingQuery;

/** A model of the encrypted index for names, built of maps: the reference for comparisons. */
final class NameIndex {
    /** An entry: its patron, and its hint of the name beyond the term. */
    private record Entry(Somebody of, NameHint hint) {}

    private final Map<IndexTerm, List<Entry>> entries = new HashMap<>();
    private int probes;
    private int reads;

    static NameIndex of(List<Somebody> all) {
        NameIndex index = new NameIndex();
        all.forEach(index::add);
        return index;
    }

    private void add(Somebody somebody) {
        for (IndexedTerm term : somebody.terms()) {
            // The newest first, as the encrypted index reads them.
            entries.computeIfAbsent(term.term(), first -> new ArrayList<>()).add(0, new Entry(somebody, term.hint()));
        }
    }

    /**
     * Returns the patrons found, best rank first, each with the best rank.
     *
     * @param page how many are enough, so that worse ranks are not asked for
     */
    Map<Somebody, MatchRank> search(String typed, int page, MatchRank worst) {
        Map<Somebody, MatchRank> found = new LinkedHashMap<>();
        NameQuery query = NameQuery.of(typed).orElseThrow();
        for (MatchRank rank : MatchRank.values()) {
            if (rank.compareTo(worst) > 0 || found.size() >= page) {
                break;
            }
            int most = rank == MatchRank.EXACT ? Integer.MAX_VALUE : reads + NameQuery.MAX_READS;
            for (PostingQuery probe : query.probes(rank)) {
                probes++;
                for (Entry entry : entries.getOrDefault(probe.term(), List.of())) {
                    if (found.size() >= page) {
                        return found;
                    }
                    if (reads == most) {
                        break;
                    }
                    reads++;
                    if (probe.taken().test(entry.hint())) {
                        found.putIfAbsent(entry.of(), rank);
                    }
                }
            }
        }
        return found;
    }

    /** Returns the number of lists searched since the index was made. */
    int probes() {
        return probes;
    }

    /** Returns the number of entries read since the index was made. */
    int reads() {
        return reads;
    }
}
