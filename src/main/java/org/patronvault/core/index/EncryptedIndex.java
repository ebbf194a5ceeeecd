package org.patronvault.core.index;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.IndexRows;
import org.patronvault.core.store.table.IndexRows.Entries;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.search.IndexReading;

/**
 * The encrypted search index. Entry {@code i} of a term has the label HMAC(HMAC(K, class ‖ term), i), cut to 16 bytes,
 * and a value under AES-SIV bound to it. This is Π_bas of Cash et al. (NDSS 2014), with every patron padded to
 * {@value #ENTRIES} entries. Entries of a term have no gaps, so their number is found by probing and never stored.
 * While a next version is built, every write goes to both versions, and reads use the earlier one. Safe for use by many
 * threads; writing methods run inside an act, which holds the lock.
 */
public final class EncryptedIndex {
    /** Number of entries of every patron in each version, whatever the patron's name. */
    public static final int ENTRIES = 40;

    /** Size of one label in bytes. */
    public static final int LABEL_BYTES = IndexRows.LABEL_BYTES;

    /** The placeholder of a value that is made once the number of its entry is known. */
    static final byte[] NOT_SEALED = new byte[IndexRows.VALUE_BYTES];

    private final KeyCustody custody;
    private final IndexVersions.Source versions;
    private final LastKnown known = new LastKnown();
    private volatile Optional<Filling> filling = Optional.empty();
    private volatile Optional<Staging> staging = Optional.empty();
    private volatile boolean hasStaged;

    /** Creates an index under the keys of a custody. */
    public EncryptedIndex(KeyCustody custody, IndexVersions.Source versions) {
        this.custody = custody;
        this.versions = versions;
    }

    /** Returns the index in a transaction. Must be called before anything else is read there. */
    public IndexReading in(Tx tx) {
        return in(tx, List.of());
    }

    /** Returns the index in a transaction, and reads the first labels of the given terms ahead. */
    public IndexReading in(Tx tx, List<IndexTerm> first) {
        return IndexReading.of(tx, versions, custody.keys(), known, first);
    }

    private IndexCipher cipher(int version) {
        return IndexCipher.of(custody.keys(), version);
    }

    /**
     * Returns the entries of a patron in each version that is written: the terms, as if each were the first of its
     * kind, and dummies.
     */
    public PatronEntries prepare(PatronId patron, long generation, List<IndexedTerm> terms) {
        return prepare(versions.lately().written(), patron, generation, terms);
    }

    /** Returns the entries of a patron in the given versions. */
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
            // If the term has entries, this one is made when its number is known.
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
     * Writes the entries of one patron. Returns the labels written, to be kept in the patron's envelope.
     *
     * @throws Refused with {@code card-in-use} if a card is, or was, another patron's
     */
    public PatronLabels put(WriteTx tx, PatronId patron, long generation, List<IndexedTerm> terms) {
        return put(tx, List.of(prepare(patron, generation, terms))).get(0).labels();
    }

    /**
     * Writes the entries of patrons, in each version that is written now.
     *
     * @return the entries written: those given, unless a term had entries already, or the entries were prepared before
     *     a rebuild began or ended
     * @throws Refused with {@code card-in-use} if a card is, or was, another patron's
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

    /** Returns the staging of a version. Entries staged for outdated versions are merged first. */
    private Optional<Staging> staging(WriteTx tx, IndexVersions now, int version) {
        Optional<Staging> staged = staging;
        if (staged.isEmpty() && now.stage() == IndexVersions.Stage.BUILDING) {
            // An earlier staging may have left entries, and numbers would not go on from them; nearly always none.
            tx.stagedNext().merge();
        }
        staged.filter(one -> !one.isStill(now)).ifPresent(one -> one.merge(tx, Long.MAX_VALUE));
        return staged.filter(one -> one.isStill(now) && one.isOf(version));
    }

    private static IndexRows rows(Tx tx, IndexVersions now, int version) {
        return version == now.live() ? tx.index() : tx.otherIndex();
    }

    /**
     * Starts to stage entries, for one writer that has the vault to itself and much to write. Entries written from now
     * on are not found before they are {@link #merge merged}. Does nothing while a rebuild is under way.
     */
    public synchronized void stage(WriteTx tx) {
        IndexVersions now = versions.at(tx);
        if (now.stage() == IndexVersions.Stage.DROPPED) {
            hasStaged = true;
            staging = Optional.of(new Staging(tx, now, now.live(), known));
        }
    }

    /**
     * Starts to stage entries of the version that is being built, unless staging is on. For a database of one process.
     */
    public synchronized void stageNext(WriteTx tx) {
        IndexVersions now = versions.at(tx);
        if (now.stage() == IndexVersions.Stage.BUILDING
                && staging(tx, now, now.other()).isEmpty()) {
            staging = Optional.of(new Staging(tx, now, now.other(), known));
        }
    }

    /** Starts to remember written entries, for one writer that has much to write while others may write too. */
    public synchronized void fill(WriteTx tx) {
        IndexVersions now = versions.at(tx);
        filling = Optional.of(new Filling(tx, now, versions.size(tx, now.live()), known));
    }

    /** Whether the index that is searched lacks staged entries that patrons' labels lead to. */
    public boolean isStaging() {
        return staging.filter(Staging::isOfLive).isPresent();
    }

    /** Whether entries were staged for the live version since the vault was opened. Otherwise it has none staged. */
    public boolean hasStaged() {
        return hasStaged;
    }

    /** Whether enough is staged for a {@link #merge}. */
    public boolean isStagingFull() {
        return staging.filter(Staging::isFull).isPresent();
    }

    /** Merges all staged entries into the index. */
    public void merge(WriteTx tx) {
        boolean unused = merge(tx, Long.MAX_VALUE);
    }

    /** Merges about that many staged entries into the index at most. Returns whether there are more. */
    public boolean merge(WriteTx tx, long atMost) {
        return staging.map(staged -> staged.merge(tx, atMost))
                .orElseGet(() -> tx.stagedNext().merge(atMost));
    }

    /** Ends {@link #stage} and {@link #fill}. Staging must be merged, and that on disk, before the call. */
    public synchronized void endStaging() {
        filling = Optional.empty();
        staging = staging.filter(staged -> !staged.isOfLive());
    }

    /**
     * Ends {@link #stageNext} if all of it was merged, and that is on disk. Otherwise staging goes on, so that the next
     * writer need not merge it. Call it in a transaction of its own, since writers depend on staging. Returns whether
     * it ended.
     */
    public synchronized boolean endStagingNext(WriteTx tx) {
        boolean isMerged = tx.stagedNext().isEmpty();
        staging = staging.filter(one -> one.isOfLive() || !isMerged);
        return isMerged;
    }

    /** Turns the entries at those labels into dummies. The write looks like any other write. */
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
            // If a dummy is in the index already, the merge skips the staged entry.
            Entries dummies = cipher(set.version()).dummies(set.labels());
            rows.put(dummies);
            beside.get().retire(tx, dummies);
            return;
        }
        int replaced = rows.replace(cipher(set.version()).dummies(set.labels()));
        // A table that is being emptied, or was, may lack some of them.
        boolean isWhole = set.version() == now.live() || (now.hasNext() && !tx.isNextIndexLost());
        if (replaced != ENTRIES && isWhole) {
            throw new IntegrityException("search index: entry missing");
        }
    }

    /**
     * Turns all entries of a patron into dummies, even if the patron's rows or the index were changed. These are the
     * entries at the given labels, as far as they exist, and each entry that the terms still lead to.
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
