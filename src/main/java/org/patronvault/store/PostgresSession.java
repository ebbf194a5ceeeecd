package org.patronvault.store;

import com.zaxxer.hikari.HikariConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.concurrent.TimeUnit;

/** What a session on PostgreSQL begins with, how a pool of them is kept, and what the schema has for them. */
final class PostgresSession {
    /**
     * The server's side of noticing that the other end is gone: a node that died, or was cut off, holds the lock on the
     * log's head no longer than that, and the other nodes write on.
     */
    private static final String WATCHED = "SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2;"
            + " SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000; ";

    /**
     * For the connection that writes. Who waits for a lock gives up before the connection is taken for dead, and knows that
     * nothing was done; a node that stands still in the middle of a transaction loses it. Who got the lock sees what was
     * written while he waited for it, whatever isolation the database or the role would have given him.
     */
    static final String WRITING = WATCHED + "SET lock_timeout = '8s'; SET idle_in_transaction_session_timeout = '20s';"
            + " SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED";

    /** For those that read. */
    static final String READING =
            WATCHED + "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

    /**
     * Only the owner of a table can rename it. So this runs as the owner, and the role that serves need not be it; it names
     * the schema, so that nothing of the caller's is found in its place.
     */
    static final String EXCHANGE = """
            DO $make$
            BEGIN
                EXECUTE replace($text$
                    CREATE PROCEDURE exchange_search_index() LANGUAGE plpgsql SECURITY DEFINER
                    SET search_path = pg_catalog, pg_temp AS $body$
                    BEGIN
                        ALTER TABLE SCHEMA_OF.search_index RENAME TO search_index_exchanged;
                        ALTER TABLE SCHEMA_OF.search_index_next RENAME TO search_index;
                        ALTER TABLE SCHEMA_OF.search_index_exchanged RENAME TO search_index_next;
                    END
                    $body$
                $text$, 'SCHEMA_OF', quote_ident(current_schema()));
                REVOKE ALL ON PROCEDURE exchange_search_index() FROM PUBLIC;
            END
            $make$;
            """;

    /** Whatever has rows of its own, in every schema: tables, parts of tables, and materialized views. */
    static final String CATALOGUE =
            "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END, c.relname, a.attname,"
                    + " format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                    + " WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND c.relpersistence <> 't'"
                    + " AND n.nspname NOT IN ('pg_catalog', 'information_schema',"
                    + " 'pg_toast') ORDER BY 1, 2, a.attnum";

    private PostgresSession() {}

    static void pool(HikariConfig config) {
        // The least that the pool allows: an idle connection that broke is found before somebody needs it.
        config.setKeepaliveTime(TimeUnit.SECONDS.toMillis(30));
        // Whoever gets one that was idle for half a second gets it tried; a dead one costs him this and not his turn.
        config.setValidationTimeout(TimeUnit.SECONDS.toMillis(1));
        // So that a server that came back, or a name that leads elsewhere, gets its share again.
        config.setMaxLifetime(TimeUnit.MINUTES.toMillis(30));
        config.setExceptionOverride(new PostgresStates.Eviction());
    }

    /**
     * After a COMMIT.
     *
     * @throws SQLException if it came with a warning, such as of a wait for the synchronous standby that was called off:
     *     it is committed here, and perhaps nowhere else
     */
    static void requireNoWarning(Connection connection) throws SQLException {
        SQLWarning warning = connection.getWarnings();
        if (warning != null) {
            connection.clearWarnings();
            throw warning;
        }
    }
}
