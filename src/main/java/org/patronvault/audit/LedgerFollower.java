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
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.Ledger;
import org.patronvault.keys.LedgerLine.Head;
import org.patronvault.keys.LedgerLine.Note;
import org.patronvault.keys.LedgerLine.What;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;
import org.patronvault.tlog.Frontier;

/**
 * Writes down in {@code keys/ledger} who is erased and who takes the consent back, as the log says it: after the commit,
 * and after a crash what is missing. A database that is put back is told by it from the one that was there, and what it
 * does not know of is made good before anybody is served. Safe for use by many threads.
 */
public final class LedgerFollower {
    /** In an entry's {@code about}: the patron took back the consent to the service. */
    public static final String WITHDRAWN = "service-withdrawn";

    /** In an entry's {@code about}: the patron gave it again. */
    public static final String GIVEN = "service-given";

    /** So many entries are read again after a restart at most. */
    private static final long STEP = 10_000;

    /**
     * What is to be made good in a database that was put back.
     *
     * @param erased who is not to be there, with the entry that said so
     * @param withdrawn who took the consent back, and was not erased since
     */
    public record Due(Map<PatronId, Long> erased, Set<PatronId> withdrawn) {}

    private final AuditLog log;
    private final Store store;
    private final KeyCustody custody;
    private final OwnTree tree;
    private long followed;
    private Optional<Head> followedFrom = Optional.empty();

    LedgerFollower(AuditLog log, Store store, KeyCustody custody, OwnTree tree) {
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
                .flatMap(head -> store.read(tx ->
                        OwnTree.difference(tx, head.size(), Base64.getDecoder().decode(head.root()))));
    }

    /** After the node's own tree was compared: begins a ledger where there is none. */
    synchronized void resume() {
        followedFrom = Optional.empty();
        difference().ifPresent(how -> {
            throw OwnTree.changed(how);
        });
        if (!ledger().exists()) {
            begin();
        }
    }

    private void begin() {
        List<Note> notes = new ArrayList<>();
        Frontier own = store.read(tx -> {
            tx.sweep().forEachErased((patron, version) -> notes.add(new Note(What.ERASED, patron, 0)));
            return tree.follow();
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

    /** Notes that people took the log as it is now in place of the one the ledger has seen. */
    synchronized void accept() {
        add(List.of(), true);
    }

    private void add(List<Note> notes, boolean accepted) {
        boolean done = false;
        while (!done) {
            done = ledger().add(ledger().head(), notes, head(tree.follow(), accepted));
        }
    }

    /** Refuses a ledger whose end cannot be read, before anything rests on it. */
    void requireReadable() {
        Optional<Head> unused = ledger().head();
    }

    /** Writes down what is missing, if it can be written; else with the next call. */
    public void follow() {
        try {
            while (!step()) {
                // Another process was faster; from where it has come to.
            }
        } catch (Refused | IntegrityException | StoreException | UncheckedIOException e) {
            // Sealed, a full disk, or keys that another process changed: nothing is lost, since the log has it. A log
            // that is not as it was is told of by who signs it.
        }
    }

    private synchronized boolean step() {
        Optional<Head> last = ledger().head();
        if (last.isEmpty() || last.get().accepted()) {
            return true;
        }
        // What was followed beyond the end of another ledger may not be in this one.
        long from = followedFrom.equals(last) ? followed : last.get().size();
        if (log.reader().size() == from) {
            return true;
        }
        List<Note> notes = new ArrayList<>();
        BoundReading reading = log.reading(from);
        reading.readOn(page -> page.changes().forEach(changed -> note(changed).ifPresent(notes::add)));
        Frontier read = reading.read();
        boolean isLittle = notes.isEmpty() && read.size() - last.get().size() < STEP;
        boolean written = isLittle || ledger().add(last, notes, head(read, false));
        if (written) {
            followed = read.size();
            followedFrom = isLittle ? last : ledger().head();
        }
        return written;
    }

    private static Optional<Note> note(LogReader.Changed changed) {
        // Who was merged into another was not erased for good: of a database from before it both come back.
        boolean isErased = changed.said().act() == Act.ERASE && changed.said().outcome() == Outcome.ERASED;
        Optional<What> what =
                isErased ? Optional.of(What.ERASED) : changed.said().about().flatMap(LedgerFollower::what);
        return what.map(one -> new Note(one, changed.patron(), changed.entry()));
    }

    private static Optional<What> what(String about) {
        return switch (about) {
            case WITHDRAWN -> Optional.of(What.WITHDRAWN);
            case GIVEN -> Optional.of(What.GIVEN);
            default -> Optional.empty();
        };
    }

    /** Everybody the ledger knows to be erased, with the entry that says so; 0 where nobody knows which. */
    public Map<PatronId, Long> erased() {
        Map<PatronId, Long> erased = new HashMap<>();
        ledger().forEach(line -> {
            if (line instanceof Note note && note.what() == What.ERASED) {
                erased.put(note.patron(), note.entry());
            }
        });
        return erased;
    }

    /** What is to be made good; empty unless people took another log since the last time. */
    public Optional<Due> due() {
        if (ledger().head().filter(Head::accepted).isEmpty()) {
            return Optional.empty();
        }
        Due due = new Due(new HashMap<>(), new HashSet<>());
        ledger().forEach(line -> {
            if (line instanceof Note note) {
                switch (note.what()) {
                    case ERASED -> due.erased().put(note.patron(), note.entry());
                    case WITHDRAWN -> due.withdrawn().add(note.patron());
                    case GIVEN -> due.withdrawn().remove(note.patron());
                }
            }
        });
        due.withdrawn().removeAll(due.erased().keySet());
        return Optional.of(due);
    }

    /** Notes that it was made good. */
    public synchronized void made() {
        add(List.of(), false);
    }

    /** Notes which entry says now that they were erased, while others are yet to be. */
    public synchronized void made(List<PatronId> erased, long entry) {
        add(erased.stream().map(patron -> new Note(What.ERASED, patron, entry)).toList(), true);
    }
}
