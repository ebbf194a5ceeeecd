package org.patronvault.core.store.sql;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.store.postgres.PostgresDialect;
import org.patronvault.store.sqlite.SqliteDialect;
import org.patronvault.store.sqlite.WalCheckpoints;

/** The differences between SQLite and PostgreSQL, all in one place. */
public abstract class Dialect {
    public static Dialect of(StoreSettings settings) {
        return settings.isSqlite() ? SqliteDialect.INSTANCE : PostgresDialect.INSTANCE;
    }

    public static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
        }
    }

    /** Returns the meaning of a database failure, without a word of the statement. */
    public StoreException translate(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                StoreException.Kind kind = kindOf(sql);
                return new StoreException(kind, "database: " + kind + " (" + sql.getErrorCode() + ")");
            }
        }
        return new StoreException(
                StoreException.Kind.FAILED, "database: " + e.getClass().getSimpleName());
    }

    public abstract DataSource dataSource(StoreSettings settings, boolean writer);

    /** Returns the source of connections for work on the schema. */
    public DataSource schemaSource(StoreSettings settings) {
        return dataSource(settings, true);
    }

    /**
     * Forces everything committed to disk, whatever happened to the previous process. Called before anything is
     * written.
     *
     * @throws Refused if another process is in the way
     */
    public void settle(DataSource writer) {}

    /** Configures a pool to detect a lost server, or to cache statements if there is no server. */
    public void pool(HikariConfig config) {}

    public abstract Map<String, String> placeholders();

    /** Returns a condition for entries of the log that are alerts: member 7 is 12 (format.md, "Log leaf"). */
    public abstract String alert();

    /** Returns the query for schema (empty for the vault's own), table, column and declared type of every column. */
    public abstract String catalogue();

    /** Returns the start of a statement in which {@code n.i} counts from 0 to its first parameter, less one. */
    public abstract String counted();

    /** Returns the SQL after a column that is searched in an index once for each value of {@code select}. */
    public abstract String among(String select);

    /**
     * Returns the query for labels and values in a table. The first parameter is the number of labels, the second is
     * the labels one after the other.
     */
    public abstract String labelled(String table);

    public abstract String lockHead();

    /** Returns the settings that are weaker than promised, each with its required value. */
    public abstract List<String> weakSettings(Connection connection, StoreSettings settings) throws SQLException;

    /** Returns recommendations for its settings, in sentences. */
    public List<String> remarks(Connection connection) throws SQLException {
        return List.of();
    }

    /**
     * Starts the thread that moves committed pages into the database's file. Empty on a server, which does that itself:
     * there autovacuum removes dead rows.
     *
     * @param source of a connection for that thread alone
     * @param writer of the connection that writes
     * @param writing held while a thread writes
     */
    public Optional<WalCheckpoints> checkpoints(
            DataSource source, DataSource writer, ReentrantLock writing, DatabaseFailures failures) {
        return Optional.empty();
    }

    /**
     * Creates the database file, if any, for its owner alone, or restricts an existing one. Refused if it cannot be
     * written.
     */
    public void restrictFiles(StoreSettings settings) {}

    /** Returns the first statement of a session that writes. */
    public abstract String writing();

    /**
     * Returns the statement that keeps the names of the index's tables for a transaction, if its snapshot does not. It
     * precedes the transaction's first statement.
     */
    public String holdIndex() {
        return "";
    }

    /** Returns the end of a read transaction, sent to the server together with its last query. */
    public String end() {
        return "";
    }

    /** Begins a transaction. A writing transaction takes the writer's lock. */
    public void begin(Handle handle, boolean writes) {
        handle.begin();
    }

    /** Commits it, durably if something was written. */
    public void commit(Handle handle) {
        handle.commit();
    }

    /** Rolls it back. */
    public void rollback(Handle handle) {
        handle.rollback();
    }

    /**
     * Whether {@link #rollback} failed because no transaction is open any more. Otherwise the connection must not be
     * reused.
     */
    public boolean isOver(JdbiException failed) {
        return true;
    }

    /** Whether a transaction can go on after a read that met damage. */
    public boolean goesOnAfterDamage() {
        return true;
    }

    /** Whether several statements with semicolons can be sent in one round trip. */
    public boolean takesTogether() {
        return false;
    }

    /** Whether one parameter can be many values. */
    public boolean takesArrays() {
        return false;
    }

    /** Whether many rows can be sent by a {@link BinaryCopyWriter}. */
    public boolean takesCopies() {
        return false;
    }

    /** Whether rows are stored in the order of their keys, and not in the order of writing. */
    public boolean liesByKey() {
        return true;
    }

    /**
     * Returns the statements that make whole-table reads start at the first row. PostgreSQL may otherwise join another
     * read in progress.
     */
    public List<String> inPlace() {
        return List.of();
    }

    /**
     * Returns the statements that wait briefly until nobody reads the index's tables, if their exchange hinders
     * readers.
     */
    public List<String> takeIndex() {
        return List.of();
    }

    /** Returns all rows of a table, in the order of their keys. */
    public abstract RowCursor rows(MovedTable table, Connection connection) throws SQLException, IOException;

    /** Returns the query for the tables that can be checked for damage; none on a server, which checks its own. */
    public String watched() {
        return "SELECT '' WHERE 1 = 0";
    }

    /**
     * Whether the indexes of a table have all its rows and nothing else, in whole pages, as far as the database itself
     * can tell. It cannot tell whether they are the right rows.
     *
     * @param table one that is watched; all of them at once, and the file as a whole, if empty
     * @param stopping asked now and then whether to give up; unchecked parts are then taken to be sound
     */
    public boolean isSound(Connection connection, String table, BooleanSupplier stopping) throws SQLException {
        return true;
    }

    /** Throws if a COMMIT came with a warning, and so is not known to be durable. */
    public void requireDurable(Connection connection) throws SQLException {}

    /** Returns the statements that exchange the names of the index's two tables. */
    public List<String> exchangeIndexes() {
        return List.of(
                "ALTER TABLE search_index RENAME TO search_index_exchanged",
                "ALTER TABLE search_index_next RENAME TO search_index",
                "ALTER TABLE search_index_exchanged RENAME TO search_index_next");
    }

    public abstract StoreException.Kind kindOf(SQLException e);

    /**
     * Returns the statement that makes every transaction of a connection a snapshot that cannot write. Run once, when
     * it is opened.
     */
    public abstract String snapshots();
}
