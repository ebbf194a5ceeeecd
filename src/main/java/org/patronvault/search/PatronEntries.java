package org.patronvault.search;

import java.util.List;
import org.patronvault.model.PatronId;
import org.patronvault.store.IndexRows.Entries;

/**
 * The entries of one patron, made as far as they can be before the unit that writes them: how many entries a term has
 * already is known under the unit's lock only.
 */
public final class PatronEntries {

    /**
     * A term to write.
     *
     * @param key makes the term's labels
     */
    record Live(IndexedTerm term, byte[] key) {}

    private final PatronId patron;
    private final long generation;
    private final List<Live> live;
    private final Entries entries;

    /** Entries of which the first are those of the terms, in their order, and all others dummies. */
    PatronEntries(PatronId patron, long generation, List<Live> live, Entries entries) {
        this.patron = patron;
        this.generation = generation;
        this.live = List.copyOf(live);
        this.entries = entries;
    }

    /** Whose they are. */
    public PatronId patron() {
        return patron;
    }

    /** The labels of all, {@value EncryptedIndex#LABEL_BYTES} bytes each, to be kept in the patron's envelope. */
    public byte[] labels() {
        return entries.labels().clone();
    }

    /** What the patron is found by. */
    public List<IndexedTerm> terms() {
        return live.stream().map(Live::term).toList();
    }

    long generation() {
        return generation;
    }

    List<Live> live() {
        return live;
    }

    Entries entries() {
        return entries;
    }

    PatronEntries with(Entries others) {
        return new PatronEntries(patron, generation, live, others);
    }
}
