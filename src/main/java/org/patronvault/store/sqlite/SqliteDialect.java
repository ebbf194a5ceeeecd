package org.patronvault.store.sqlite;

import static java.util.Map.entry;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.CiphertextColumns;
import org.patronvault.core.store.sql.DatabaseFailures;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.RowCursor;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.IndexRows;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;

/** The SQLite dialect. */
public final class SqliteDialect extends Dialect {
    public static final Dialect INSTANCE = new SqliteDialect();

    /** The steps between checks. A step is a page, or an instruction of SQLite's virtual machine. */
    private static final int STEPS_BETWEEN_LOOKS = 1_000;

    private static final int INTERRUPTED = 9;

    private static final String SCHEMA = "sqlite_schema";

    /**
     * Counts the tables and indexes that share their root page with another. A check of one table alone misses that.
     */
    private static final String SHARED =
            "SELECT count(*) - count(DISTINCT rootpage) FROM sqlite_schema WHERE rootpage > 0";

    /**
     * The texts of SQLite, without a code of its own, for a statement that does not fit its tables. The vault's
     * statements never change, and a file is not served before it has this version's tables. So the stored table
     * definitions are damaged, or another program's.
     */
    private static final Pattern NOT_OUR_TABLES = Pattern.compile(
            "\\((no such (table|column|index|function|collation sequence): .*"
                    + "|unknown function: .*|table .* (already exists|has no column named .*)|ON CONFLICT clause does not match .*)\\)$");

    /** The number that bytes 2 to 5 of an envelope are. SQLite reads no number from bytes, so each digit is looked up. */
    private static final String KEK_VERSION = IntStream.range(0, 8)
            .mapToObj(digit -> "(instr('0123456789ABCDEF', substr(hex(substr(envelope, 2, 4)), " + (digit + 1)
                    + ", 1)) - 1) * " + (1L << (28 - 4 * digit)))
            .collect(Collectors.joining(" + "));

    private SqliteDialect() {}

    @Override
    public DataSource dataSource(StoreSettings settings, boolean writer) {
        return SqliteSource.of(settings.jdbcUrl(), writer);
    }

    @Override
    public void settle(DataSource writer) {
        // After a failed sync, Linux treats pages as written that are on no disk, and SQLite trusts them in the
        // write-ahead log. Later commits depend on them. So everything is written once more, to the database.
        try (Connection connection = writer.getConnection()) {
            if (!"0".equals(Dialect.one(connection, "PRAGMA wal_checkpoint(TRUNCATE)"))) {
                throw new Refused(
                        Problem.HOME_IN_USE,
                        "Another process reads the database: wait for it, or end it, and start again.");
            }
        } catch (SQLException e) {
            throw translate(e);
        }
    }

    @Override
    public void pool(HikariConfig config) {
        config.setDataSource(StatementCache.of(config.getDataSource()));
    }

    /**
     * Begins by kept statements. The driver would parse each one, and begin the next transaction with each end of one.
     */
    @Override
    public void begin(Handle handle, boolean writes) {
        run(handle, writes ? "BEGIN IMMEDIATE" : "BEGIN");
    }

    @Override
    public void commit(Handle handle) {
        run(handle, "COMMIT");
    }

    @Override
    public void rollback(Handle handle) {
        run(handle, "ROLLBACK");
    }

    /** SQLite itself rolls back a transaction that found no room, and reports that in no other way. */
    @Override
    public boolean isOver(JdbiException failed) {
        return String.valueOf(failed.getMessage()).contains("no transaction is active");
    }

    private static void run(Handle handle, String sql) {
        int unused = Jdbc.execute(handle, sql, statement -> {});
    }

    @Override
    public Map<String, String> placeholders() {
        return Map.ofEntries(
                entry("int", "INTEGER"),
                entry("bytes", "BLOB"),
                entry("strict", "STRICT"),
                entry("keyed", "STRICT, WITHOUT ROWID"),
                entry("envelope", "length(envelope) > 149 AND substr(envelope, 1, 1) = x'01'"),
                entry("one", "x'01'"),
                entry("zero", "x'0000000000000000'"),
                entry("cells", CiphertextColumns.cells("unhex(printf('%016x', generation) || hex(envelope))")),
                entry("kekVersion", KEK_VERSION),
                entry("alert", alert()),
                entry("unsampled", ""),
                entry("pages", ""),
                entry("inRow", ""),
                entry("exchange", ""));
    }

    @Override
    public String alert() {
        return "instr(leaf, x'07000000010c') > 0";
    }

    @Override
    public String catalogue() {
        return "SELECT '', t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
                + " WHERE t.type = 'table' ORDER BY t.name, c.cid";
    }

    @Override
    public String counted() {
        return "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)";
    }

    @Override
    public String among(String select) {
        return "IN (" + select + ")";
    }

