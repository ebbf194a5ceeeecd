package org.patronvault.store;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** The table {@code log_view}: which entries of the log name a patron, under labels that do not say which patron. */
public final class ViewRows {
    /** Size of a label in bytes. */
    public static final int LABEL_BYTES = 16;

    private static final Comparator<Entry> BY_LABEL = Comparator.comparing(entry -> ByteBuffer.wrap(entry.label()));

    /** One row. */
    public record Entry(int month, byte[] label, byte[] value) {}

    private final Handle handle;

    ViewRows(Handle handle) {
        this.handle = handle;
    }

    /** The values at those labels of a month; keys of the map wrap the labels found. */
    public Map<ByteBuffer, byte[]> find(int month, List<byte[]> labels) {
        Map<ByteBuffer, byte[]> found = new HashMap<>();
        Jdbc.query(
                handle,
                "SELECT label, value FROM log_view WHERE month = ? AND label = ?",
                labels,
                (statement, label) -> {
                    statement.setInt(1, month);
                    statement.setBytes(2, label);
                },
                row -> found.put(ByteBuffer.wrap(row.getBytes(1)), row.getBytes(2)));
        return found;
    }

    /**
     * Adds rows in the order of their labels, which is no order.
     *
     * @return how many were added; fewer than given means that a label was taken, and no error says which
     */
    public int insert(List<Entry> entries) {
        return Jdbc.execute(
                handle,
                "INSERT INTO log_view (month, label, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                entries.stream().sorted(BY_LABEL).toList(),
                (statement, entry) -> {
                    statement.setInt(1, entry.month());
                    statement.setBytes(2, entry.label());
                    statement.setBytes(3, entry.value());
                });
    }

    /** Deletes rows of a month, some of them; returns how many. */
    public int delete(int month, int atMost) {
        return Jdbc.execute(
                handle,
                "DELETE FROM log_view WHERE month = ? AND label IN"
                        + " (SELECT label FROM log_view WHERE month = ? ORDER BY label LIMIT ?)",
                statement -> {
                    statement.setInt(1, month);
                    statement.setInt(2, month);
                    statement.setInt(3, atMost);
                });
    }

    /** The first month after that one of which there are rows. */
    public OptionalInt monthAfter(int month) {
        Optional<Integer> next = Jdbc.first(
                handle,
                "SELECT month FROM log_view WHERE month > ? ORDER BY month LIMIT 1",
                statement -> statement.setInt(1, month),
                row -> row.getInt(1));
        return next.map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    /** How many rows each month has. */
    public SortedMap<Integer, Long> count() {
        SortedMap<Integer, Long> counts = new TreeMap<>();
        Jdbc.query(
                handle,
                "SELECT month, count(*) FROM log_view GROUP BY month",
                statement -> {},
                row -> counts.put(row.getInt(1), row.getLong(2)));
        return counts;
    }

    /** Rows of a month in the order of labels, after that one. */
    public List<Entry> after(int month, byte[] label, int limit) {
        List<Entry> entries = new java.util.ArrayList<>();
        Jdbc.query(
                handle,
                "SELECT label, value FROM log_view WHERE month = ? AND label > ? ORDER BY label LIMIT ?",
                statement -> {
                    statement.setInt(1, month);
                    statement.setBytes(2, label);
                    statement.setInt(3, limit);
                },
                row -> entries.add(new Entry(month, row.getBytes(1), row.getBytes(2))));
        return entries;
    }
}
