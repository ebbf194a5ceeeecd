package org.patronvault.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Every row of every table that a database names in its own catalogue, to be held against those of another, which may be of
 * another kind. Nothing of the vault's is used for it, so that it can contradict the vault.
 */
final class AllRows implements AutoCloseable {
    /** What Flyway keeps of itself, which each database has of its own. */
    private static final String HISTORY = "flyway_schema_history";

    private static final int FETCHED = 1_000;

    private final Connection connection;
    private final boolean postgres;

    private AllRows(String url) throws SQLException {
        this.connection = DriverManager.getConnection(url);
        this.postgres = url.startsWith("jdbc:postgresql:");
        // Else the driver would fetch a whole table at once.
        connection.setAutoCommit(false);
    }

    /** Reads that database as it is then. */
    static AllRows of(String url) throws IOException {
        try {
            return new AllRows(url);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /**
     * What came of it.
     *
     * @param rows those on this side
     * @param differing those on either side that are not on the other, or with other values under the same key
     */
    record Compared(int tables, long rows, long differing) {}

    /** Holds each value of each row against the other side's; a table that is not there has no rows. */
    Compared against(AllRows other) throws IOException {
        try {
            Set<String> tables = new TreeSet<>(tables());
            tables.addAll(other.tables());
            long rows = 0;
            long differing = 0;
            for (String table : tables) {
                try (Cursor ours = cursor(table);
                        Cursor theirs = other.cursor(table)) {
                    long found = ours.differing(theirs);
                    if (found > 0) {
                        Bench.tell("%s: %d rows differ, of %d and %d", table, found, ours.passed, theirs.passed);
                    }
                    rows += ours.passed;
                    differing += found;
                }
            }
            return new Compared(tables.size(), rows, differing);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /** How many there are. */
    long count() throws IOException {
        try (Statement statement = connection.createStatement()) {
            long all = 0;
            for (String table : tables()) {
                try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + quoted(table))) {
                    all += count.next() ? count.getLong(1) : 0;
                }
            }
            return all;
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private Set<String> tables() throws SQLException {
        Set<String> names = new TreeSet<>();
        try (ResultSet found =
                connection.getMetaData().getTables(null, connection.getSchema(), "%", new String[] {"TABLE"})) {
            while (found.next()) {
                names.add(found.getString("TABLE_NAME"));
            }
        }
        names.remove(HISTORY);
        return names;
    }

    private Cursor cursor(String table) throws SQLException {
        Map<String, String> columns = columns(table);
        List<String> key = key(table);
        if (key.isEmpty() && !columns.isEmpty()) {
            throw new IllegalStateException(table + " has no primary key");
        }
        // Those of the key stand first, whose order is that of the rows.
        List<String> names = new ArrayList<>(key);
        columns.keySet().stream().filter(name -> !key.contains(name)).forEach(names::add);
        String sql = names.isEmpty()
                ? "SELECT 1 WHERE 1 = 0"
                : "SELECT " + names.stream().map(AllRows::quoted).collect(Collectors.joining(", ")) + " FROM "
                        + quoted(table) + " ORDER BY "
                        + key.stream()
                                .map(name -> quoted(name) + byBytes(columns.get(name)))
                                .collect(Collectors.joining(", "));
        return new Cursor(connection.createStatement(), sql, key.size());
    }

    /** SQLite orders characters by their bytes; PostgreSQL must be told to. */
    private String byBytes(String type) {
        return postgres && type.equals("text") ? " COLLATE \"C\"" : "";
    }

    /** Types by name. */
    private Map<String, String> columns(String table) throws SQLException {
        Map<String, String> types = new TreeMap<>();
        try (ResultSet found = connection.getMetaData().getColumns(null, connection.getSchema(), table, "%")) {
            while (found.next()) {
                // An underscore in what was asked for stands for any character.
                if (found.getString("TABLE_NAME").equals(table)) {
                    types.put(found.getString("COLUMN_NAME"), found.getString("TYPE_NAME"));
                }
            }
        }
        return types;
    }

    private List<String> key(String table) throws SQLException {
        Map<Short, String> names = new TreeMap<>();
        try (ResultSet found = connection.getMetaData().getPrimaryKeys(null, connection.getSchema(), table)) {
            while (found.next()) {
                names.put(found.getShort("KEY_SEQ"), found.getString("COLUMN_NAME"));
            }
        }
        return List.copyOf(names.values());
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }

    /** The rows of a table, those with the least keys first. */
    private static final class Cursor implements AutoCloseable {
        private final Statement statement;
        private final ResultSet rows;
        private final int keys;
        private byte[][] row;
        private long passed = -1;

        private Cursor(Statement statement, String sql, int keys) throws SQLException {
            this.statement = statement;
            statement.setFetchSize(FETCHED);
            this.rows = statement.executeQuery(sql);
            this.keys = keys;
            next();
        }

        private void next() throws SQLException {
            passed++;
            row = null;
            if (rows.next()) {
                row = new byte[rows.getMetaData().getColumnCount()][];
                for (int i = 0; i < row.length; i++) {
                    row[i] = bytes(rows.getObject(i + 1));
                }
            }
        }

        /** A value as bytes whose order is its own. */
        private static byte[] bytes(Object value) {
            if (value == null || value instanceof byte[]) {
                return (byte[]) value;
            }
            return value instanceof Number number
                    ? ByteBuffer.allocate(Long.BYTES)
                            .putLong(number.longValue() ^ Long.MIN_VALUE)
                            .array()
                    : value.toString().getBytes(StandardCharsets.UTF_8);
        }

        /** Whatever the order is in which they come: a row is equal to one over there, or counted. */
        private long differing(Cursor other) throws SQLException {
            long differing = 0;
            while (row != null || other.row != null) {
                int order = order(other);
                if (order != 0 || !Arrays.deepEquals(row, other.row)) {
                    differing++;
                }
                if (order <= 0) {
                    next();
                }
                if (order >= 0) {
                    other.next();
                }
            }
            return differing;
        }

        /** Where there is nothing more, everything else comes first. */
        private int order(Cursor other) {
            if (row == null || other.row == null) {
                return row == null ? 1 : -1;
            }
            for (int i = 0; i < keys; i++) {
                int order = Arrays.compareUnsigned(row[i], other.row[i]);
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        @Override
        public void close() throws SQLException {
            statement.close();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
