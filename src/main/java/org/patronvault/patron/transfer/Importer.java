package org.patronvault.patron.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.change.Registration;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.Match;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronWriter;
import org.patronvault.patron.transfer.format.PatronReader;

/**
 * The import of a file's patrons. A row is matched to a patron by its card, and a fingerprint in meta shows whether it
 * changed. So importing a file again changes nothing, and starting a broken import again resumes it.
 */
public final class Importer {
    /** Rows of one transaction if other writers want a turn within their two seconds. */
    static final int BESIDE_OTHERS = 200;

    /** Rows of one transaction beside other nodes, which have two seconds as well: it takes a quarter of one second. */
    static final int BESIDE_NODES = 500;

    /** Most rows of one transaction if no writer waits. */
    private static final int ALONE = 16_000;

    /** Most rows of one transaction if other nodes may begin to write: it takes less than one of their two seconds. */
    private static final int UNTIL_SOMEBODY_WRITES = 2_500;

    /**
     * Memory for each row of a transaction in bytes. It covers a row that is encrypted while the one before is written,
     * and enough spare room to collect garbage seldom. Fewer and longer transactions are no quicker.
     */
    private static final int ROOM = 200_000;

    private static final String CARD_IN_USE = "card-in-use";

    /** A new row, encrypted. Its values are not kept, since there are thousands of rows. */
    private record NewPatron(long line, Set<String> dropped, PatronWriter.PreparedPatron prepared) {}

    /** A row whose card is, or was, a patron's. */
    private record ExistingPatron(ImportRow.Accepted row, StoredPatron stored, boolean former) {}

    /** New rows being written as one act. */
    private record PendingBatch(List<NewPatron> rows, CompletableFuture<AuditReceipt> receipt) {}

    private final PatronContext parts;
    private final PatronWriter writer;
    private final int together;
    private final boolean isAlone;

