package org.patronvault.store;

import com.zaxxer.hikari.HikariConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/** The one place where SQLite and PostgreSQL differ. */
enum Dialect {
    SQLITE {
        @Override
        DataSource dataSource(StoreSettings settings, boolean writer) {
            return SqliteSource.of(settings.jdbcUrl(), writer);
        }

        @Override
        Map<String, String> placeholders() {
            return Map.of(
                    "int", "INTEGER",
                    "bytes", "BLOB",
                    "strict", "STRICT",
                    "keyed", "STRICT, WITHOUT ROWID",
                    "envelope", "length(envelope) > 149 AND substr(envelope, 1, 1) = x'01'",
                    "alert", alert(),
                    "unsampled", "",
                    "exchange", "");
        }

        @Override
        String alert() {
            return "instr(leaf, x'07000000010c') > 0";
        }

        @Override
        String catalogue() {
            return "SELECT '', t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
                    + " WHERE t.type = 'table' ORDER BY t.name, c.cid";
        }

        @Override
        String lockHead() {
            // The transaction began IMMEDIATE, so the writer's lock is held already.
            return "SELECT size, frontier FROM log_head WHERE one = 1";
        }

        @Override
        List<String> weakSettings(Connection connection, StoreSettings settings) throws SQLException {
            List<String> weak = new ArrayList<>();
            for (String wanted :
                    List.of("journal_mode = wal", "synchronous = 2", "secure_delete = 1", "temp_store = 2")) {
                String pragma = wanted.substring(0, wanted.indexOf(' '));
                String seen = one(connection, "PRAGMA " + pragma);
                if (!wanted.equals(pragma + " = " + seen.toLowerCase(Locale.ROOT))) {
                    weak.add(wanted);
                }
            }
            return weak;
        }

        @Override
        Optional<PageCleaning> cleaning(StoreSettings settings, DataSource writer, ReentrantLock writing) {
            return Optional.of(new PageCleaning(settings.files().get(0), writer, this, writing));
        }

        @Override
        String untidied(int mebibytes) {
            return "PRAGMA wal_autocheckpoint = " + mebibytes * 256;
        }

        @Override
        StoreException.Kind kindOf(SQLException e) {
            return switch (e.getErrorCode() & 0xff) {
                case 5, 6 -> StoreException.Kind.BUSY;
                case 10, 11, 26 -> StoreException.Kind.BROKEN;
                case 13 -> StoreException.Kind.FULL;
                default -> StoreException.Kind.FAILED;
            };
        }

        @Override
        String snapshots() {
            // A deferred transaction is a snapshot from its first SELECT on; that it only reads must be said.
            return "PRAGMA query_only = 1";
        }
    },

    POSTGRESQL {
        @Override
        DataSource dataSource(StoreSettings settings, boolean writer) {
            return PostgresUrl.of(settings.jdbcUrl()).source(settings::password);
        }

        @Override
        DataSource schemaSource(StoreSettings settings) {
            return PostgresUrl.of(settings.jdbcUrl()).patientSource(settings::password);
        }

        @Override
        void pool(HikariConfig config) {
            PostgresSession.pool(config);
        }

        @Override
        Map<String, String> placeholders() {
            return Map.of(
                    "int", "BIGINT",
                    "bytes", "BYTEA",
                    "strict", "",
                    "keyed", "",
                    "envelope", "length(envelope) > 149 AND get_byte(envelope, 0) = 1",
                    "alert", alert(),
                    "unsampled", Ciphertexts.unsampled(),
                    "exchange", PostgresSession.EXCHANGE);
        }

        @Override
        String alert() {
            return "position('\\x07000000010c'::bytea in leaf) > 0";
        }

        @Override
        String catalogue() {
            return PostgresSession.CATALOGUE;
        }

        @Override
        String lockHead() {
            return "SELECT size, frontier FROM log_head WHERE one = 1 FOR UPDATE";
        }

        @Override
        List<String> weakSettings(Connection connection, StoreSettings settings) throws SQLException {
            return PostgresStrength.weak(
                    connection, PostgresUrl.of(settings.jdbcUrl()).hasStandbys());
        }

        @Override
        List<String> remarks(Connection connection) throws SQLException {
            return PostgresStrength.remarks(connection);
        }

        @Override
        String untidied(int mebibytes) {
            return PostgresSession.WRITING;
        }

        @Override
        List<String> holdIndex() {
            // Names of tables are those of now, not of the snapshot; this comes before it, and keeps them.
            return List.of("LOCK TABLE search_index IN ACCESS SHARE MODE");
        }

        @Override
        boolean liesByKey() {
            return false;
        }

        @Override
        List<String> inPlace() {
            return List.of("SET LOCAL synchronize_seqscans = off");
        }

        @Override
        List<String> takeIndex() {
            // Who searches holds it for milliseconds; who counts it may for longer, and is not waited for.
            return List.of(
                    "SET LOCAL lock_timeout = '500ms'",
                    "LOCK TABLE search_index, search_index_next IN ACCESS EXCLUSIVE MODE");
        }

        @Override
        void requireDurable(Connection connection) throws SQLException {
            // Such as a wait for the synchronous standby that was called off: committed here, and perhaps nowhere else.
            PostgresSession.requireNoWarning(connection);
        }

        @Override
        StoreException.Kind kindOf(SQLException e) {
            return PostgresStates.kindOf(e);
        }

        @Override
        List<String> exchangeIndexes() {
            // It takes the owner of the tables, whom the role that serves is not; see V1__vault.sql.
            return List.of("CALL exchange_search_index()");
        }

        @Override
        String snapshots() {
            return PostgresSession.READING;
        }
    };

