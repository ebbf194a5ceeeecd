package org.patronvault.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** The one place where SQLite and PostgreSQL differ. */
enum Dialect {
    SQLITE {
        @Override
        DataSource dataSource(String jdbcUrl, boolean writer) {
            SQLiteConfig config = new SQLiteConfig();
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
            config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
            config.setTempStore(SQLiteConfig.TempStore.MEMORY);
            config.setBusyTimeout(5_000);
            // In KiB. A writer that has not room for all the pages it changed writes some of them more than once.
            config.setCacheSize(writer ? -65_536 : -16_384);
            config.setTransactionMode(
                    writer ? SQLiteConfig.TransactionMode.IMMEDIATE : SQLiteConfig.TransactionMode.DEFERRED);
            SQLiteDataSource source = new SQLiteDataSource(config);
            source.setUrl(jdbcUrl);
            return source;
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
                    "unsampled", "");
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
        List<String> weakSettings(Connection connection) throws SQLException {
            List<String> weak = new ArrayList<>();
            require(connection, weak, "journal_mode", "wal");
            require(connection, weak, "synchronous", "2");
            require(connection, weak, "secure_delete", "1");
            require(connection, weak, "temp_store", "2");
            return weak;
        }

        private void require(Connection connection, List<String> weak, String pragma, String wanted)
                throws SQLException {
            String seen = one(connection, "PRAGMA " + pragma);
            if (!wanted.equals(seen.toLowerCase(Locale.ROOT))) {
                weak.add(pragma);
            }
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
        DataSource dataSource(String jdbcUrl, boolean writer) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(jdbcUrl);
            source.setLogServerErrorDetail(false);
            return source;
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
                    "unsampled", Ciphertexts.unsampled());
        }

        @Override
        String alert() {
            return "position('\\x07000000010c'::bytea in leaf) > 0";
        }

        @Override
        String catalogue() {
            // Whatever has rows of its own, in every schema: tables, parts of tables, and materialized views.
            return "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END, c.relname, a.attname,"
                    + " format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                    + " WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND c.relpersistence <> 't'"
                    + " AND n.nspname NOT IN ('pg_catalog', 'information_schema',"
                    + " 'pg_toast') ORDER BY 1, 2, a.attnum";
        }

        @Override
        String lockHead() {
            return "SELECT size, frontier FROM log_head WHERE one = 1 FOR UPDATE";
        }

        @Override
        List<String> weakSettings(Connection connection) throws SQLException {
            List<String> weak = new ArrayList<>();
            for (String setting : List.of("fsync", "full_page_writes")) {
                if (!"on".equals(one(connection, "SHOW " + setting))) {
                    weak.add(setting);
                }
            }
            if (!List.of("on", "remote_apply").contains(one(connection, "SHOW synchronous_commit"))) {
                weak.add("synchronous_commit");
            }
            return weak;
        }

        @Override
        String untidied(int mebibytes) {
            return null;
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
            SQLWarning warning = connection.getWarnings();
            if (warning != null) {
                connection.clearWarnings();
                throw warning;
            }
        }

        @Override
        StoreException.Kind kindOf(SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            if (state.startsWith("08") || state.startsWith("57P")) {
                return StoreException.Kind.UNKNOWN;
            }
            return switch (state) {
                case "53100" -> StoreException.Kind.FULL;
                case "58030" -> StoreException.Kind.BROKEN;
                case "40001", "40P01", "55P03" -> StoreException.Kind.BUSY;
                default -> StoreException.Kind.FAILED;
            };
        }

        @Override
        String snapshots() {
            return "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
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

    abstract DataSource dataSource(String jdbcUrl, boolean writer);

    abstract Map<String, String> placeholders();

    /** Whether an entry of the log tells of something: its member 7 is 12 (format.md, "Log leaf"). */
    abstract String alert();

    /** Asks for schema, empty for the vault's own, table, column and declared type of every column there is. */
    abstract String catalogue();

    abstract String lockHead();

    /** Names of settings that are weaker than promised. */
    abstract List<String> weakSettings(Connection connection) throws SQLException;

    /**
     * What clears deleted bytes out of the files. Empty where the server has them: there dead rows go with autovacuum, and
     * what erasure promises rests on the destroyed key, not on pages.
     */
    Optional<PageCleaning> cleaning(StoreSettings settings, DataSource writer, ReentrantLock writing) {
        return Optional.empty();
    }

    /** What keeps a commit from emptying the write-ahead log before so much has gathered; null where there is nothing to say. */
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

    /**
     * After a COMMIT.
     *
     * @throws SQLException if it came with a warning, and so is not known to be as durable as it should be
     */
    void requireDurable(Connection connection) throws SQLException {}

    abstract StoreException.Kind kindOf(SQLException e);

    /** Makes every transaction of a connection a snapshot that cannot write; said once, when it is opened. */
    abstract String snapshots();
}
