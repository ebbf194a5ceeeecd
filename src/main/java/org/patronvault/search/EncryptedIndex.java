package org.patronvault.search;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.patronvault.crypto.Prf;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.store.IndexRows;
import org.patronvault.store.IndexRows.Entries;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * The encrypted index: entry {@code i} of a term has label HMAC(HMAC(K, class ‖ term), i) cut to 16 bytes and a value
 * under AES-SIV bound to it (Π_bas of Cash et al., NDSS 2014, with every patron padded to {@value #ENTRIES} entries).
 * Entries of a term are without gaps, so their number is found by probing and never stored. While a next version is
 * built, every write goes to both, and the one before is read. Safe for use by many threads; writing methods run inside
 * a unit, which holds the lock.
 */
public final class EncryptedIndex {
    /** Entries of every patron in each version, whatever he or she is called. */
    public static final int ENTRIES = 40;

    /** Size of one label in bytes. */
    public static final int LABEL_BYTES = IndexRows.LABEL_BYTES;

    /** A value that is made when the number of its entry is known. */
    static final byte[] NOT_SEALED = new byte[IndexRows.VALUE_BYTES];

    private final KeyCustody custody;
    private final IndexVersions.Source versions;
    private final LastKnown known = new LastKnown();
    private volatile Optional<Filling> filling = Optional.empty();
    private volatile Optional<Staging> staging = Optional.empty();
    private volatile boolean hasStaged;

    /** An index under the keys of that custody. */
    public EncryptedIndex(KeyCustody custody, IndexVersions.Source versions) {
        this.custody = custody;
        this.versions = versions;
    }

    /** The index in that transaction; to be asked for before anything else is read there. */
    public IndexReading in(Tx tx) {
        return in(tx, List.of());
    }

    /** The same for who will look for those terms first. */
    public IndexReading in(Tx tx, List<IndexTerm> first) {
        return IndexReading.of(tx, versions, custody.keys(), known, first);
    }

    private IndexCipher cipher(int version) {
        return IndexCipher.of(custody.keys(), version);
    }

    /**
     * Makes the entries of a patron in each version that is written: the terms, as if each were the first of its kind,
     * and dummies.
     */
    public PatronEntries prepare(PatronId patron, long generation, List<IndexedTerm> terms) {
        return prepare(versions.lately().written(), patron, generation, terms);
    }

    /** The same in those versions. */
    public PatronEntries prepare(List<Integer> in, PatronId patron, long generation, List<IndexedTerm> terms) {
        if (terms.size() > ENTRIES) {
            throw new IllegalStateException("terms must be at most " + ENTRIES + ", were " + terms.size());
        }
        UnsealedKeys keys = custody.keys();
        return new PatronEntries(
                patron,
                generation,
                terms,
                in.stream()
                        .map(version -> prepare(IndexCipher.of(keys, version), patron, generation, terms))
                        .toList());
    }

    private PatronEntries.OfVersion prepare(
            IndexCipher cipher, PatronId patron, long generation, List<IndexedTerm> terms) {
        Entries entries = Entries.ofSize(ENTRIES);
        ByteBuffer termKeys = ByteBuffer.allocate(terms.size() * Prf.OUTPUT_BYTES);
        for (int at = 0; at < terms.size(); at++) {
            byte[] key = cipher.termKey(terms.get(at).term());
            byte[] label = IndexCipher.label(key, 0);
            // Of a term that has entries this one is made when its number is known.
            byte[] value = known.last(label) > 0 ? NOT_SEALED : cipher.live(label, terms.get(at), patron, generation);
            entries.set(at, label, value);
            termKeys.put(key);
        }
        byte[] random = SecureBytes.random((ENTRIES - terms.size()) * LABEL_BYTES);
        System.arraycopy(random, 0, entries.labels(), terms.size() * LABEL_BYTES, random.length);
        cipher.makeDummies(entries, terms.size());
        return new PatronEntries.OfVersion(cipher.version(), termKeys.array(), entries);
    }

    /**
     * Writes the entries of one patron; returns the labels written, to be kept in the patron's envelope.
     *
     * @throws Refused with {@code card-in-use} if a card is another patron's, or was
     */
    public PatronLabels put(WriteTx tx, PatronId patron, long generation, List<IndexedTerm> terms) {
        return put(tx, List.of(prepare(patron, generation, terms))).get(0).labels();
    }

    /**
     * Writes the entries of patrons, in each version that is written now.
     *
     * @return the entries written: those given, but for patrons one of whose terms had entries already, and those
     *     prepared before a rebuild began or ended
     * @throws Refused with {@code card-in-use} if a card is another patron's, or was
     */
    public List<PatronEntries> put(WriteTx tx, List<PatronEntries> patrons) {
        IndexVersions now = versions.at(tx);
        List<PatronEntries> written = patrons.stream()
                .map(p -> p.versions().equals(now.written())
                        ? p
                        : prepare(now.written(), p.patron(), p.generation(), p.terms()))
                .toList();
        for (int version : now.written()) {
            written = put(tx, now, version, written);
        }
        return written;
    }

    /**
     * Writes the entries that patrons lack in the version that is being built.
     *
     * @param patrons prepared in that version alone
     * @return the entries written
     */
    public List<PatronEntries> putNext(WriteTx tx, List<PatronEntries> patrons) {
        IndexVersions now = versions.at(tx);
        return put(tx, now, now.other(), patrons);
    }

    private List<PatronEntries> put(WriteTx tx, IndexVersions now, int version, List<PatronEntries> patrons) {
        IndexRows rows = rows(tx, now, version);
        IndexCipher cipher = cipher(version);
        Optional<Numbers> numbers = numbers(tx, now, version);
        Numbering numbering = new Numbering(rows, cipher, known, numbers, patrons);
        List<PatronEntries> numbered = numbering.numbered();
        List<Entries> entries =
                numbered.stream().map(p -> p.in(cipher.version()).entries()).toList();
        if (numbers.isPresent()) {
            numbers.get().add(tx, entries, numbering.turns());
        } else if (rows.insert(entries) != entries.size() * ENTRIES) {
            throw new IntegrityException("search index: label taken");
        }
        versions.grew(tx, cipher.version(), entries.size() * ENTRIES);
        return numbered;
    }

    private Optional<Numbers> numbers(WriteTx tx, IndexVersions now, int version) {
        Optional<Staging> beside = staging(tx, now, version);
        beside.ifPresent(staged -> staged.begin(tx));
        if (filling.isPresent() && filling.get().isOf(version)) {
            filling = filling.filter(one -> one.begin(tx, now, versions.size(tx, version)));
            return filling.map(Numbers.class::cast);
        }
        return beside.map(Numbers.class::cast);
    }

    /** Where entries of that version are staged. Of versions that are no longer those everything is merged first. */
    private Optional<Staging> staging(WriteTx tx, IndexVersions now, int version) {
        Optional<Staging> staged = staging;
        if (staged.isEmpty() && now.stage() == IndexVersions.Stage.BUILDING) {
            // What one that ended may have left, and numbers would not go on from; nearly always nothing.
            tx.stagedNext().merge();
        }
        staged.filter(one -> !one.isStill(now)).ifPresent(one -> one.merge(tx, Long.MAX_VALUE));
        return staged.filter(one -> one.isStill(now) && one.isOf(version));
    }

    private static IndexRows rows(Tx tx, IndexVersions now, int version) {
        return version == now.live() ? tx.index() : tx.otherIndex();
    }

    /**
     * Begins to stage entries, since one writer has the vault to itself and much to write: what is written from now on is
     * not found before it is {@link #merge merged}. Does nothing while a rebuild is under way.
     */
    public synchronized void stage(WriteTx tx) {
        IndexVersions now = versions.at(tx);
        if (now.stage() == IndexVersions.Stage.DROPPED) {
            hasStaged = true;
            staging = Optional.of(new Staging(tx, now, now.live(), known));
        }
    }

    /** Begins to stage entries of the version that is being built, unless they are; for a database of one process. */
    public synchronized void stageNext(WriteTx tx) {
        IndexVersions now = versions.at(tx);
        if (now.stage() == IndexVersions.Stage.BUILDING
                && staging(tx, now, now.other()).isEmpty()) {
            staging = Optional.of(new Staging(tx, now, now.other(), known));
        }
    }

    /** Begins to remember what is written, since one writer has much to write, beside whom others may write too. */
    public synchronized void fill(WriteTx tx) {
        IndexVersions now = versions.at(tx);
        filling = Optional.of(new Filling(tx, now, versions.size(tx, now.live()), known));
    }

    /** Whether entries are staged so that the index that is searched lacks what patrons' labels lead to. */
    public boolean isStaging() {
        return staging.filter(Staging::isOfLive).isPresent();
    }

    /** Whether that was so at any time since the vault was opened: in no other case there is anything staged of it. */
    public boolean hasStaged() {
        return hasStaged;
    }

    /** Whether so much is staged that it is time to {@link #merge}. */
    public boolean isStagingFull() {
        return staging.filter(Staging::isFull).isPresent();
    }

    /** Merges what is staged into the index. */
    public void merge(WriteTx tx) {
        boolean unused = merge(tx, Long.MAX_VALUE);
    }

    /** Merges at most so many entries of what is staged into the index, some more or less; whether there is more. */
    public boolean merge(WriteTx tx, long atMost) {
        return staging.map(staged -> staged.merge(tx, atMost))
                .orElseGet(() -> tx.stagedNext().merge(atMost));
    }

    /** Ends {@link #stage} and {@link #fill}; of what is staged, when it was merged, and that is on disk. */
    public synchronized void endStaging() {
        filling = Optional.empty();
        staging = staging.filter(staged -> !staged.isOfLive());
    }

    /**
     * Ends {@link #stageNext} if all of it was merged, and that is on disk; else it goes on, so that whoever writes next
     * need not merge it. In a transaction that does nothing else: who writes goes by what is staged. Whether it ended.
     */
    public synchronized boolean endStagingNext(WriteTx tx) {
        boolean isMerged = tx.stagedNext().isEmpty();
        staging = staging.filter(one -> one.isOfLive() || !isMerged);
        return isMerged;
    }

    /** Turns the entries at those labels into dummies; nobody can tell that from any other write. */
    public void retire(WriteTx tx, PatronLabels labels) {
        IndexVersions now = versions.at(tx);
        for (PatronLabels.OfVersion set : labels.sets()) {
            if (set.version() == now.live() || set.version() == now.other()) {
                retire(tx, now, set);
            }
        }
    }

    private void retire(WriteTx tx, IndexVersions now, PatronLabels.OfVersion set) {
        IndexRows rows = rows(tx, now, set.version());
        Optional<Staging> beside = set.version() == now.live() ? Optional.empty() : staging(tx, now, set.version());
        if (beside.isPresent()) {
            // Where one is already, what is staged is passed over when it is merged.
            Entries dummies = cipher(set.version()).dummies(set.labels());
            rows.put(dummies);
            beside.get().retire(tx, dummies);
            return;
        }
        int replaced = rows.replace(cipher(set.version()).dummies(set.labels()));
        // A table that is being emptied, or was, may have some of them no longer.
        boolean isWhole = set.version() == now.live() || (now.hasNext() && !tx.isNextIndexLost());
        if (replaced != ENTRIES && isWhole) {
            throw new IntegrityException("search index: entry missing");
        }
    }

    /**
     * Turns what there is of a patron into dummies, though its rows may not be what they were, nor the index: the
     * entries at those labels as far as they are there, and each that the terms still lead to.
     */
    public void clear(
            WriteTx tx,
            PostingClearer clearing,
            PatronId patron,
            Optional<PatronLabels> labels,
            List<IndexedTerm> terms) {
        IndexVersions now = versions.at(tx);
        merge(tx);
        for (int version : now.written()) {
            IndexRows rows = rows(tx, now, version);
            IndexCipher cipher = cipher(version);
            labels.flatMap(all -> all.in(version)).ifPresent(some -> rows.replace(cipher.dummies(some)));
            for (IndexedTerm term : terms) {
                clearing.labels(version, term.term(), patron, () -> PostingList.of(rows, cipher, known, term.term()))
                        .forEach(label -> rows.replace(cipher.dummies(label)));
            }
        }
    }
}
