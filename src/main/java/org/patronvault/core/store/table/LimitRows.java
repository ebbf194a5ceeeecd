package org.patronvault.core.store.table;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.PipelinedStatement;
import org.patronvault.core.store.sql.RequiredColumn;

/** The table {@code limit_seen}, as a snapshot shows it. */
public sealed class LimitRows permits LimitChanges {
    /** Size of a token in bytes. */
    private static final int TOKEN_BYTES = 16;

    final Handle handle;
    final Dialect dialect;

    LimitRows(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    /**
     * Returns the tokens that are stored for an actor and a day.
     *
     * @param tokens {@value #TOKEN_BYTES} bytes each
     */
    public List<byte[]> present(String actor, long day, Collection<byte[]> tokens) {
        if (tokens.isEmpty()) {
            return List.of();
        }
        List<byte[]> present = new ArrayList<>();
        Jdbc.query(
                handle,
                presentSql(),
                statement -> bound(actor, day, tokens).set(statement, 1),
                row -> present.add(RequiredColumn.bytes(row, 1)));
        return present;
    }

    final String presentSql() {
        return dialect.counted() + " SELECT token FROM limit_seen WHERE actor = ? AND day = ? AND token "
                + dialect.among("SELECT substr(?, i * 16 + 1, 16) FROM n");
    }

    static PipelinedStatement.Values bound(String actor, long day, Collection<byte[]> tokens) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(tokens.size() * TOKEN_BYTES);
        tokens.forEach(all::writeBytes);
        if (all.size() != tokens.size() * TOKEN_BYTES) {
            throw new IllegalArgumentException("a token has " + TOKEN_BYTES + " bytes");
        }
        return (statement, first) -> {
            statement.setInt(first, tokens.size());
            statement.setString(first + 1, actor);
            statement.setLong(first + 2, day);
            statement.setBytes(first + 3, all.toByteArray());
        };
    }

    /** Whether any token is stored for an actor and a day before {@code day}. */
    public boolean isAnyBefore(String actor, long day) {
        return handle.createQuery("SELECT count(*) FROM limit_seen WHERE actor = :actor AND day < :day")
                        .bind("actor", actor)
                        .bind("day", day)
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }
}
