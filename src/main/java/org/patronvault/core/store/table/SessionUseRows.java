package org.patronvault.core.store.table;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.RequiredColumn;

/** The table {@code session_use}: the last use of each session. Callers make and check the MAC. */
public final class SessionUseRows {

    /**
     * One session's last use.
     *
     * @param at Unix seconds
     */
    public record Use(String session, long at, byte[] mac) {}

    private final Handle handle;

    SessionUseRows(Handle handle) {
        this.handle = handle;
    }

    /** Returns the last use of a session, as far as it was stored. */
    public Optional<Use> find(String session) {
        return Jdbc.first(
                handle,
                "SELECT at, mac FROM session_use WHERE session = ?",
                statement -> statement.setString(1, session),
                row -> new Use(session, row.getLong(1), RequiredColumn.bytes(row, 2)));
    }

    /**
     * Stores last uses, unless a later one is stored.
     *
     * @param latest the latest credible time, in Unix seconds; a stored later time comes from a clock that was ahead,
     *     and is replaced
     */
    public void put(List<Use> uses, long latest) {
        int unused = Jdbc.execute(
                handle,
                "INSERT INTO session_use (session, at, mac) VALUES (?, ?, ?) ON CONFLICT (session) DO UPDATE"
                        + " SET at = excluded.at, mac = excluded.mac WHERE session_use.at < excluded.at"
                        + " OR session_use.at > ?",
                uses,
                (statement, use) -> {
                    statement.setString(1, use.session());
                    statement.setLong(2, use.at());
                    statement.setBytes(3, use.mac());
                    statement.setLong(4, latest);
                });
    }

    /** Deletes a session. */
    public void remove(String session) {
        int unused = Jdbc.execute(
                handle, "DELETE FROM session_use WHERE session = ?", statement -> statement.setString(1, session));
    }
}
