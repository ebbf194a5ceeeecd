package org.patronvault.log.retention;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Unit;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Act;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.log.read.MissingContentKeys;
import org.patronvault.core.log.tree.VerifiedChangeReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.store.table.Tx;

/**
 * The repetition of row hashes and erasures that only an expiring month of the log records. Without it a rolled-back
 * row could no longer be detected, and a restore would bring erased patrons back. The log alone decides what is
 * current, not the rows, which could have been edited. It holds as many patrons at a time as fit into memory. Repeated
 * hashes are not repeated again, so a stop costs one more reading of the log. It trusts no entry it has not hashed
 * itself, since repeated hashes are trusted for good. For one thread.
 */
final class RowHashRelog {
    /** How many patrons one unit carries. */
    static final int AT_ONCE = 50 * AccessEvent.MAX_SUBJECTS;

    private static final long BYTES_EACH = 1_200;

    /** How many patrons fit into an eighth of the memory. */
    static final int IN_MEMORY =
            (int) Math.min(1_000_000, Math.max(1_000, Runtime.getRuntime().maxMemory() / 8 / BYTES_EACH));

    private final AuditLog log;
    private final Set<Integer> months;
    private final int atMost;
    private final Runnable rest;
    private final MissingContentKeys lost = new MissingContentKeys();
    private CurrentRowHashes current;
    private VerifiedChangeReader reading;
    private VerifiedChangeReader taken;

    /**
     * A repetition that has not begun.
     *
     * @param months as yyyymm
     * @param atMost how many patrons are held at once
     * @param rest called again and again; may wait, or throw to end it
     */
    RowHashRelog(AuditLog log, Set<Integer> months, int atMost, Runnable rest) {
        this.log = log;
        this.months = Set.copyOf(months);
        this.atMost = atMost;
        this.rest = rest;
        this.current = new CurrentRowHashes(this.months, 0, atMost);
        this.reading = log.reading(0);
        this.taken = reading;
    }

    /** Repeats everything. */
    void run() {
        readOn();
        while (!isDone()) {
            if (current.isEmpty()) {
                current = new CurrentRowHashes(months, current.taken(), atMost);
                reading = taken.copy();
            } else {
                AccessEvent event = log.event(Actor.VAULT, Act.CARRY, Outcome.WRITTEN, AuditLog.newRequest());
                AuditLog.await(log.appendBulk(Unit.readingLog(event, tx -> carry(tx, event))));
            }
            readOn();
        }
    }

    /** Whether nothing is left to repeat, as of the log in that snapshot. */
    boolean isDone(Tx tx) {
        catchUp(tx);
        return isDone();
    }

    private boolean isDone() {
        return current.isEmpty() && current.taken() == current.read();
    }

    /** Reads nearly to the end of the log, so that a unit has little left to read while it blocks other writers. */
    void readOn() {
        reading.readOn(page -> {
            add(page);
            rest.run();
        });
        current.doubt(lost.end());
    }

    private void catchUp(Tx tx) {
        reading.catchUp(tx, this::add);
        current.doubt(lost.end());
    }

    private void add(LogChanges page) {
        current.add(page);
        lost.add(page);
        if (current.taken() == current.read()) {
            taken = reading.copy();
        }
    }

    /**
     * Logs the current writes again. Patrons written or erased since the log was read have an entry by now, and are
     * left out.
     */
    private List<AccessEvent> carry(Tx tx, AccessEvent event) {
        catchUp(tx);
        List<Subject> written = current.written(AT_ONCE);
        List<AccessEvent> events = entries(event, written);
        events.addAll(entries(event.ending(Outcome.ERASED), current.erased(AT_ONCE - written.size())));
        return events.isEmpty() ? List.of(event) : events;
    }

    private static List<AccessEvent> entries(AccessEvent event, List<Subject> subjects) {
        return new ArrayList<>(
                AccessEvent.inEntries(subjects).stream().map(event::on).toList());
    }
}
