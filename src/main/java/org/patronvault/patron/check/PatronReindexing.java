package org.patronvault.patron.check;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.index.PatronEntries;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.CurrentRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronTerms;

/**
 * The indexing of patrons under the version of the search index that is being built. It opens the indexed fields under
 * the vault's own purpose {@code reindex}, logged first, and writes entries and labels by compare-and-set. Neither the
 * version nor the index generation of a patron changes. Safe for use by many threads.
 */
public final class PatronReindexing {
    /** The most patrons of one batch: so few are written in the time of one sync. */
    public static final int BATCH = 400;

    private static final int IDS_AT_ONCE = 10_000;

    /** The most staged parts: of a thousand entries at most, or of 40 if they come from a desk. */
    private static final int FEW_PARTS = 20;

    /**
     * The patrons that were written.
     *
     * @param subjects the log subject of each
     * @param leftOut how many of their fields were left out, because their KEK version is destroyed
     * @param notYet patrons changed or erased since they were opened
     */
    public record Result(List<Subject> subjects, int leftOut, Set<PatronId> notYet) {}

    /**
     * Patrons still to be indexed.
     *
     * @param patrons existing patrons that are not yet in the version being built
     * @param unsound patrons for which that is unknown, since their rows do not authenticate
     */
    public record PendingBatch(List<PatronVault.VerifiedPatron> patrons, Set<PatronId> unsound) {}

    /** A patron, its new index entries, and how many fields could not be indexed. */
    private record IndexedPatron(PatronVault.VerifiedPatron known, PatronEntries entries, int leftOut) {}

    /** Patrons whose opening is being logged. */
    public static final class AnnouncedBatch {
        private final int version;
        private final List<PatronVault.VerifiedPatron> patrons;
        private final List<CompletableFuture<AuditReceipt>> receipts;

        private AnnouncedBatch(
                int version, List<PatronVault.VerifiedPatron> patrons, List<CompletableFuture<AuditReceipt>> receipts) {
            this.version = version;
            this.patrons = patrons;
            this.receipts = receipts;
        }

        /** How many log entries name them. */
        public int entries() {
            return receipts.size();
        }
    }

    /** Patrons that were opened and are ready to be written. */
    public static final class PreparedBatch {
        private final int version;
        private final List<IndexedPatron> patrons;
        private final Set<PatronId> unsound;

        private PreparedBatch(int version, List<IndexedPatron> patrons, Set<PatronId> unsound) {
            this.version = version;
            this.patrons = patrons;
            this.unsound = unsound;
        }

        /** How many patrons. */
        public int size() {
            return patrons.size();
        }

        /** Patrons left out because one of their values does not authenticate. */
        public Set<PatronId> unsound() {
            return unsound;
        }
    }

    private final PatronContext parts;
    private final PatronRowRewrite resealing;

    public PatronReindexing(PatronContext parts) {
        this.parts = parts;
        this.resealing = new PatronRowRewrite(parts);
    }

    /** Refuses with {@code busy} while an import has the vault to itself: its entries are not in the index yet. */
    public void requireWhole() {
        if (parts.index().isStaging()) {
            throw new Refused(
                    Problem.BUSY, "An import has the vault to itself; it is tried again when that has ended.", 60);
        }
    }

    /** The ids of all patrons, in order. */
    public long[] everybody() {
        LongStream.Builder ids = LongStream.builder();
        List<PatronId> some;
        long after = Long.MIN_VALUE;
        do {
            long from = after;
            some = parts.store().read(tx -> tx.patrons().idsAfter(from, IDS_AT_ONCE));
            for (PatronId id : some) {
                after = id.number();
                ids.add(after);
            }
        } while (some.size() == IDS_AT_ONCE);
        return ids.build().toArray();
    }

    /** The patrons among these that are still to be indexed. */
    public PendingBatch due(Collection<PatronId> patrons) {
        Set<PatronId> unsound = ConcurrentHashMap.newKeySet();
        return parts.store().read(tx -> {
            int version = parts.indexRow().at(tx).other();
            Collection<StoredPatron> found = tx.patrons().findAll(patrons).values();
            return new PendingBatch(
                    found.parallelStream()
                            .flatMap(stored -> due(stored, version, unsound).stream())
                            .toList(),
                    unsound);
        });
    }

    private Optional<PatronVault.VerifiedPatron> due(StoredPatron stored, int version, Set<PatronId> unsound) {
        try {
            return Optional.of(parts.vault().known(stored))
                    .filter(known -> parts.vault().labels(known).in(version).isEmpty());
        } catch (IntegrityException e) {
            unsound.add(stored.id());
            return Optional.empty();
        }
    }

    /** Logs that at most {@value #BATCH} patrons are opened, and does not wait for it. */
    public AnnouncedBatch announce(List<PatronVault.VerifiedPatron> due) {
        int version = parts.store().read(tx -> parts.indexRow().at(tx).other());
        List<PatronVault.VerifiedPatron> patrons = new ArrayList<>(due);
        Collections.shuffle(patrons);
        AccessEvent event = parts.log()
                .event(Actor.VAULT, ActKind.ROTATE, Outcome.DISCLOSED, AuditLog.newRequest())
                .about("search")
                .forPurpose(Purpose.REINDEX);
        return new AnnouncedBatch(
                version,
                patrons,
                AccessEvent.inEntries(patrons).stream()
                        .map(some -> parts.log().submit(AuditLog.entry(event.on(subjects(some))), Lane.DESK))
                        .toList());
    }

