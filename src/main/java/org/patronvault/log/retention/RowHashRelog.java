package org.patronvault.log.retention;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Deciding;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.log.read.MissingContentKeys;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.log.tree.VerifiedChangeReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.Tx;

/**
 * The repetition of row hashes and erasures that only an expiring month of the log records. Without it a rolled-back
 * row could no longer be detected, and a restore would bring erased patrons back. The log alone decides what is
 * current, not the rows, which could have been edited. It holds as many patrons at a time as fit into memory. Repeated
 * hashes are not repeated again, so a stop costs one more reading of the log. It trusts no entry it has not hashed
 * itself, since repeated hashes are trusted for good. For one thread.
 */
final class RowHashRelog {
    /** How many patrons one act carries. */
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
                AccessEvent event = log.event(Actor.VAULT, ActKind.CARRY, Outcome.WRITTEN, AuditLog.newRequest());
                log.call(AuditLog.readingLog(event, now -> repeat(event, now)), Lane.BULK);
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

    /** Reads nearly to the end of the log, so that an act has little left to read while it blocks other writers. */
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
    private Decision<AuditReceipt> repeat(AccessEvent event, Deciding now) {
        catchUp(now.tx());
        List<Subject> written = current.written(AT_ONCE);
        List<AccessEvent> events = entries(event, written);
        events.addAll(entries(event.ending(Outcome.ERASED), current.erased(AT_ONCE - written.size())));
        return Decision.done(events.isEmpty() ? List.of(event) : events);
    }

    private static List<AccessEvent> entries(AccessEvent event, List<Subject> subjects) {
        return new ArrayList<>(
                AccessEvent.inEntries(subjects).stream().map(event::on).toList());
    }

    /**
     * The current writes and erasures that the log records only under the content keys of certain months: those of
     * these months, minus any that a later entry repeats. With too many patrons it stops adding, but still removes;
     * another object continues where it stopped.
     */
    private static final class CurrentRowHashes {
        /** A write, and its log entry. */
        private record Row(long entry, Subject.Write write) {}

        private final Set<Integer> months;
        private final int atMost;
        private final Map<PatronId, Map<PatronField, Row>> rows = new LinkedHashMap<>();
        private final Set<PatronId> erased = new LinkedHashSet<>();
        private long taken;
        private long read;

        /**
         * An empty set.
         *
         * @param months as yyyymm
         * @param from the entry to begin with
         * @param atMost the number of patrons at which it stops adding
         */
        private CurrentRowHashes(Set<Integer> months, long from, int atMost) {
            this.months = months;
            this.taken = from;
            this.read = from;
            this.atMost = atMost;
        }

        /** The first log entry not yet read. */
        private long read() {
            return read;
        }

        /** The first log entry whose patrons were not added. */
        private long taken() {
            return taken;
        }

        /** Whether none of the added writes and erasures is current any more. */
        private boolean isEmpty() {
            return rows.isEmpty() && erased.isEmpty();
        }

        /** Adds the next page of the log, which must begin where the one before ended. */
        private void add(LogChanges page) {
            boolean takesIn = taken == read && rows.size() + erased.size() < atMost;
            for (LogChanges.ChangedPatron changed : page.changes()) {
                if (takesIn && months.contains(changed.month())) {
                    take(changed);
                } else {
                    drop(changed);
                }
            }
            page.older().forEach(this::lose);
            read = page.next();
            taken = takesIn ? read : taken;
        }

        /** Removes writes that are missing from accepted, restored rows. */
        private void lose(RowsBehindLog older) {
            rows.values().forEach(last -> last.values().removeIf(row -> older.isMissed(row.entry())));
            rows.values().removeIf(Map::isEmpty);
        }

        private void take(LogChanges.ChangedPatron changed) {
            if (changed.isErased()) {
                rows.remove(changed.patron());
                erased.add(changed.patron());
            } else {
                Map<PatronField, Row> last =
                        rows.computeIfAbsent(changed.patron(), id -> new EnumMap<>(PatronField.class));
                changed.subject().writes().forEach(write -> last.put(write.field(), new Row(changed.entry(), write)));
            }
        }

        private void drop(LogChanges.ChangedPatron changed) {
            if (changed.isErased()) {
                rows.remove(changed.patron());
                erased.remove(changed.patron());
            } else {
                rows.computeIfPresent(changed.patron(), (id, last) -> {
                    changed.subject().writes().forEach(write -> last.remove(write.field()));
                    return last.isEmpty() ? null : last;
                });
            }
        }

        /** Removes writes before that entry: it is unknown whether they are current, so they are not logged again. */
        private void doubt(long end) {
            rows.values().forEach(last -> last.values().removeIf(row -> row.entry() < end));
            rows.values().removeIf(Map::isEmpty);
        }

        /** Some patrons with current rows, with those rows. */
        private List<Subject> written(int limit) {
            List<Subject> written = new ArrayList<>();
            rows.entrySet().stream()
                    .limit(limit)
                    .forEach(one -> written.add(Subject.written(
                            one.getKey(),
                            one.getValue().keySet(),
                            one.getValue().values().stream().map(Row::write).toList())));
            return written;
        }

        /** Some erased patrons. */
        private List<Subject> erased(int limit) {
            return erased.stream()
                    .limit(limit)
                    .map(id -> Subject.opened(id, Set.of(PatronField.values())))
                    .toList();
        }
    }
}
