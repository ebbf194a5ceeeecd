package org.patronvault.store;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The table {@code session_use}. The MAC is made and checked above. */
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

    /** When that session was last used, as far as it was written down. */
    public Optional<Use> find(String session) {
        return Jdbc.first(
                handle,
                "SELECT at, mac FROM session_use WHERE session = ?",
                statement -> statement.setString(1, session),
                row -> new Use(session, row.getLong(1), RequiredColumn.bytes(row, 2)));
    }

    /**
     * Writes them down, where nothing later is.
     *
     * @param latest what is later than that, in Unix seconds, was written by a clock that was ahead, and gives way
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

    /** Forgets that session. */
    public void remove(String session) {
        int unused = Jdbc.execute(
                handle, "DELETE FROM session_use WHERE session = ?", statement -> statement.setString(1, session));
    }
}
