package org.patronvault.core.store.table;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.KeysetScan;
import org.patronvault.core.store.sql.RequiredColumn;

/**
 * The table {@code log_view}: the log entries that name a patron, under labels that do not reveal the patron. Many rows
 * travel as arrays that the statement takes apart, as in {@link IndexRows}.
 */
public final class ViewRows {
    /** Size of a label in bytes. */
    public static final int LABEL_BYTES = IndexRows.LABEL_BYTES;

    private static final int PART = 1_000;
    private static final Comparator<Entry> BY_LABEL = Comparator.comparing(entry -> ByteBuffer.wrap(entry.label()));
    private static final String LABEL = "substr(?, i * 16 + 1, 16)";
    private static final String VALUE = "substr(?, i * 24 + 1, 24)";

    /** One row: a label of 16 bytes, a value of 24. */
    public record Entry(int month, byte[] label, byte[] value) {}

    private final Handle handle;
    private final Dialect dialect;

    ViewRows(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    /**
     * Returns the values at those labels of a month; keys of the map wrap the labels found.
     *
     * @param labels {@value #LABEL_BYTES} bytes each
     */
    public Map<ByteBuffer, byte[]> find(int month, byte[] labels) {
        return Labels.find(handle, dialect, "log_view", "month = " + month + " AND label", labels);
    }

    /**
     * Adds rows of a month in the order of their random labels.
     *
     * @return how many were added; fewer than given means that a label was taken, and no error says which
     */
    public int insert(int month, List<Entry> entries) {
        List<Entry> sorted = entries.stream().sorted(BY_LABEL).toList();
        String sql = "INSERT INTO log_view (month, label, value) " + dialect.counted() + " SELECT ?, " + LABEL + ", "
                + VALUE + " FROM n WHERE true ON CONFLICT DO NOTHING";
        int added = 0;
        for (int from = 0; from < sorted.size(); from += PART) {
            List<Entry> part = sorted.subList(from, Math.min(from + PART, sorted.size()));
            ByteArrayOutputStream labels = new ByteArrayOutputStream();
            ByteArrayOutputStream values = new ByteArrayOutputStream();
            part.forEach(entry -> {
                labels.writeBytes(entry.label());
                values.writeBytes(entry.value());
            });
            added += Jdbc.execute(handle, sql, statement -> {
                statement.setInt(1, part.size());
                statement.setInt(2, month);
                statement.setBytes(3, labels.toByteArray());
                statement.setBytes(4, values.toByteArray());
            });
        }
        return added;
    }

    /**
     * Deletes some of the rows of a month.
     *
     * @param next returns the first month with rows after the deletion
     * @throws IntegrityException if none was deleted and the month still has rows, since the task would never end
     */
    public void delete(int month, int atMost, Supplier<OptionalInt> next) {
        int deleted = Jdbc.execute(
                handle,
                "DELETE FROM log_view WHERE month = ? AND label IN"
                        + " (SELECT label FROM log_view WHERE month = ? ORDER BY label LIMIT ?)",
                statement -> {
                    statement.setInt(1, month);
                    statement.setInt(2, month);
                    statement.setInt(3, atMost);
                });
        int unused = KeysetScan.gone(deleted, () -> !next.get().equals(OptionalInt.of(month)));
    }

    /** Returns the first month with rows after a month. */
    public OptionalInt monthAfter(int month) {
        return Jdbc.first(
                        handle,
                        "SELECT month FROM log_view WHERE month > ? ORDER BY month LIMIT 1",
                        statement -> statement.setInt(1, month),
                        row -> OptionalInt.of(Math.toIntExact(KeysetScan.above(month, row.getInt(1)))))
                .orElse(OptionalInt.empty());
    }

    /** Returns rows of a month in the order of labels, after a label. */
    public List<Entry> after(int month, byte[] label, int limit) {
        List<Entry> entries = new ArrayList<>();
        byte[][] last = {label};
        Jdbc.query(
                handle,
                "SELECT label, value FROM log_view WHERE month = ? AND label > ? ORDER BY label LIMIT ?",
                statement -> {
                    statement.setInt(1, month);
                    statement.setBytes(2, label);
                    statement.setInt(3, limit);
                },
                row -> {
                    last[0] = KeysetScan.above(last[0], RequiredColumn.bytes(row, 1));
                    entries.add(new Entry(month, last[0], RequiredColumn.bytes(row, 2)));
                });
        return entries;
    }
}
