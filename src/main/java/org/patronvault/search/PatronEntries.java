package org.patronvault.search;

import java.util.List;
import org.patronvault.crypto.Prf;
import org.patronvault.model.PatronId;
import org.patronvault.store.IndexRows.Entry;

/**
 * The entries of one patron, made as far as they can be before the unit that writes them: how many entries a term has
 * already is known under the unit's lock only.
 */
public final class PatronEntries {

    /**
     * A term to write.
     *
     * @param labels makes the term's labels
     * @param first its entry if the term has none yet
     */
    record Live(IndexedTerm term, Prf labels, Entry first) {}

    private final PatronId patron;
    private final long generation;
    private final List<Live> live;
    private final List<Entry> dummies;

    PatronEntries(PatronId patron, long generation, List<Live> live, List<Entry> dummies) {
        this.patron = patron;
        this.generation = generation;
        this.live = List.copyOf(live);
        this.dummies = List.copyOf(dummies);
    }

    /** Whose they are. */
    public PatronId patron() {
        return patron;
    }

    long generation() {
        return generation;
    }

    List<Live> live() {
        return live;
    }

    List<Entry> dummies() {
        return dummies;
    }

    /** What the patron is found by. */
    public List<IndexedTerm> terms() {
        return live.stream().map(Live::term).toList();
    }
}
