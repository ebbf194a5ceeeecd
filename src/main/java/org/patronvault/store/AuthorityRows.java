package org.patronvault.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The table {@code authority}. Bodies are opaque here; their MAC is made and checked above. */
public final class AuthorityRows {

    /** One row: what it is about, how often it was written, the body and its MAC. */
    public record Row(String kind, String name, long generation, String body, byte[] mac) {}

    private final Handle handle;

    AuthorityRows(Handle handle) {
        this.handle = handle;
    }

    /** The row of that kind and name. */
    public Optional<Row> find(String kind, String name) {
        return handle.createQuery("SELECT generation, body, mac FROM authority WHERE kind = :kind AND name = :name")
                .bind("kind", kind)
                .bind("name", name)
                .map((row, ctx) -> new Row(kind, name, row.getLong(1), row.getString(2), row.getBytes(3)))
                .findOne();
    }

    /** All rows of a kind, by name. */
    public List<Row> all(String kind) {
        return handle.createQuery("SELECT name, generation, body, mac FROM authority WHERE kind = :kind ORDER BY name")
                .bind("kind", kind)
                .map((row, ctx) -> new Row(kind, row.getString(1), row.getLong(2), row.getString(3), row.getBytes(4)))
                .list();
    }

    /** Adds a row; false if kind and name are taken. */
    public boolean insert(Row row) {
        return bind(
                                handle.createUpdate("INSERT INTO authority (kind, name, generation, body, mac) VALUES"
                                        + " (:kind, :name, :generation, :body, :mac) ON CONFLICT DO NOTHING"),
                                row)
                        .execute()
                == 1;
    }

    /** Puts a row in place of the one of generation {@code expected}; false if that is no longer there. */
    public boolean replace(Row row, long expected) {
        return bind(
                                handle.createUpdate("UPDATE authority SET generation = :generation, body = :body,"
                                        + " mac = :mac WHERE kind = :kind AND name = :name"
                                        + " AND generation = :expected"),
                                row)
                        .bind("expected", expected)
                        .execute()
                == 1;
    }

    /** Removes a row; false if it is not there. */
    public boolean delete(String kind, String name) {
        return handle.createUpdate("DELETE FROM authority WHERE kind = :kind AND name = :name")
                        .bind("kind", kind)
                        .bind("name", name)
                        .execute()
                == 1;
    }

    private static org.jdbi.v3.core.statement.Update bind(org.jdbi.v3.core.statement.Update update, Row row) {
        return update.bind("kind", row.kind())
                .bind("name", row.name())
                .bind("generation", row.generation())
                .bind("body", row.body())
                .bind("mac", row.mac());
    }
}
