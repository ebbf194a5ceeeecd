package org.patronvault.core.store.table;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.store.sql.Jdbc;

/**
 * The table {@code key_use}: how many cells of a field each version of its KEK encrypts. Whoever writes cells counts
 * them in the same transaction. The counts are shown, and nothing depends on them (format.md, "Use of keys"). For the
 * thread of its transaction.
 */
final class KeyUse {
    private static final String ADD = "INSERT INTO key_use (field, version, count) VALUES (?, ?, ?)"
            + " ON CONFLICT (field, version) DO UPDATE SET count = key_use.count + excluded.count";

    private final Handle handle;
    private final Map<PatronField, Map<Integer, Long>> changes = new TreeMap<>();

    KeyUse(Handle handle) {
        this.handle = handle;
    }

    /** Counts all cells of new patrons, and writes the counts. */
    void added(List<StoredPatron> patrons) {
        patrons.forEach(patron -> patron.values().values().forEach(value -> count(value, 1)));
        write();
    }

    /** Counts cells in the place of the stored ones. */
    void replaced(StoredPatron before, Collection<ValueRow> values) {
        for (ValueRow value : values) {
            before.value(value.field()).ifPresent(old -> count(old, -1));
            count(value, 1);
        }
    }

    /** Counts the cells of a patron who is no longer stored. */
    void removed(Map<PatronField, ValueRow> cells) {
        cells.values().forEach(value -> count(value, -1));
    }

    /** Replaces the counts of a field whose cells are all under one version. */
    void allUnder(PatronField field, int version, long cells) {
        int unused = Jdbc.execute(
                handle, "DELETE FROM key_use WHERE field = ?", statement -> statement.setString(1, field.wireName()));
        changes.computeIfAbsent(field, any -> new TreeMap<>()).put(version, cells);
        write();
    }

    private void count(ValueRow value, long by) {
        changes.computeIfAbsent(value.field(), field -> new TreeMap<>())
                .merge(WrapRows.kekVersion(value), by, Long::sum);
    }

    /** Writes the counts that changed. */
    void write() {
        changes.forEach((field, versions) -> versions.forEach((version, by) -> {
            if (by != 0) {
                int unused = Jdbc.execute(handle, ADD, statement -> {
                    statement.setString(1, field.wireName());
                    statement.setLong(2, version);
                    statement.setLong(3, by);
                });
            }
        }));
        changes.clear();
    }
}
