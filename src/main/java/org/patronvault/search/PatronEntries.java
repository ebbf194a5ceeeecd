package org.patronvault.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.patronvault.crypto.Prf;
import org.patronvault.model.PatronId;
import org.patronvault.store.IndexRows.Entries;

/**
 * The entries of one patron in each version that is written, made as far as they can be before the unit that writes
 * them: how many entries a term has already is known under the unit's lock only.
 */
public final class PatronEntries {

    /**
     * The entries in one version: first those of the terms, in their order, and all others dummies.
     *
     * @param termKeys what makes the labels of each term, 32 bytes each
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

    /** Whose they are. */
    public PatronId patron() {
        return patron;
    }

    /** The labels of all, to be kept in the patron's envelope. */
    public PatronLabels labels() {
        return new PatronLabels(versions.stream()
                .map(of -> new PatronLabels.OfVersion(of.version(), of.entries().labels()))
                .toList());
    }

    /** What the patron is found by. */
    public List<IndexedTerm> terms() {
        return terms;
    }

    long generation() {
        return generation;
    }

    /** The versions, in the order in which they are written. */
    List<Integer> versions() {
        return versions.stream().map(OfVersion::version).toList();
    }

    OfVersion in(int version) {
        return versions.stream()
                .filter(of -> of.version() == version)
                .findFirst()
                .orElseThrow();
    }

    /** The same with other entries in one version. */
    PatronEntries with(int version, Entries others) {
        List<OfVersion> changed = new ArrayList<>(versions);
        changed.replaceAll(of -> of.version() == version ? new OfVersion(version, of.termKeys(), others) : of);
        return new PatronEntries(patron, generation, terms, changed);
    }
}
