package org.patronvault.core.log;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.Ledger;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.keys.LedgerLine.Consented;
import org.patronvault.core.keys.LedgerLine.Emptied;
import org.patronvault.core.keys.LedgerLine.Erased;
import org.patronvault.core.keys.LedgerLine.ForgottenAt;
import org.patronvault.core.keys.LedgerLine.Head;
import org.patronvault.core.keys.LedgerLine.LoggedNote;
import org.patronvault.core.keys.LedgerLine.Note;
import org.patronvault.core.log.ledger.LedgerNotes;
import org.patronvault.core.log.ledger.LedgerObligations;
import org.patronvault.core.log.ledger.RestoreObligations;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.log.tree.LogComparison;
import org.patronvault.core.log.tree.VerifiedChangeReader;
import org.patronvault.core.log.tree.VerifiedTree;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.tlog.Frontier;

/**
 * A follower of the log that copies obligations into {@code keys/ledger}: erasures, withdrawn consents and revocations.
 * It writes them after the commit, and after a crash those that are missing. It notes a patron forgotten at a vendor,
 * which the log does not record, before the act. The ledger shows whether a database was restored from a backup, and
 * its obligations are met before the vault serves anybody. Safe for use by many threads.
 */
public final class LedgerFollower {
    /** The most entries that are read again after a restart, and none older. */
    private static final long STEP = 1_000;

    private static final long STEP_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final AuditLog log;
    private final Store store;
    private final KeyCustody custody;
    private final VerifiedTree tree;
    private Optional<VerifiedChangeReader> followed = Optional.empty();
    private Optional<Head> followedFrom = Optional.empty();
    private long headAt = System.nanoTime();

    LedgerFollower(AuditLog log, Store store, KeyCustody custody, VerifiedTree tree) {
        this.log = log;
        this.store = store;
        this.custody = custody;
        this.tree = tree;
    }

    private Ledger ledger() {
        return custody.ledger();
    }

    /** Returns how the database's log differs from the one the ledger has seen. Empty if it does not. */
    Optional<String> difference() {
        return ledger().head()
                .flatMap(head -> tree.comparison()
                        .difference(head.size(), Base64.getDecoder().decode(head.root())));
    }

    /** Begins a ledger if there is none, or none that was written. Called after the node's own tree was compared. */
    synchronized void resume() {
        followedFrom = Optional.empty();
        olderRows().ifPresent(rows -> {
            throw new Refused(Problem.KEYS_REFUSED, rows.told() + " Two custodians take it by `log accept`.");
        });
        difference().ifPresent(how -> {
            throw LogComparison.changed(how);
        });
        if (ledger().head().isEmpty()) {
            begin(tree.follow());
        }
    }

    /** Begins a ledger with the erased patrons of a database whose rows are of that tree. */
    private void begin(Frontier own) {
        List<Note> notes = new ArrayList<>();
        store.read(tx -> {
            tx.sweep().forEachErased((patron, version) -> notes.add(new Erased(patron, 0)));
            return notes;
        });
        // Another process was faster, and knows the same.
        boolean unused = ledger().add(Optional.empty(), notes, head(own, false));
    }

    private Head head(Frontier tree, boolean accepted) {
        return new Head(
                tree.size(),
                Base64.getEncoder().encodeToString(tree.root()),
                custody.mark().revision(),
                accepted);
    }

    /**
     * Notes that people accepted the log as it is now, with rows of that tree, in place of the one the ledger has seen.
     */
    synchronized void accept(Frontier rows) {
        if (ledger().head().isEmpty()) {
            begin(rows);
        }
        add(List.of(), head(rows, true));
    }

    private void add(List<Note> notes, Head head) {
        boolean done = false;
        while (!done) {
            done = ledger().add(ledger().head(), notes, head);
        }
    }

    /** Refuses a ledger whose end cannot be read, before anything relies on it. */
    void requireReadable() {
        Optional<Head> unused = ledger().head();
    }

    /** Writes the missing notes, if possible; otherwise the next call does. */
    public void follow() {
        follow(false);
    }

    /** Writes the missing notes and the log's size at the end of the process. */
    public void followToTheEnd() {
        follow(true);
    }

    private void follow(boolean ends) {
        try {
            while (!step(List.of(), ends)) {
                // Another process was faster. Continues where that process stopped.
            }
        } catch (Refused | IntegrityException | StoreException | UncheckedIOException e) {
            // Sealed, a full disk, or keys that another process changed: nothing is lost, since the log has it. If the
            // log differs from what it was, the signer reports that.
        }
    }

    /**
     * Writes a note that the log will not carry. It is on disk when this returns. Refused if there is no ledger for it.
     */
    public void note(Note note) {
        while (!step(List.of(note), false)) {
            // As above.
        }
    }

