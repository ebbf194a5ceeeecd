package org.patronvault.patron;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/** The cells of an SQLite database, read and changed outside the vault through a connection of its own. */
public final class StoredCells {

    /** One cell: {@code key} says which row, as the columns of the primary key and their values. */
    public record Cell(String table, String column, List<String> keyColumns, List<Object> key, Object value) {

        /** The bytes a flip can hit: an integer has eight, a text those of its UTF-8, NULL none. */
        public byte[] bytes() {
            if (value instanceof Long number) {
                return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
            }
            if (value instanceof String text) {
                return text.getBytes(StandardCharsets.UTF_8);
            }
            return value == null ? new byte[0] : ((byte[]) value).clone();
        }

        private boolean isText() {
            return value instanceof String;
        }

        private Object of(byte[] bytes) {
            return value instanceof Long ? (Object) ByteBuffer.wrap(bytes).getLong() : bytes;
        }

        private Cell keyed(Object changed) {
            int at = keyColumns.indexOf(column);
            if (at < 0) {
                return this;
            }
            List<Object> moved = new ArrayList<>(key);
            moved.set(at, changed);
            return new Cell(table, column, keyColumns, moved, value);
        }

        @Override
        public String toString() {
            return table + "." + column + key;
        }
    }

    private final Connection connection;

    public StoredCells(Connection connection) {
        this.connection = connection;
    }

    /** Every cell of the patron: the unencrypted columns, and generation and envelope of each value. */
    public List<Cell> ofPatron(PatronId id) {
        List<Cell> cells = new ArrayList<>();
        for (String column : List.of(
                "id", "version", "index_generation", "library", "category", "status", "expires", "registered")) {
            cells.add(cell("patron", column, List.of("id"), List.of(id.number())));
        }
        for (PatronField field : PatronField.values()) {
            for (String column : List.of("generation", "envelope")) {
                cells.add(ofValue(id, field, column));
            }
        }
        return cells;
    }

    /** A cell of one value. */
    public Cell ofValue(PatronId id, PatronField field, String column) {
        return cell("cell", column, List.of("patron", "field"), List.of(id.number(), field.wireName()));
    }

    /** Label and value of each of those index entries. */
    public List<Cell> ofIndex(byte[] labels) {
        List<Cell> cells = new ArrayList<>();
        for (int at = 0; at < labels.length; at += 16) {
            List<Object> key = List.of(Arrays.copyOfRange(labels, at, at + 16));
            cells.add(cell("search_index", "label", List.of("label"), key));
            cells.add(cell("search_index", "value", List.of("label"), key));
        }
        return cells;
    }

    private Cell cell(String table, String column, List<String> keyColumns, List<Object> key) {
        String sql = "SELECT " + column + " FROM " + table + " WHERE " + where(keyColumns);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, 1, key);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("no row for " + column + " in " + table);
                }
                Object value = row.getObject(1);
                return new Cell(
                        table,
                        column,
                        keyColumns,
                        key,
                        value instanceof Integer number ? (Object) number.longValue() : value);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads that cell again, with its current value. */
    public Cell again(Cell cell) {
        return cell(cell.table(), cell.column(), cell.keyColumns(), cell.key());
    }

    /** Writes the cell's value as it was read. */
    public void put(Cell cell) {
        put(cell, original(cell), cell.isText());
    }

    /** Turns one bit over while {@code meanwhile} runs. */
    public void flipped(Cell cell, int byteAt, int bit, Runnable meanwhile) {
        byte[] bytes = cell.bytes();
        bytes[byteAt] ^= (byte) (1 << bit);
        replaced(cell, bytes, meanwhile);
    }

    /** Puts other bytes into the cell while {@code meanwhile} runs. */
    public void replaced(Cell cell, byte[] bytes, Runnable meanwhile) {
        Object changed = cell.of(bytes);
        put(cell, changed, cell.isText());
        try {
            meanwhile.run();
        } finally {
            put(cell.keyed(changed), original(cell), cell.isText());
        }
    }

    private static Object original(Cell cell) {
        return cell.isText() ? cell.bytes() : cell.value();
    }

    private void put(Cell cell, Object value, boolean text) {
        String placeholder = text ? "CAST(? AS TEXT)" : "?";
        run(
                "UPDATE " + cell.table() + " SET " + cell.column() + " = " + placeholder + " WHERE "
                        + where(cell.keyColumns()),
                concat(value, cell.key()));
    }

    private static Object[] concat(Object first, List<Object> rest) {
        List<Object> all = new ArrayList<>();
        all.add(first);
        all.addAll(rest);
        return all.toArray();
    }

    /** Runs one statement that must touch exactly one row. The database counts no rows of the view {@code cell}. */
    public void run(String sql, Object... values) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, 1, Arrays.asList(values));
            int rows = statement.executeUpdate();
            if (rows != 1 && !sql.contains(" cell ")) {
                throw new IllegalStateException("touched " + rows + " rows: " + sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String where(List<String> columns) {
        return String.join(
                " AND ",
                columns.stream()
                        .map(c -> c + (c.equals("field") ? " = CAST(? AS TEXT)" : " = ?"))
                        .toList());
    }

    private static void bind(PreparedStatement statement, int from, List<?> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(from + i, values.get(i));
        }
    }
}