    static Dialect of(StoreSettings settings) {
        return settings.isSqlite() ? SQLITE : POSTGRESQL;
    }

    static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
        }
    }

    /** What a failure of the database means, without a word of what the statement was about. */
    StoreException translate(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                StoreException.Kind kind = kindOf(sql);
                return new StoreException(kind, "database: " + kind + " (" + sql.getErrorCode() + ")");
            }
        }
        return new StoreException(
                StoreException.Kind.FAILED, "database: " + e.getClass().getSimpleName());
    }

    abstract DataSource dataSource(StoreSettings settings, boolean writer);

    /** Connections for work on the schema. */
    DataSource schemaSource(StoreSettings settings) {
        return dataSource(settings, true);
    }

    /** Sets a pool so that it notices what becomes of a server, where there is one. */
    void pool(HikariConfig config) {}

    abstract Map<String, String> placeholders();

    /** Whether an entry of the log tells of something: its member 7 is 12 (format.md, "Log leaf"). */
    abstract String alert();

    /** Asks for schema, empty for the vault's own, table, column and declared type of every column there is. */
    abstract String catalogue();

    abstract String lockHead();

    /** Settings that are weaker than promised, each as it must be. */
    abstract List<String> weakSettings(Connection connection, StoreSettings settings) throws SQLException;

    /** What could be better of its settings, in sentences. */
    List<String> remarks(Connection connection) throws SQLException {
        return List.of();
    }

    /**
     * What clears deleted bytes out of the files. Empty where the server has them: there dead rows go with autovacuum, and
     * what erasure promises rests on the destroyed key, not on pages.
     */
    Optional<PageCleaning> cleaning(StoreSettings settings, DataSource writer, ReentrantLock writing) {
        return Optional.empty();
    }

    /** What a session that writes begins with; on SQLite a commit does not empty the log before so much has gathered. */
    abstract String untidied(int mebibytes);

    /** Keeps the names of the index's tables for a transaction that read nothing yet, if its snapshot does not. */
    List<String> holdIndex() {
        return List.of();
    }

    /** Whether rows lie in the order of their keys, and not in that in which they were written. */
    boolean liesByKey() {
        return true;
    }

    /** Has whole tables read from their first row on, where a reading might join another that is under way. */
    List<String> inPlace() {
        return List.of();
    }

    /** Waits, not for long, until nobody reads the index's tables, where that hinders those who do. */
    List<String> takeIndex() {
        return List.of();
    }

    /** After a COMMIT; throws if it came with a warning, and so is not known to be durable. */
    void requireDurable(Connection connection) throws SQLException {}

    /** Exchanges the names of the index's two tables. */
    List<String> exchangeIndexes() {
        return List.of(
                "ALTER TABLE search_index RENAME TO search_index_exchanged",
                "ALTER TABLE search_index_next RENAME TO search_index",
                "ALTER TABLE search_index_exchanged RENAME TO search_index_next");
    }

    abstract StoreException.Kind kindOf(SQLException e);

    /** Makes every transaction of a connection a snapshot that cannot write; said once, when it is opened. */
    abstract String snapshots();
}
