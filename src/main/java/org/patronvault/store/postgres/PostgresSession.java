package org.patronvault.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.concurrent.TimeUnit;

/** The setup of PostgreSQL sessions, of their pool, and of the schema's functions for them. */
final class PostgresSession {
    /**
     * The server's detection of a lost client. A node that died, or was cut off, holds the lock on the log's head no
     * longer than this, and the other nodes write on.
     */
    private static final String WATCHED = "SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2;"
            + " SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000; ";

    /**
     * The setup of the connection that writes. A wait for a lock ends before the connection counts as dead, so that the
     * waiting node knows that nothing was done. A node that stalls in the middle of a transaction loses it. The holder
     * of the lock sees all that was written while it waited, whatever isolation the database or the role sets.
     */
    static final String WRITING = WATCHED + "SET lock_timeout = '8s'; SET idle_in_transaction_session_timeout = '20s';"
            + " SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED";

    /** The setup of connections that read. */
    static final String READING =
            WATCHED + "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

    /**
     * The function that exchanges the index's tables. Only the owner of a table can rename it, so this runs as the
     * owner, and the role that serves need not be the owner. It names the schema, so that no object of the caller's
     * takes its place.
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

    /** Lists everything with rows of its own, in every schema: tables, partitions, and materialized views. */
    static final String CATALOGUE =
            "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END, c.relname, a.attname,"
                    + " format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                    + " WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND c.relpersistence <> 't'"
                    + " AND n.nspname NOT IN ('pg_catalog', 'information_schema',"
                    + " 'pg_toast') ORDER BY 1, 2, a.attnum";

    private PostgresSession() {}

    static void pool(HikariConfig config) {
        // The least that the pool allows: a broken idle connection is found before it is needed.
        config.setKeepaliveTime(TimeUnit.SECONDS.toMillis(30));
        // A connection that was idle for half a second is tested first. A dead one costs that time, not the request.
        config.setValidationTimeout(TimeUnit.SECONDS.toMillis(1));
        // So that a server that came back, or a name with a new address, gets its share again.
        config.setMaxLifetime(TimeUnit.MINUTES.toMillis(30));
        config.setExceptionOverride(new PostgresStates.Eviction());
    }

    /**
     * Checks the result of a COMMIT.
     *
     * @throws SQLException if it came with a warning, such as a canceled wait for the synchronous standby: it is
     *     committed here, and perhaps nowhere else
     */
    static void requireNoWarning(Connection connection) throws SQLException {
        SQLWarning warning = connection.getWarnings();
        if (warning != null) {
            connection.clearWarnings();
            throw warning;
        }
    }
}
