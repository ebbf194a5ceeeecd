package org.patronvault.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * The table {@code authority}. Bodies are opaque here; their MAC is made and checked above. What a writing transaction
 * changes is kept in it, so that the log can speak of it, and written at its end or before anything else than a row by its
 * name is asked for.
 */
public final class AuthorityRows {

    /** One row: what it is about, how often it was written, the body and its MAC. */
    public record Row(String kind, String name, long generation, String body, byte[] mac) {}

    /** One row as it was and as it is; what was not there before, or is no longer there, is empty. */
    public record Change(Optional<Row> before, Optional<Row> after) {}

    /** Asks for the row of a kind and a name. */
    static final String FIND = "SELECT generation, body, mac FROM authority WHERE kind = ? AND name = ?";

    private final Handle handle;
    private final Optional<AuthorityChanges> changes;

    /** As a snapshot shows them. */
    AuthorityRows(Handle handle) {
        this(handle, Optional.empty());
    }

    /** As a writing transaction has them. */
    AuthorityRows(Handle handle, AuthorityChanges changes) {
        this(handle, Optional.of(changes));
    }

    private AuthorityRows(Handle handle, Optional<AuthorityChanges> changes) {
        this.handle = handle;
        this.changes = changes;
    }

    /** The row of that kind and name. */
    public Optional<Row> find(String kind, String name) {
        return changes.map(held -> held.find(kind, name)).orElseGet(() -> stored(handle, kind, name));
    }

    /** The row of that kind and name as the table has it. */
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

    /** The row of that kind and name that {@link #FIND} found. */
    static Row found(String kind, String name, ResultSet row) throws SQLException {
        return new Row(kind, name, row.getLong(1), RequiredColumn.text(row, 2), RequiredColumn.bytes(row, 3));
    }

    /** All rows of a kind, by name. */
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

    /** The first rows of a kind whose names come after that one, by name. */
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

    /** The first rows of any kind that come after that one, by kind and name. */
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

    /** How many there are. */
    public long count() {
        settle();
        return handle.createQuery("SELECT count(*) FROM authority")
                .mapTo(Long.class)
                .one();
    }

    /** Every row there is, one after the other. */
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

    /** Adds a row; false if kind and name are taken. */
    public boolean insert(Row row) {
        return changes().insert(row);
    }

    /** Puts {@code after} in place of {@code before}; false if that is no longer there. */
    public boolean replace(Row before, Row after) {
        return changes().replace(before, Optional.of(after));
    }

    /** Removes a row; false if it is no longer there. */
    public boolean delete(Row before) {
        return changes().replace(before, Optional.empty());
    }

    private AuthorityChanges changes() {
        return changes.orElseThrow(() -> new IllegalStateException("a snapshot is not written to"));
    }
}
