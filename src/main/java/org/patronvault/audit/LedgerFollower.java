package org.patronvault.audit;

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
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.Ledger;
import org.patronvault.keys.LedgerLine;
import org.patronvault.keys.LedgerLine.Consented;
import org.patronvault.keys.LedgerLine.Emptied;
import org.patronvault.keys.LedgerLine.Erased;
import org.patronvault.keys.LedgerLine.ForgottenAt;
import org.patronvault.keys.LedgerLine.Head;
import org.patronvault.keys.LedgerLine.LoggedNote;
import org.patronvault.keys.LedgerLine.Note;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.tlog.Frontier;

/**
 * Writes down in {@code keys/ledger} who is erased, who takes a consent back, and from whom something is taken away, as
 * the log says it: after the commit, and after a crash what is missing; and who is forgotten at a vendor, which the log
 * does not say, before. A database that is put back is told by it from the one that was there, and what it does not know
 * of is made good before anybody is served. Safe for use by many threads.
 */
public final class LedgerFollower {
    /** So many entries, and no older ones, are read again after a restart at most. */
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

    /** How the database's log is not the one that the ledger has seen, if it is not. */
    Optional<String> difference() {
        return ledger().head()
                .flatMap(head -> tree.comparison()
                        .difference(head.size(), Base64.getDecoder().decode(head.root())));
    }

    /** After the node's own tree was compared: begins a ledger where there is none, or none that was written. */
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

    /** With who is erased in a database whose rows are of that tree. */
    private void begin(Frontier own) {
        List<Note> notes = new ArrayList<>();
        store.read(tx -> {
            tx.sweep().forEachErased((patron, version) -> notes.add(new Erased(patron, 0)));
            return notes;
        });
        // Another process that was faster knows the same.
        boolean unused = ledger().add(Optional.empty(), notes, head(own, false));
    }

    private Head head(Frontier tree, boolean accepted) {
        return new Head(
                tree.size(),
                Base64.getEncoder().encodeToString(tree.root()),
                custody.mark().revision(),
                accepted);
    }

    /** Notes that people took the log as it is now, with rows of that tree, in place of the one the ledger has seen. */
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

    /** Refuses a ledger whose end cannot be read, before anything rests on it. */
    void requireReadable() {
        Optional<Head> unused = ledger().head();
    }

    /** Writes down what is missing, if it can be written; else with the next call. */
    public void follow() {
        follow(false);
    }

    /** Writes down at the end of the process what is missing, and how far the log has come. */
    public void followToTheEnd() {
        follow(true);
    }

    private void follow(boolean ends) {
        try {
            while (!step(List.of(), ends)) {
                // Another process was faster; from where it has come to.
            }
        } catch (Refused | IntegrityException | StoreException | UncheckedIOException e) {
            // Sealed, a full disk, or keys that another process changed: nothing is lost, since the log has it. A log
            // that is not as it was is told of by who signs it.
        }
    }

    /** Writes down what the log will not say; on disk when this returns. Refused where there is no ledger for it. */
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
        // What was followed beyond the end of another ledger may not be in this one.
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

    /** Everybody the ledger knows to be erased, with the entry that says so; 0 where nobody knows which. */
    public Map<PatronId, Long> erased() {
        Map<PatronId, Long> erased = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof Erased one) {
                erased.put(one.patron(), one.entry());
            }
        });
        return erased;
    }

    /** Of whom which fields were erased that a log of that size does not tell of. */
    public Map<PatronId, Set<PatronField>> emptiedAfter(long size) {
        Map<PatronId, Set<PatronField>> emptied = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof Emptied one && (one.entry() >= size || !LedgerNotes.isIn(log.reader(), one))) {
                emptied.computeIfAbsent(one.patron(), id -> new HashSet<>()).add(one.field());
            }
        });
        return emptied;
    }

    /** Where patrons were forgotten, ever, sealed. */
    public Map<PatronId, List<ForgottenAt>> forgotten() {
        Map<PatronId, List<ForgottenAt>> forgotten = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof ForgottenAt one) {
                forgotten.computeIfAbsent(one.patron(), id -> new ArrayList<>()).add(one);
            }
        });
        return forgotten;
    }

    /** What is to be made good; empty unless people took another log since the last time. */
    public Optional<RestoreObligations> due() {
        return accepted().map(rows -> {
            LedgerObligations due =
                    new LedgerObligations(note -> note.entry() < rows.size() && LedgerNotes.isIn(log.reader(), note));
            ledger().forEach(due::add);
            unnoted(rows).notes().forEach(due::add);
            return due.all();
        });
    }

    /** What the database's rows are of, until people have accepted it: by an entry, and in the ledger. */
    Optional<RowsBehindLog> olderRows() {
        return store.read(tx -> RowsBehindLog.read(tx, custody.keys()))
                .filter(rows ->
                        accepted().filter(head -> head.size() == rows.rows()).isEmpty()
                                || !store.read(rows::isAccepted));
    }

    /** The log that the rows are of, if what was there since is yet to be made good. */
    private Optional<Head> accepted() {
        return ledger().head().filter(Head::accepted);
    }

    /** What the ledger lacks of a log, up to that tree. */
    private record Unnoted(List<Note> notes, Frontier read) {}

    /**
     * What the log says since what the rows are of, or since it was followed before, if that was less, but for what stands
     * in the ledger all the same, or was taken back by what stands there: one that knows of more has it in its place.
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

    /** Notes that it was made good. */
    public synchronized void made() {
        accepted().ifPresent(rows -> {
            Unnoted unnoted = unnoted(rows);
            // First: what is made good twice is made good, and what this says is not known of once it is gone.
            if (store.read(tx -> RowsBehindLog.read(tx, custody.keys())).isPresent()) {
                store.write(tx -> {
                    RowsBehindLog.forget(tx);
                    return tx;
                });
            }
            add(unnoted.notes(), head(unnoted.read(), false));
        });
    }

    /** Notes which entry says now that they were erased, while others are yet to be. */
    public synchronized void made(List<PatronId> erased, long entry) {
        accepted()
                .ifPresent(rows -> add(
                        erased.stream()
                                .<Note>map(patron -> new Erased(patron, entry))
                                .toList(),
                        rows));
    }
}
