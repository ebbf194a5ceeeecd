package org.patronvault.store;

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

/** The one place where SQLite and PostgreSQL differ. */
abstract class Dialect {
    static Dialect of(StoreSettings settings) {
        return settings.isSqlite() ? SqliteDialect.INSTANCE : PostgresDialect.INSTANCE;
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

    /**
     * Has everything that is committed be on disk, whatever became of the process before this one; before anything is
     * written.
     *
     * @throws Refused if another process is in the way
     */
    void settle(DataSource writer) {}

    /** Sets a pool so that it notices what becomes of a server, where there is one, and keeps statements where there is none. */
    void pool(HikariConfig config) {}

    abstract Map<String, String> placeholders();

    /** Whether an entry of the log tells of something: its member 7 is 12 (format.md, "Log leaf"). */
    abstract String alert();

    /** Asks for schema, empty for the vault's own, table, column and declared type of every column there is. */
    abstract String catalogue();

    /** What a statement begins with in which {@code n.i} counts from 0 to its first parameter, less one. */
    abstract String counted();

    /** What comes behind a column that is looked for in an index once for each value that {@code select} gives. */
    abstract String among(String select);

    /**
     * Asks a table for the labels and values at as many labels as its first parameter says, which stand one behind the
     * other in its second.
     *
     * @param columns conditions, if any, with AND, and the column that is compared
     */
    abstract String labelled(String table, String columns);

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

    /** Makes the file of the database, where it is one, for its owner alone, or keeps what is there from everybody else; refused if it cannot be written. */
    void restrictFiles(StoreSettings settings) {}

    /** What a session that writes begins with; on SQLite a commit does not empty the log before so much has gathered. */
    abstract String untidied(int mebibytes);

    /**
     * Keeps the names of the index's tables for a transaction that read nothing yet, if its snapshot does not: goes before
     * its first statement.
     */
    String holdIndex() {
        return "";
    }

    /** What ends a transaction that read, behind its last question and on the way to the server with it. */
    String end() {
        return "";
    }

    /** Begins a transaction; of who writes, with the writer's lock. */
    void begin(Handle handle, boolean writes) {
        handle.begin();
    }

    /** Ends it, durably where something was written. */
    void commit(Handle handle) {
        handle.commit();
    }

    /** Undoes it. */
    void rollback(Handle handle) {
        handle.rollback();
    }

    /** Whether {@link #rollback} failed because nothing is under way any more; else nobody may get that connection again. */
    boolean isOver(JdbiException failed) {
        return true;
    }

    /** Whether statements with semicolons between them are carried out in one turn. */
    boolean takesTogether() {
        return false;
    }

    /** Whether one parameter can be many values. */
    boolean takesArrays() {
        return false;
    }

    /** Whether many rows are taken as a {@link BinaryCopyWriter}. */
    boolean takesCopies() {
        return false;
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

    /** All rows of a table, in the order of their keys. */
    abstract RowCursor rows(MovedTable table, Connection connection) throws SQLException, IOException;

    /** What lists the tables of which it is to be asked whether they are sound; of those that a server watches over none. */
    String watched() {
        return "SELECT '' WHERE 1 = 0";
    }

    /**
     * Whether whatever rows of a table are found by has all of them and nothing else, in whole pages, as far as the
     * database itself can tell; that they are the right rows is not its to say.
     *
     * @param table one that is watched; all of them at once, and the file as a whole, if empty
     * @param stopping asked now and then whether to give up; what was not looked at by then is taken to be sound
     */
    boolean isSound(Connection connection, String table, BooleanSupplier stopping) throws SQLException {
        return true;
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