    @Override
    public String labelled(String table) {
        // The order of the tables is fixed, or the planner might read all of the index.
        return counted() + " SELECT label, value FROM n CROSS JOIN " + table + " WHERE label = " + IndexRows.LABEL;
    }

    @Override
    public String lockHead() {
        // The transaction began IMMEDIATE, so the writer's lock is held already.
        return "SELECT size, frontier FROM log_head WHERE one = 1";
    }

    @Override
    public List<String> weakSettings(Connection connection, StoreSettings settings) throws SQLException {
        return SqliteSource.weak(connection);
    }

    @Override
    public Optional<WalCheckpoints> checkpoints(
            DataSource source, DataSource writer, ReentrantLock writing, DatabaseFailures failures) {
        return Optional.of(WalCheckpoints.start(source, writer, writing, failures));
    }

    @Override
    public void restrictFiles(StoreSettings settings) {
        Path database = settings.file().orElseThrow().toAbsolutePath();
        if (database.endsWith(":memory:")) {
            // No file; its settings are refused as too weak.
            return;
        }
        if (!Files.isWritable(database.getParent()) || (Files.exists(database) && !Files.isWritable(database))) {
            throw new Refused(
                    Problem.INVALID,
                    "The database's file or directory cannot be written: see that its disk is not mounted read-only, and"
                            + " whose it is.");
        }
        FileSystemType.require(database.getParent());
        Set<PosixFilePermission> owners = PosixFilePermissions.fromString("rw-------");
        for (Path file : settings.files()) {
            try {
                if (Files.exists(file)) {
                    Files.setPosixFilePermissions(file, owners);
                } else if (file.toAbsolutePath().equals(database)) {
                    // SQLite's files beside it get the same mode.
                    Files.createFile(file, PosixFilePermissions.asFileAttribute(owners));
                }
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                // Another process removed it, or created it, meanwhile.
            } catch (IOException | UnsupportedOperationException e) {
                throw new StoreException(
                        StoreException.Kind.FAILED, "the database's file cannot be made, or its mode set");
            }
        }
    }

    @Override
    public RowCursor rows(MovedTable table, Connection connection) throws SQLException {
        return new FileRows(table, connection);
    }

    @Override
    public String writing() {
        // WalCheckpoints does that in a thread of its own.
        return "PRAGMA wal_autocheckpoint = 0";
    }

    @Override
    public StoreException.Kind kindOf(SQLException e) {
        if (e instanceof SQLTransientConnectionException) {
            // The pool's own: all connections are in use, or none can be made.
            return e.getCause() instanceof SQLException cause ? kindOf(cause) : StoreException.Kind.BUSY;
        }
        return switch (e.getErrorCode() & 0xff) {
            case 1 ->
                NOT_OUR_TABLES.matcher(String.valueOf(e.getMessage())).find()
                        ? StoreException.Kind.DAMAGED
                        : StoreException.Kind.FAILED;
            // 14: a file cannot be opened just now, and the transaction is rolled back.
            case 5, 6, 14 -> StoreException.Kind.BUSY;
            // 8: if a file cannot be opened for writing, SQLite silently opens it for reading, and such a connection
            // never writes again. 15: a failed call left the index of the write-ahead log half made, and it stays so in
            // this process.
            case 8, 10, 15 -> StoreException.Kind.BROKEN;
            case 11, 26 -> StoreException.Kind.DAMAGED;
            case 13 -> StoreException.Kind.FULL;
            default -> StoreException.Kind.FAILED;
        };
    }

    @Override
    public String watched() {
        // With its own table SQLite checks the unused pages too.
        return "SELECT name FROM sqlite_schema WHERE type = 'table' UNION SELECT '" + SCHEMA + "' ORDER BY 1";
    }

    @Override
    public boolean isSound(Connection connection, String table, BooleanSupplier stopping) throws SQLException {
        SQLiteConnection own = connection.unwrap(SQLiteConnection.class);
        ProgressHandler.setHandler(own, STEPS_BETWEEN_LOOKS, new ProgressHandler() {
            @Override
            protected int progress() {
                return stopping.getAsBoolean() ? 1 : 0;
            }
        });
        try {
            if (table.equals(SCHEMA) && !"0".equals(one(connection, SHARED))) {
                return false;
            }
            return "ok".equals(one(connection, "PRAGMA integrity_check" + (table.isEmpty() ? "" : "(" + table + ")")));
        } catch (SQLException e) {
            boolean damaged = kindOf(e) == StoreException.Kind.DAMAGED;
            if (!damaged && e.getErrorCode() != INTERRUPTED) {
                throw e;
            }
            return !damaged;
        } finally {
            ProgressHandler.clearHandler(own);
        }
    }

    @Override
    public String snapshots() {
        // A deferred transaction is a snapshot from its first SELECT on; that it only reads must be said.
        return "PRAGMA query_only = 1";
    }
}
