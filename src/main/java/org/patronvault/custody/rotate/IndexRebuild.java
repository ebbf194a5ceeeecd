package org.patronvault.custody.rotate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.index.IndexVersions.Stage;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.check.PatronReindexing;
import org.patronvault.patron.record.IndexVersionsRow;

/**
 * The rebuild of the search index under new keys, beside the one in use. It indexes all patrons in the order of their
 * IDs, which are random, so that neighbours in the database are written together. Then it exchanges the two tables, and
 * deletes the old one (format.md, "Versions of the index"). The row of {@link IndexVersionsRow} holds the progress.
 * Each act reads it first, so a resumed rebuild does nothing twice.
 *
 * <p>A patron that cannot be decrypted has entries in the old version only. Then that version stays in use. The
 * operation counts such patrons and ends failed, and the next one continues it.
 */
final class IndexRebuild implements KeyOperation {
    /** Starting a step costs as much as merging the entries of this many patrons. */
    private static final int LEAST_MERGED = 250;

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final IndexVersionsRow row;
    private final PatronReindexing reindexing;

    IndexRebuild(Store store, KeyCustody custody, AuditLog log, Patrons patrons) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.row = patrons.indexRow();
        this.reindexing = patrons.reindexing();
    }

    @Override
    public String kind() {
        return "rebuild";
    }

    @Override
    public long total(Tx tx, String field) {
        return tx.patrons().count();
    }

    /** Continues a failed rebuild, or a version whose operation was never written. */
    @Override
    public void begin(WriteTx tx, String field) {
        IndexVersions now = row.at(tx);
        reindexing.requireWhole();
        if (now.stage() == Stage.DROPPED) {
            int newest = custody.keys().newestIndexVersion();
            row.put(tx, now, now.building(newest > now.live() ? newest : custody.addIndexVersion()));
        }
    }

    @Override
    public Run run(Operation operation) {
        if (store.read(Tx::isNextIndexLost)) {
            AccessEvent event = log.event(Actor.VAULT, act(), Outcome.KEY, AuditLog.newRequest())
                    .about(operation.field());
            log.call(event, now -> {
                beginAnew(now.tx());
                return Decision.done(event.marking(custody.mark()));
            });
        }
        return new Pass();
    }

    private void beginAnew(WriteTx tx) {
        IndexVersions now = row.at(tx);
        tx.indexTables().clearNext();
        if (now.hasNext()) {
            row.put(tx, now, now.buildingAnew(custody.addIndexVersion()));
            custody.retireIndexVersion(now.other());
        }
    }

    /** A step from one stage to the next; it does nothing if the stage has changed. */
    private interface Step {
        /** Takes the step, and returns the operation's new row and entries. */
        BatchResult take(WriteTx tx, IndexVersions now, Operation operation, AccessEvent event);
    }

    private final class Pass implements Run {
        private Stage stage = store.read(row::at).stage();
        private final ReindexQueue whom = new ReindexQueue(stage == Stage.BUILDING);
        private Optional<PatronReindexing.AnnouncedBatch> announced = Optional.empty();
        private boolean isWritten;
        private volatile boolean emptied;

        @Override
        public Optional<Batch> next(int atMost) {
            if (stage == Stage.BUILDING) {
                return build(atMost);
            }
            if (stage == Stage.DUAL) {
                stage = Stage.SWITCHED;
                return Optional.of(step(Stage.DUAL, 0, this::exchange));
            }
            // The act of the last merge has ended.
            reindexing.endStaging();
            int size = Math.min(atMost, PatronReindexing.BATCH);
            return emptied || stage == Stage.DROPPED
                    ? Optional.empty()
                    : Optional.of(step(Stage.SWITCHED, size, (tx, now, o, event) -> empty(tx, o, event, size)));
        }

        /**
         * Builds until all patrons are written and merged; stops if a patron cannot be indexed. Other writers add new
         * or changed patrons to both versions meanwhile.
         */
        private Optional<Batch> build(int atMost) {
            if (reindexing.isMergeDue()) {
                return Optional.of(merging(atMost));
            }
            Optional<PatronReindexing.AnnouncedBatch> one = announced.isPresent() ? announced : whom.announce(atMost);
            int entries = announced.isPresent()
                    ? 0
                    : one.map(PatronReindexing.AnnouncedBatch::entries).orElse(0);
            if (one.isPresent()) {
                // The next patrons are logged while these are decrypted, and the previous ones are written.
                announced = whom.announce(atMost);
                entries +=
                        announced.map(PatronReindexing.AnnouncedBatch::entries).orElse(0);
                isWritten = false;
                PatronReindexing.PreparedBatch ready = reindexing.open(one.get());
                whom.leaveOut(ready.unsound());
                return Optional.of(indexing(ready, entries));
            }
            if (!isWritten) {
                // The previous batch is on disk when the next one is requested.
                isWritten = true;
                return Optional.of(step(
                        Stage.BUILDING,
                        0,
                        (tx, now, operation, event) -> BatchResult.counted(operation, event, 0, operation.at())));
            }
            if (whom.beginAgain()) {
                return build(atMost);
            }
            if (reindexing.isMuchStaged()) {
                return Optional.of(merging(atMost));
            }
            if (whom.unsound() > 0) {
                return Optional.empty();
            }
            stage = Stage.DUAL;
            return Optional.of(step(Stage.BUILDING, 0, this::dual));
        }

        private Batch merging(int atMost) {
            int patrons = Math.max(atMost, LEAST_MERGED);
            return step(Stage.BUILDING, patrons, (tx, now, operation, event) -> {
                reindexing.merge(tx, patrons);
                return BatchResult.counted(operation, event, 0, operation.at());
            });
        }

        /**
         * Writes the decrypted patrons.
         *
         * @param entries log entries since the previous batch
         */
        private Batch indexing(PatronReindexing.PreparedBatch ready, int entries) {
            return new Batch() {
                @Override
                public int size() {
                    return ready.size();
                }

                @Override
                public int entriesBefore() {
                    return entries;
                }

                @Override
                public BatchResult write(WriteTx tx, Operation now, AccessEvent event) {
                    PatronReindexing.Result indexed = reindexing.write(tx, ready);
                    whom.again(indexed.notYet());
                    int written = indexed.subjects().size();
                    return BatchResult.naming(
                            now.moved(written, Integer.toString(leftOut(now) + indexed.leftOut())),
                            event,
                            indexed.subjects());
                }
            };
        }

        private Batch step(Stage from, int size, Step step) {
            return new Batch() {
                @Override
                public int size() {
                    return size;
                }

                @Override
                public BatchResult write(WriteTx tx, Operation now, AccessEvent event) {
                    IndexVersions versions = row.at(tx);
                    return versions.stage() == from
                            ? step.take(tx, versions, now, event)
                            : BatchResult.counted(now, event, 0, now.at());
                }
            };
        }

        /** All patrons are done: new ones were written to both versions, and erased ones are in neither. */
        private BatchResult dual(WriteTx tx, IndexVersions now, Operation operation, AccessEvent event) {
            reindexing.merge(tx, Integer.MAX_VALUE);
            row.put(tx, now, now.dual());
            return BatchResult.counted(operation, event, operation.total() - operation.done(), operation.at());
        }

        private BatchResult exchange(WriteTx tx, IndexVersions now, Operation operation, AccessEvent event) {
            row.exchange(tx);
            return BatchResult.counted(operation, event, 0, operation.at());
        }

        private BatchResult empty(WriteTx tx, Operation operation, AccessEvent event, int patrons) {
            int deleted = tx.otherIndex().delete(patrons * EncryptedIndex.ENTRIES);
            emptied = tx.otherIndex().isEmpty();
            return new BatchResult(operation.moved(0, operation.at()), List.of(event.counting(deleted)));
        }

        @Override
        public Operation end(WriteTx tx, Operation now) {
            IndexVersions versions = row.at(tx);
            if (versions.stage() == Stage.DROPPED) {
                return now.completeBut(leftOut(now));
            }
            if (versions.stage() == Stage.BUILDING && whom.unsound() > 0) {
                reindexing.merge(tx, Integer.MAX_VALUE);
                return now.complete(whom.unsound());
            }
            if (versions.stage() != Stage.SWITCHED || !tx.otherIndex().isEmpty()) {
                stage = versions.stage();
                emptied = false;
                return now;
            }
            custody.retireIndexVersion(versions.other());
            row.put(tx, versions, versions.dropped());
            return now.completeBut(leftOut(now));
        }

        /** Purges deleted entries from the database files. */
        @Override
        public void close() {
            if (whom.unsound() > 0) {
                // After the merge. Until the next rebuild, writers use that version directly.
                reindexing.endStaging();
            }
            if (emptied) {
                log.purge(0);
            }
        }
    }

    private static int leftOut(Operation operation) {
        return operation.at().isEmpty() ? 0 : Integer.parseInt(operation.at());
    }

    /**
     * The patrons that a rebuild has still to index: first all in the order of their IDs, then repeatedly those changed
     * meanwhile. For one thread, except for {@link #again}.
     */
    private final class ReindexQueue {
        private final Deque<PatronVault.VerifiedPatron> due = new ArrayDeque<>();
        private final Set<PatronId> again = ConcurrentHashMap.newKeySet();
        private final Set<PatronId> unsound = new HashSet<>();
        private long[] order;
        private int at;

        /** Makes a queue of all present patrons, or an empty one. */
        private ReindexQueue(boolean everybody) {
            this.order = everybody ? reindexing.everybody() : new long[0];
        }

        /** Logs the next patrons that are not in the new version; empty if there are none. */
        private Optional<PatronReindexing.AnnouncedBatch> announce(int atMost) {
            while (due.isEmpty() && at < order.length) {
                look();
            }
            List<PatronVault.VerifiedPatron> patrons = new ArrayList<>();
            while (patrons.size() < Math.min(atMost, PatronReindexing.BATCH) && !due.isEmpty()) {
                patrons.add(due.remove());
            }
            return patrons.isEmpty() ? Optional.empty() : Optional.of(reindexing.announce(patrons));
        }

        private void look() {
            int to = Math.min(at + PatronReindexing.BATCH, order.length);
            PatronReindexing.PendingBatch found = reindexing.due(Arrays.stream(order, at, to)
                    .mapToObj(PatronId::new)
                    .filter(id -> !unsound.contains(id))
                    .toList());
            due.addAll(found.patrons());
            leaveOut(found.unsound());
            at = to;
        }

        /** Puts back patrons that were changed before they could be written. For any thread. */
        private void again(Collection<PatronId> patrons) {
            again.addAll(patrons);
        }

        /** Starts over with the patrons put back; returns whether there are any. */
        private boolean beginAgain() {
            order = again.stream().mapToLong(PatronId::number).toArray();
            again.clear();
            at = 0;
            return order.length > 0;
        }

        /** Marks patrons that cannot be indexed. */
        private void leaveOut(Collection<PatronId> patrons) {
            unsound.addAll(patrons);
        }

        /** Counts patrons that cannot be indexed. */
        private int unsound() {
            return unsound.size();
        }
    }
}
