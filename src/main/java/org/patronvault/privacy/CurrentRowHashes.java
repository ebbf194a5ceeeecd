package org.patronvault.privacy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.audit.LogChanges;
import org.patronvault.audit.RowsBehindLog;
import org.patronvault.audit.Subject;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/**
 * What the log says was written or erased last, as far as it says so under the content keys of certain months: rows and
 * erasures of those months, less what any entry after them says again. It takes in no more patrons once there are many,
 * but goes on to take away; another goes on where it took in no more. Not safe for use by many threads at once.
 */
final class CurrentRowHashes {
    /** A write, and the entry that says so. */
    private record Row(long entry, Subject.Write write) {}

    private final Set<Integer> months;
    private final int atMost;
    private final Map<PatronId, Map<PatronField, Row>> rows = new LinkedHashMap<>();
    private final Set<PatronId> erased = new LinkedHashSet<>();
    private long taken;
    private long read;

    /**
     * Nothing yet.
     *
     * @param months as yyyymm
     * @param from the entry to begin with
     * @param atMost how many patrons are many
     */
    CurrentRowHashes(Set<Integer> months, long from, int atMost) {
        this.months = months;
        this.taken = from;
        this.read = from;
        this.atMost = atMost;
    }

    /** Up to which entry the log was read, exclusive. */
    long read() {
        return read;
    }

    /** Up to which entry patrons were taken in, exclusive. */
    long taken() {
        return taken;
    }

    /** Whether nothing is current any more, of what was taken in. */
    boolean isEmpty() {
        return rows.isEmpty() && erased.isEmpty();
    }

    /** Takes the next page of the log, which must begin where the one before ended. */
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

    /** What accepted rows miss is nowhere any more. */
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

    /** Of what was written before that entry nobody can tell whether it is current: it is not said again. */
    void doubt(long end) {
        rows.values().forEach(last -> last.values().removeIf(row -> row.entry() < end));
        rows.values().removeIf(Map::isEmpty);
    }

    /** Some of whom rows are current, with those. */
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

    /** Some who were erased. */
    List<Subject> erased(int limit) {
        return erased.stream()
                .limit(limit)
                .map(id -> Subject.opened(id, Set.of(PatronField.values())))
                .toList();
    }
}