    private Importer(PatronContext parts, int together, boolean isAlone) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
        this.together = together;
        this.isAlone = isAlone;
    }

    /** An importer that gives other writers a turn. */
    public static Importer besideOthers(PatronContext parts) {
        return new Importer(parts, BESIDE_OTHERS, false);
    }

    /**
     * An importer for a time when no client waits. It puts as many rows into one transaction as memory allows. If other
     * nodes may write, a transaction is short enough for them to wait; once they write, it is short enough to go
     * unnoticed.
     */
    public static Importer alone(PatronContext parts) {
        long memory = Runtime.getRuntime().maxMemory() / ROOM;
        int most = parts.store().isOfOneProcess() ? ALONE : UNTIL_SOMEBODY_WRITES;
        return new Importer(parts, (int) Math.max(BESIDE_OTHERS, Math.min(most, memory)), true);
    }

    private int together() {
        return parts.log().isBesideOthers() ? Math.min(together, BESIDE_NODES) : together;
    }

    /**
     * Imports {@code rows} to the end.
     *
     * @param dryRun whether to report what would happen, and change nothing
     * @param listener receives the progress
     * @throws Refused if the file itself cannot be read on; the rows before stay
     */
    public ImportReport run(Caller caller, PatronReader rows, boolean dryRun, ImportListener listener) {
        byte[] request = AuditLog.newRequest();
        AccessEvent attempt = parts.attempt(caller, ActKind.IMPORT, request).forPurpose(Purpose.IMPORT);
        parts.access().require(caller, Permission.IMPORT, attempt);
        Run run = new Run(attempt, dryRun, new ImportReport());
        run.loading.begin();
        long done = 0;
        try {
            for (Optional<ImportRow> row = rows.next(); row.isPresent(); row = rows.next()) {
                run.take(parts.posted(row.get()));
                listener.read(++done);
            }
        } finally {
            run.finish(listener);
        }
        return run.report;
    }

    /** One run through one file. */
    private final class Run {
        private final AccessEvent attempt;
        private final ReimportUpdate renewal;
        private final BulkLoad loading;
        private final boolean dryRun;
        private final ImportReport report;
        private List<ImportRow.Accepted> waiting = new ArrayList<>();
        private Optional<PendingBatch> sent = Optional.empty();

        private Run(AccessEvent attempt, boolean dryRun, ImportReport report) {
            this.attempt = attempt;
            this.renewal = new ReimportUpdate(parts, attempt);
            this.loading = new BulkLoad(isAlone && !dryRun);
            this.dryRun = dryRun;
            this.report = report;
        }

        private void take(ImportRow row) {
            row.match(
                    accepted -> {
                        waiting.add(accepted);
                        return null;
                    },
                    refused -> {
                        report.refuse(refused);
                        return null;
                    });
            if (waiting.size() >= together()) {
                work();
            }
        }

        /** Looks the waiting rows up, encrypts the new ones on every core, and writes them while the next are read. */
        private void work() {
            List<ImportRow.Accepted> rows = waiting;
            waiting = new ArrayList<>();
            Set<IndexTerm> begun = parts.store()
                    .read(tx -> parts.index()
                            .in(tx)
                            .begun(rows.stream().map(Run::card).toList()));
            List<ImportRow.Accepted> fresh = new ArrayList<>();
            for (ImportRow.Accepted row : rows) {
                Optional<ExistingPatron> known = begun.contains(card(row)) ? known(row) : Optional.empty();
                known.ifPresentOrElse(this::meet, () -> fresh.add(row));
            }
            if (dryRun) {
                fresh.forEach(row -> report.count(ImportReport.Outcome.CREATED, row.dropped()));
                return;
            }
            List<NewPatron> sealed = fresh.parallelStream().map(this::seal).toList();
            settle();
            loading.mergeIfFull();
            if (!sealed.isEmpty()) {
                sent = Optional.of(send(sealed));
            }
        }

        private static IndexTerm card(ImportRow.Accepted row) {
            return new IndexTerm(IndexTerm.TermClass.CARD, row.draft().card());
        }

        private Optional<ExistingPatron> known(ImportRow.Accepted row) {
            return parts.store()
                    .read(tx -> parts.index().in(tx).find(card(row), 1).stream()
                            .findFirst()
                            .map(posting -> new ExistingPatron(row, Match.row(tx, posting), posting.former())));
        }

        private void meet(ExistingPatron known) {
            if (known.former()) {
                report.refuse(known.row().line(), CARD_IN_USE, known.row().dropped());
            } else {
                renew(known.row(), known.stored());
            }
        }

        private NewPatron seal(ImportRow.Accepted row) {
            PatronDraft draft = row.draft();
            PatronRow clear = new PatronRow(
                    Registration.newId(), 1, 1, ReimportUpdate.attributes(parts, draft, Optional.empty()));
            return new NewPatron(
                    row.line(),
                    row.dropped(),
                    writer.prepare(
                            row,
                            clear,
                            ImportFingerprint.of(parts, row),
                            attempt.actor().name()));
        }

        private PendingBatch send(List<NewPatron> rows) {
            AccessEvent event = attempt.ending(Outcome.WRITTEN);
            List<PatronWriter.PreparedPatron> prepared =
                    rows.stream().map(NewPatron::prepared).toList();
            return new PendingBatch(
                    rows,
                    parts.log()
                            .submit(
                                    AuditLog.writing(event, now -> {
                                        List<Subject> subjects = writer.insert(now.tx(), prepared);
                                        return Decision.done(AccessEvent.inEntries(subjects).stream()
                                                .map(event::on)
                                                .toList());
                                    }),
                                    Lane.BULK));
        }

        /** Waits for the running act and merge. */
        private void settle() {
            loading.settle();
            sent.ifPresent(this::settle);
            sent = Optional.empty();
        }

        /** Waits; if a row is refused, writes each half separately, down to that row alone. */
        private void settle(PendingBatch one) {
            List<NewPatron> rows = one.rows();
            try {
                AuditLog.await(one.receipt());
                rows.forEach(fresh -> report.count(ImportReport.Outcome.CREATED, fresh.dropped()));
            } catch (Refused e) {
                if (e.problem() != Problem.CARD_IN_USE) {
                    throw e;
                }
                if (rows.size() == 1) {
                    report.refuse(rows.get(0).line(), CARD_IN_USE, rows.get(0).dropped());
                    return;
                }
                settle(send(rows.subList(0, rows.size() / 2)));
                settle(send(rows.subList(rows.size() / 2, rows.size())));
            }
        }

        private void finish(ImportListener listener) {
            work();
            settle();
            loading.end(listener);
        }

        private void renew(ImportRow.Accepted row, StoredPatron stored) {
            PatronMeta facts = parts.vault().facts(stored);
            if (facts.consents().isWithdrawn()) {
                report.refuse(row.line(), ImportRow.Reason.CONSENT_WITHDRAWN.slug(), row.dropped());
                return;
            }
            if (ImportFingerprint.isOf(parts, row, facts.importFingerprint())) {
                report.count(ImportReport.Outcome.UNCHANGED, row.dropped());
                return;
            }
            if (!dryRun) {
                // An act of thousands may take longer than an act of one patron waits.
                settle();
                renewal.write(row, stored, facts, ImportFingerprint.of(parts, row));
                loading.mergeIfFull();
            }
            report.count(ImportReport.Outcome.UPDATED, row.dropped());
        }
    }

    /**
     * The filling of the index during an import that no client waits for. Entries fall everywhere in the index. If no
     * other process can search or write, they are staged and merged all at once. If one can, each is inserted with its
     * act, and at least no earlier entries are looked up for new terms.
     */
    private final class BulkLoad {
        private final boolean isActive;
        private CompletableFuture<Void> merging = CompletableFuture.completedFuture(null);

        /**
         * A bulk load for one run.
         *
         * @param isActive whether no client waits; if false, this object does nothing
         */
        private BulkLoad(boolean isActive) {
            this.isActive = isActive;
        }

        private boolean stages() {
            return isActive && parts.store().isOfOneProcess();
        }

        private void begin() {
            if (stages()) {
                inTransaction(tx -> {
                    tx.indexTables().beginLoad();
                    parts.index().stage(tx);
                });
            } else if (isActive) {
                inTransaction(parts.index()::fill);
            }
        }

        /**
         * Starts a merge in a transaction of its own, while the next rows are read and encrypted. The next act waits
         * for it.
         */
        private void mergeIfFull() {
            // Beside a server the staged entries belong to a rebuild, which merges them itself, a step at a time.
            if (stages() && parts.index().isStagingFull()) {
                merging = CompletableFuture.runAsync(
                        () -> inTransaction(parts.index()::merge), task -> new Thread(task, "vault-merge").start());
            }
        }

        /** Waits for a running merge. */
        private void settle() {
            try {
                merging.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }

        /** Merges the rest, once everything is written. For a million patrons that takes minutes. */
        private void end(ImportListener listener) {
            if (stages()) {
                listener.merging();
                inTransaction(tx -> {
                    parts.index().merge(tx);
                    tx.indexTables().endLoad();
                });
            }
            if (isActive) {
                parts.index().endStaging();
            }
        }

        private void inTransaction(Consumer<WriteTx> work) {
            parts.store().write(tx -> {
                work.accept(tx);
                return null;
            });
        }
    }
}
