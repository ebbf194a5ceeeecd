package org.patronvault.core.store.table;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.RequiredColumn;

/**
 * The table {@code authority}. Bodies are opaque here; callers make and check their MAC. Changes of a writing
 * transaction are held in memory, so that the log can name them. They are written at the transaction's end, or before
 * any query other than for a row by its name.
 */
public final class AuthorityRows {

    /** One row: its subject, its number of writes, the body and its MAC. */
    public record Row(String kind, String name, long generation, String body, byte[] mac) {}

    /** One row before and after a change. A row that was or is not there is empty. */
    public record Change(Optional<Row> before, Optional<Row> after) {}

    /** Reads the row of a kind and a name. */
    static final String FIND = "SELECT generation, body, mac FROM authority WHERE kind = ? AND name = ?";

    private final Handle handle;
    private final Optional<AuthorityChanges> changes;

    /** Creates the table as a snapshot shows it. */
    AuthorityRows(Handle handle) {
        this(handle, Optional.empty());
    }

    /** Creates the table as a writing transaction has it. */
    AuthorityRows(Handle handle, AuthorityChanges changes) {
        this(handle, Optional.of(changes));
    }

    private AuthorityRows(Handle handle, Optional<AuthorityChanges> changes) {
        this.handle = handle;
        this.changes = changes;
    }

    /** Returns the row of that kind and name. */
    public Optional<Row> find(String kind, String name) {
        return changes.map(held -> held.find(kind, name)).orElseGet(() -> stored(handle, kind, name));
    }

    /** Returns the row of that kind and name as the table has it. */
    static Optional<Row> stored(Handle handle, String kind, String name) {
        return Jdbc.first(
                handle,
                FIND,
                statement -> {
                    statement.setString(1, kind);
                    statement.setString(2, name);
                },
                row -> found(kind, name, row));
    }

    /** Returns the row of that kind and name that {@link #FIND} found. */
    static Row found(String kind, String name, ResultSet row) throws SQLException {
        return new Row(kind, name, row.getLong(1), RequiredColumn.text(row, 2), RequiredColumn.bytes(row, 3));
    }

    /** Returns all rows of a kind, by name. */
    public List<Row> all(String kind) {
        settle();
        return handle.createQuery("SELECT name, generation, body, mac FROM authority WHERE kind = :kind ORDER BY name")
                .bind("kind", kind)
                .map((row, ctx) -> new Row(
                        kind,
                        RequiredColumn.text(row, 1),
                        row.getLong(2),
                        RequiredColumn.text(row, 3),
                        RequiredColumn.bytes(row, 4)))
                .list();
    }

    /** Returns the first rows of a kind with names after {@code name}, by name. */
    public List<Row> after(String kind, String name, int atMost) {
        settle();
        return handle.createQuery("SELECT name, generation, body, mac FROM authority"
                        + " WHERE kind = :kind AND name > :name ORDER BY name LIMIT :atMost")
                .bind("kind", kind)
                .bind("name", name)
                .bind("atMost", atMost)
                .map((row, ctx) -> new Row(
                        kind,
                        RequiredColumn.text(row, 1),
                        row.getLong(2),
                        RequiredColumn.text(row, 3),
                        RequiredColumn.bytes(row, 4)))
                .list();
    }

    /** Returns the first rows of any kind after a kind and name, in that order. */
    public List<Row> allAfter(String kind, String name, int atMost) {
        settle();
        return handle.createQuery("SELECT kind, name, generation, body, mac FROM authority"
                        + " WHERE (kind, name) > (:kind, :name) ORDER BY kind, name LIMIT :atMost")
                .bind("kind", kind)
                .bind("name", name)
                .bind("atMost", atMost)
                .map((row, ctx) -> new Row(
                        RequiredColumn.text(row, 1),
                        RequiredColumn.text(row, 2),
                        row.getLong(3),
                        RequiredColumn.text(row, 4),
                        RequiredColumn.bytes(row, 5)))
                .list();
    }

    /** Returns the number of rows. */
    public long count() {
        settle();
        return handle.createQuery("SELECT count(*) FROM authority")
                .mapTo(Long.class)
                .one();
    }

    /** Passes on every row, one after the other. */
    public void forEach(Consumer<Row> action) {
        settle();
        Jdbc.query(
                handle,
                "SELECT kind, name, generation, body, mac FROM authority",
                statement -> statement.setFetchSize(1_000),
                row -> action.accept(new Row(
                        RequiredColumn.text(row, 1),
                        RequiredColumn.text(row, 2),
                        row.getLong(3),
                        RequiredColumn.text(row, 4),
                        RequiredColumn.bytes(row, 5))));
    }

    private void settle() {
        changes.ifPresent(AuthorityChanges::write);
    }

    /** Adds a row. Returns false if kind and name are taken. */
    public boolean insert(Row row) {
        return changes().insert(row);
    }

    /** Replaces {@code before} by {@code after}. Returns false if {@code before} is no longer there. */
    public boolean replace(Row before, Row after) {
        return changes().replace(before, Optional.of(after));
    }

    /** Removes a row. Returns false if it is no longer there. */
    public boolean delete(Row before) {
        return changes().replace(before, Optional.empty());
    }

    private AuthorityChanges changes() {
        return changes.orElseThrow(() -> new IllegalStateException("a snapshot is not written to"));
    }
}
