package org.patronvault.core.store.sql;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The raw view of the database: every table in its own catalog, and every row as the holder of a copy sees it. */
public final class CatalogRows {
    private static final int FETCHED = 1_000;
    private static final int MAX_ASKED = 500;
    private static final Set<String> WHOLE_NUMBERS = Set.of("SMALLINT", "INTEGER", "INT", "BIGINT");

    /**
     * A column.
     *
     * @param isNumber whether it holds whole numbers
     * @param isText whether it holds characters, whose order depends on the database
     */
    public record Column(String name, boolean isNumber, boolean isText) {

        private static Column of(String name, String declared) {
            String type = declared.toUpperCase(Locale.ROOT);
            return new Column(name, WHOLE_NUMBERS.contains(type), type.equals("TEXT"));
        }
    }

    /**
     * A table, and its columns in their order.
     *
     * @param schema its schema; empty for the vault's own
     */
    public record Table(String schema, String relation, List<Column> columns) {
        /** Returns its name, prefixed by its schema unless that is the vault's own. */
        public String name() {
            return schema.isEmpty() ? relation : schema + "." + relation;
        }
    }

    private final Handle handle;
    private final Dialect dialect;

    public CatalogRows(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    /** Returns the tables, by name. */
    public List<Table> tables() {
        Map<List<String>, List<Column>> tables = new LinkedHashMap<>();
        Jdbc.query(
                handle,
                dialect.catalogue(),
                statement -> {},
                row -> tables.computeIfAbsent(List.of(row.getString(1), row.getString(2)), any -> new ArrayList<>())
                        .add(Column.of(row.getString(3), row.getString(4))));
        return tables.entrySet().stream()
                .map(table -> new Table(table.getKey().get(0), table.getKey().get(1), table.getValue()))
                .toList();
    }

    /** Whether rows are stored in the order of their keys, which are random, and not in the order of writing. */
    public boolean liesByKey() {
        return dialect.liesByKey();
    }

    /**
     * Passes on every row of a table, in stored order. Each column is bytes; a whole number is eight bytes, big-endian;
     * null for none.
     */
    public void forEach(Table table, Consumer<byte[][]> action) {
        dialect.inPlace().forEach(handle::execute);
        Jdbc.query(
                handle,
                select(table),
                statement -> statement.setFetchSize(FETCHED),
                row -> action.accept(values(row, table.columns().size())));
    }

    /** Passes on the rows of a table that have one of those numbers in that column. */
    public void forEach(Table table, Column column, Collection<Long> numbers, Consumer<byte[][]> action) {
        List<Long> all = List.copyOf(numbers);
        for (int from = 0; from < all.size(); from += MAX_ASKED) {
            List<Long> some = all.subList(from, Math.min(from + MAX_ASKED, all.size()));
            String places = String.join(", ", some.stream().map(number -> "?").toList());
            Jdbc.query(
                    handle,
                    select(table) + " WHERE " + quoted(column.name()) + " IN (" + places + ")",
                    statement -> {
                        for (int i = 0; i < some.size(); i++) {
                            statement.setLong(i + 1, some.get(i));
                        }
                    },
                    row -> action.accept(values(row, table.columns().size())));
        }
    }

    private static String select(Table table) {
        return "SELECT "
                + table.columns().stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "))
                + " FROM "
                + (table.schema().isEmpty() ? "" : quoted(table.schema()) + ".")
                + quoted(table.relation());
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static byte[][] values(ResultSet row, int columns) throws SQLException {
        byte[][] values = new byte[columns][];
        for (int i = 0; i < columns; i++) {
            values[i] = bytes(row.getObject(i + 1));
        }
        return values;
    }

    private static byte[] bytes(Object value) {
        if (value == null || value instanceof byte[]) {
            return (byte[]) value;
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short) {
            return ByteBuffer.allocate(Long.BYTES)
                    .putLong(((Number) value).longValue())
                    .array();
        }
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }
}
