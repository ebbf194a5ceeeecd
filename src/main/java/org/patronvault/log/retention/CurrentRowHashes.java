package org.patronvault.log.retention;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * The current writes and erasures that the log records only under the content keys of certain months: those of these
 * months, minus any that a later entry repeats. With too many patrons it stops adding, but still removes; another
 * object continues where it stopped. Not safe for use by many threads at once.
 */
final class CurrentRowHashes {
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
    CurrentRowHashes(Set<Integer> months, long from, int atMost) {
        this.months = months;
        this.taken = from;
        this.read = from;
        this.atMost = atMost;
    }

    /** The first log entry not yet read. */
    long read() {
        return read;
    }

    /** The first log entry whose patrons were not added. */
    long taken() {
        return taken;
    }

    /** Whether none of the added writes and erasures is current any more. */
    boolean isEmpty() {
        return rows.isEmpty() && erased.isEmpty();
    }

    /** Adds the next page of the log, which must begin where the one before ended. */
    void add(LogChanges page) {
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
            Map<PatronField, Row> last = rows.computeIfAbsent(changed.patron(), id -> new EnumMap<>(PatronField.class));
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
    void doubt(long end) {
        rows.values().forEach(last -> last.values().removeIf(row -> row.entry() < end));
        rows.values().removeIf(Map::isEmpty);
    }

    /** Some patrons with current rows, with those rows. */
    List<Subject> written(int limit) {
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
    List<Subject> erased(int limit) {
        return erased.stream()
                .limit(limit)
                .map(id -> Subject.opened(id, Set.of(PatronField.values())))
                .toList();
    }
}