    /**
     * Opens those patrons once it is logged, and makes their entries. A field whose KEK version is destroyed is left
     * out, and no longer finds the patron.
     */
    public PreparedBatch open(AnnouncedBatch announced) {
        List<AuditReceipt> receipts =
                announced.receipts.stream().map(AuditLog::await).toList();
        Set<PatronId> unsound = ConcurrentHashMap.newKeySet();
        List<IndexedPatron> entered = IntStream.range(0, announced.patrons.size())
                .parallel()
                .mapToObj(i -> entered(
                        announced.patrons.get(i),
                        announced.version,
                        receipts.get(i / AccessEvent.MAX_SUBJECTS),
                        unsound))
                .flatMap(Optional::stream)
                .toList();
        return new PreparedBatch(announced.version, entered, unsound);
    }

    private List<Subject> subjects(List<PatronVault.VerifiedPatron> patrons) {
        return patrons.stream()
                .map(known -> Subject.opened(known.id(), opened(known.stored())))
                .toList();
    }

    private Optional<IndexedPatron> entered(
            PatronVault.VerifiedPatron known, int version, AuditReceipt receipt, Set<PatronId> unsound) {
        try {
            return Optional.of(entered(known, version, receipt));
        } catch (IntegrityException e) {
            unsound.add(known.id());
            return Optional.empty();
        }
    }

    /** The fields of a patron that can be opened for the index. */
    private Set<PatronField> opened(StoredPatron stored) {
        Set<PatronField> opened = PatronTerms.fields();
        opened.removeIf(field -> !parts.vault().hasKek(stored, field));
        return opened;
    }

    private IndexedPatron entered(PatronVault.VerifiedPatron known, int version, AuditReceipt receipt) {
        Set<PatronField> opened = opened(known.stored());
        PersonalData data = parts.vault().openKnown(known, opened, receipt, Actor.VAULT, Purpose.REINDEX);
        long generation = known.stored().row().indexGeneration();
        return new IndexedPatron(
                known,
                parts.index().prepare(List.of(version), known.id(), generation, PatronTerms.of(data)),
                PatronTerms.fields().size() - opened.size());
    }

    /**
     * Writes the patrons unchanged since they were read, inside an act. Patrons changed or erased meanwhile are left
     * for a later batch.
     */
    public Result write(WriteTx tx, PreparedBatch ready) {
        IndexVersions now = parts.indexRow().at(tx);
        if (now.stage() != IndexVersions.Stage.BUILDING || now.other() != ready.version) {
            throw new IllegalStateException("index: another version is being built");
        }
        if (parts.store().isOfOneProcess()) {
            parts.index().stageNext(tx);
        }
        List<IndexedPatron> same = asRead(tx, ready.patrons);
        List<PatronEntries> entries = parts.index()
                .putNext(tx, same.stream().map(IndexedPatron::entries).toList());
        List<PatronVault.VerifiedPatron> patrons =
                same.stream().map(IndexedPatron::known).toList();
        // Opening and encrypting labels is work for every core.
        List<PatronLabels> labels = IntStream.range(0, same.size())
                .parallel()
                .mapToObj(i -> parts.vault()
                        .labels(patrons.get(i))
                        .keeping(now.live(), entries.get(i).labels()))
                .toList();
        Set<PatronId> notYet =
                ready.patrons.stream().map(one -> one.known().id()).collect(Collectors.toCollection(HashSet::new));
        patrons.forEach(known -> notYet.remove(known.id()));
        return new Result(
                resealing.relabel(tx, patrons, labels),
                same.stream().mapToInt(IndexedPatron::leftOut).sum(),
                notYet);
    }

    /** Whether so much is staged that it is time to {@link #merge}. */
    public boolean isMergeDue() {
        return parts.index().isStagingFull();
    }

    /** Whether more is staged than can be {@link #merge merged} while other writers wait. */
    public boolean isMuchStaged() {
        return parts.store().read(Tx::stagedParts) > FEW_PARTS;
    }

    /** Merges the entries of at most so many patrons, inside an act. */
    public void merge(WriteTx tx, int patrons) {
        boolean unused = parts.index().merge(tx, (long) patrons * EncryptedIndex.ENTRIES);
    }

    /** Ends the staging of entries, if everything was merged and is on disk. */
    public void endStaging() {
        boolean unused = parts.store().write(tx -> parts.index().endStagingNext(tx));
    }

    private static List<IndexedPatron> asRead(Tx tx, List<IndexedPatron> patrons) {
        Map<PatronId, CurrentRows.CurrentPatron> now =
                tx.current().of(patrons.stream().map(one -> one.known().id()).toList());
        return patrons.stream()
                .filter(one -> one.known().isStill(now.get(one.known().id())))
                .toList();
    }
}