    private synchronized boolean step(List<Note> besides, boolean ends) {
        Optional<Head> last = ledger().head();
        if (last.isEmpty() && !besides.isEmpty()) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "keys/ledger is gone: put the newest back. The next start makes one of what the database knows.");
        }
        if (last.isEmpty() || last.get().accepted()) {
            return true;
        }
        // Notes followed beyond the end of another ledger may be missing in this ledger.
        Optional<VerifiedChangeReader> before = followed.filter(one -> followedFrom.equals(last));
        long from = before.map(one -> one.read().size()).orElse(last.get().size());
        boolean isDue = ends || System.nanoTime() - headAt >= STEP_NANOS;
        if (log.reader().size() == (isDue ? last.get().size() : from) && besides.isEmpty()) {
            return true;
        }
        List<Note> notes = new ArrayList<>();
        VerifiedChangeReader reading = before.map(VerifiedChangeReader::copy).orElseGet(() -> log.reading(from));
        reading.readOn(page -> notes.addAll(LedgerNotes.of(page)));
        notes.addAll(besides);
        Frontier read = reading.read();
        boolean isLittle = notes.isEmpty() && !isDue && read.size() - last.get().size() < STEP;
        boolean written = isLittle || ledger().add(last, notes, head(read, false));
        if (written) {
            followed = Optional.of(reading);
            followedFrom = isLittle ? last : ledger().head();
            headAt = isLittle ? headAt : System.nanoTime();
        }
        return written;
    }

    /** Returns all patrons the ledger knows to be erased, with the entry that says so; 0 if that entry is unknown. */
    public Map<PatronId, Long> erased() {
        Map<PatronId, Long> erased = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof Erased one) {
                erased.put(one.patron(), one.entry());
            }
        });
        return erased;
    }

    /** Returns the erased fields of each patron that a log of that size does not record. */
    public Map<PatronId, Set<PatronField>> emptiedAfter(long size) {
        Map<PatronId, Set<PatronField>> emptied = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof Emptied one && (one.entry() >= size || !LedgerNotes.isIn(log.reader(), one))) {
                emptied.computeIfAbsent(one.patron(), id -> new HashSet<>()).add(one.field());
            }
        });
        return emptied;
    }

    /** Returns where patrons were forgotten, ever, sealed. */
    public Map<PatronId, List<ForgottenAt>> forgotten() {
        Map<PatronId, List<ForgottenAt>> forgotten = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof ForgottenAt one) {
                forgotten.computeIfAbsent(one.patron(), id -> new ArrayList<>()).add(one);
            }
        });
        return forgotten;
    }

    /** Returns the obligations that are open. Empty unless people accepted another log since the last time. */
    public Optional<RestoreObligations> due() {
        return accepted().map(rows -> {
            LedgerObligations due =
                    new LedgerObligations(note -> note.entry() < rows.size() && LedgerNotes.isIn(log.reader(), note));
            ledger().forEach(due::add);
            unnoted(rows).notes().forEach(due::add);
            return due.all();
        });
    }

    /** Returns the log of the database's rows, until people have accepted it by an entry, and in the ledger. */
    Optional<RowsBehindLog> olderRows() {
        return store.read(tx -> RowsBehindLog.read(tx, custody.keys()))
                .filter(rows ->
                        accepted().filter(head -> head.size() == rows.rows()).isEmpty()
                                || !store.read(rows::isAccepted));
    }

    /** Returns the log that the rows are of, if later events are yet to be made good. */
    private Optional<Head> accepted() {
        return ledger().head().filter(Head::accepted);
    }

    /** The notes that the ledger lacks of a log, up to that tree. */
    private record Unnoted(List<Note> notes, Frontier read) {}

    /**
     * Reads the log since the rows' size, or since the followed size if that is smaller. Leaves out notes that are in
     * the ledger already, or that a later note there replaces.
     */
    private Unnoted unnoted(Head rows) {
        Head[] followed = {rows};
        ledger().forEach(line -> {
            if (line instanceof Head head && !head.accepted()) {
                followed[0] = head;
            }
        });
        byte[] root = Base64.getDecoder().decode(followed[0].root());
        boolean same = store.read(tx -> LogComparison.difference(tx, followed[0].size(), root))
                .isEmpty();
        long from = same ? Math.min(followed[0].size(), rows.size()) : rows.size();
        Set<LedgerLine> noted = new HashSet<>();
        Map<String, Long> consents = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof LoggedNote one && one.entry() >= from) {
                noted.add(line);
            }
            if (line instanceof Consented one) {
                consents.merge(one.purpose() + " " + one.patron(), one.entry(), Math::max);
            }
        });
        List<Note> notes = new ArrayList<>();
        VerifiedChangeReader reading = log.reading(from);
        reading.readOn(page -> LedgerNotes.of(page).stream()
                .filter(note -> !noted.contains(note))
                .filter(note -> !(note instanceof Consented one)
                        || consents.getOrDefault(one.purpose() + " " + one.patron(), 0L) < one.entry())
                .forEach(notes::add));
        return new Unnoted(notes, reading.read());
    }

    /** Notes that all obligations are met. */
    public synchronized void made() {
        accepted().ifPresent(rows -> {
            Unnoted unnoted = unnoted(rows);
            // First: work that is repeated does no harm, and these obligations are unknown once the note is gone.
            if (store.read(tx -> RowsBehindLog.read(tx, custody.keys())).isPresent()) {
                store.write(tx -> {
                    RowsBehindLog.forget(tx);
                    return tx;
                });
            }
            add(unnoted.notes(), head(unnoted.read(), false));
        });
    }

    /** Notes which entry now records the erasure of these patrons, while others are yet to be erased. */
    public synchronized void made(List<PatronId> erased, long entry) {
        accepted()
                .ifPresent(rows -> add(
                        erased.stream()
                                .<Note>map(patron -> new Erased(patron, entry))
                                .toList(),
                        rows));
    }
}
