package org.patronvault.core.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.IndexRows.Entries;

/**
 * The index entries of one patron in each written version, prepared before the act that writes them. The rest is done
 * in the act, since the number of a term's entries is known only under its lock.
 */
public final class PatronEntries {

    /**
     * The entries in one version: first those of the terms, in their order, then dummies.
     *
     * @param termKeys the key of each term's labels, 32 bytes each
     */
    record OfVersion(int version, byte[] termKeys, Entries entries) {
        byte[] termKey(int at) {
            return Arrays.copyOfRange(termKeys, at * Prf.OUTPUT_BYTES, (at + 1) * Prf.OUTPUT_BYTES);
        }
    }

    private final PatronId patron;
    private final long generation;
    private final List<IndexedTerm> terms;
    private final List<OfVersion> versions;

    PatronEntries(PatronId patron, long generation, List<IndexedTerm> terms, List<OfVersion> versions) {
        this.patron = patron;
        this.generation = generation;
        this.terms = List.copyOf(terms);
        this.versions = List.copyOf(versions);
    }

    /** Returns the patron's ID. */
    public PatronId patron() {
        return patron;
    }

    /** Returns all labels, to be kept in the patron's envelope. */
    public PatronLabels labels() {
        return new PatronLabels(versions.stream()
                .map(of -> new PatronLabels.OfVersion(of.version(), of.entries().labels()))
                .toList());
    }

    /** Returns the terms of the patron. */
    public List<IndexedTerm> terms() {
        return terms;
    }

    long generation() {
        return generation;
    }

    /** Returns the versions, in the order in which they are written. */
    List<Integer> versions() {
        return versions.stream().map(OfVersion::version).toList();
    }

    OfVersion in(int version) {
        return versions.stream()
                .filter(of -> of.version() == version)
                .findFirst()
                .orElseThrow();
    }

    /** Returns these entries, with those of one version replaced. */
    PatronEntries with(int version, Entries others) {
        List<OfVersion> changed = new ArrayList<>(versions);
        changed.replaceAll(of -> of.version() == version ? new OfVersion(version, of.termKeys(), others) : of);
        return new PatronEntries(patron, generation, terms, changed);
    }
}
