package org.patronvault.core.store.sql;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.MoveMarker;
import org.patronvault.core.store.sql.CatalogRows.Column;
import org.patronvault.core.store.table.Tx;

/**
 * A table that is moved, or compared with a copy. The order of its rows is that of its primary key on both sides:
 * numbers by value, everything else by bytes.
 *
 * @param key places of the key's columns among {@code columns}, the first that counts first
 */
public record MovedTable(String name, List<Column> columns, List<Integer> key) implements Comparator<byte[][]> {
    /** The table of Flyway's own state, which each database has for itself. */
    public static final String HISTORY = "flyway_schema_history";

    /** Returns every table that the migrations made in a database, by name. */
    public static List<MovedTable> of(Tx tx) throws SQLException {
        List<MovedTable> tables = new ArrayList<>();
        for (CatalogRows.Table table : tx.catalogue().tables()) {
            if (table.schema().isEmpty() && !table.relation().equals(HISTORY)) {
                tables.add(new MovedTable(table.relation(), table.columns(), key(tx.handle.getConnection(), table)));
            }
        }
        return tables;
    }

    /** Returns their names, as a list in a statement. */
    public static String named(List<MovedTable> tables) {
        return tables.stream().map(table -> CatalogRows.quoted(table.name())).collect(Collectors.joining(", "));
    }

    private static List<Integer> key(Connection connection, CatalogRows.Table table) throws SQLException {
        List<String> names = table.columns().stream().map(Column::name).toList();
        Map<Short, Integer> key = new TreeMap<>();
        try (ResultSet found =
                connection.getMetaData().getPrimaryKeys(null, connection.getSchema(), table.relation())) {
            while (found.next()) {
                key.put(found.getShort("KEY_SEQ"), names.indexOf(found.getString("COLUMN_NAME")));
            }
        }
        if (key.isEmpty()) {
            throw new IllegalStateException("a table without a primary key cannot be moved: " + table.relation());
        }
        return List.copyOf(key.values());
    }

    public boolean isNumber(int column) {
        return columns.get(column).isNumber();
    }

    /**
     * Returns the query for its rows in order, without the mark of a move.
     *
     * @param byBytes orders text by its bytes, if the database must be told so
     */
    public String inOrder(String byBytes) {
        String order = key.stream()
                .map(i -> CatalogRows.quoted(columns.get(i).name()) + (isText(i) ? byBytes : ""))
                .collect(Collectors.joining(", "));
        return "SELECT " + names() + " FROM " + CatalogRows.quoted(name) + MoveMarker.without(name) + " ORDER BY "
                + order;
    }

    public boolean isText(int column) {
        return columns.get(column).isText();
    }

    /** Returns the target of a copy, as {@link BinaryCopyWriter} needs it. */
    public String copied() {
        return CatalogRows.quoted(name) + " (" + names() + ")";
    }

    /** Returns the statement that removes the row of a key, whose columns are the parameters. */
    public String delete() {
        return "DELETE FROM " + CatalogRows.quoted(name) + " WHERE "
                + key.stream()
                        .map(i -> CatalogRows.quoted(columns.get(i).name()) + " = ?")
                        .collect(Collectors.joining(" AND "));
    }

    public boolean hasRows(Handle handle) {
        return handle.createQuery("SELECT EXISTS (SELECT 1 FROM " + CatalogRows.quoted(name) + ")")
                .mapTo(Boolean.class)
                .one();
    }

    public long count(Handle handle) {
        return handle.createQuery("SELECT count(*) FROM " + CatalogRows.quoted(name))
                .mapTo(Long.class)
                .one();
    }

    private String names() {
        return columns.stream().map(column -> CatalogRows.quoted(column.name())).collect(Collectors.joining(", "));
    }

    @Override
    public int compare(byte[][] a, byte[][] b) {
        for (int i : key) {
            int order = isNumber(i) ? Long.compare(number(a[i]), number(b[i])) : Arrays.compareUnsigned(a[i], b[i]);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    public static long number(byte[] value) {
        return ByteBuffer.wrap(value).getLong();
    }
}
