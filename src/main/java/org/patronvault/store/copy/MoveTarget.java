package org.patronvault.store.copy;

import java.io.IOException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.ConnectionPool;
import org.patronvault.core.store.DurabilityCheck;
import org.patronvault.core.store.MoveMarker;
import org.patronvault.core.store.Schema;
import org.patronvault.core.store.sql.BinaryCopyReader;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.RowCursor;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.postgres.PostgresDialect;
import org.patronvault.store.sqlite.FileRows;

/**
 * The PostgreSQL database that a SQLite database is moved to, row by row, unchanged. Copied rows stay if the process
 * ends, and the next process continues after them. Until {@link #release} it cannot be opened as a vault. Not for use
 * by several threads.
 */
public final class MoveTarget implements AutoCloseable {
    private static final Dialect DIALECT = PostgresDialect.INSTANCE;

    /** The number of the advisory lock, which is one for a database: "move" in ASCII. */
    private static final long LOCK = 0x6d6f7665;

    /** Lists everything in the database that belongs to no extension. No other kind of object has rows. */
    private static final String OBJECTS =
            "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END"
                    + " || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S') AND n.nspname <> 'information_schema'"
                    + " AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT 1 FROM pg_depend d"
                    + " WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')";

    private static final String EMPTY_HISTORY =
            "SELECT count(*) = 1 AND NOT EXISTS (SELECT 1 FROM " + MovedTable.HISTORY
                    + ") FROM pg_attribute WHERE attrelid = '" + MovedTable.HISTORY
                    + "'::regclass AND attname = 'installed_rank'";

    /** A listener for the number of rows read, of all. */
    @FunctionalInterface
    public interface Listener {
        /** Called now and then. */
        void at(long rows, long total);
    }

    private final StoreSettings settings;
    private final Handle reader;
    private final Handle writer;

    private MoveTarget(StoreSettings settings, Handle reader, Handle writer) {
        this.settings = settings;
        this.reader = reader;
        this.writer = writer;
    }

    /**
     * Connects to the database; changes nothing.
     *
     * @throws Refused if it is no PostgreSQL database, or is set weaker than the vault promises
     * @throws StoreException if it cannot be reached
     */
    public static MoveTarget open(StoreSettings settings) {
        if (settings.isSqlite()) {
            throw new Refused(Problem.INVALID, "A vault moves into PostgreSQL alone: --to jdbc:postgresql://…");
        }
        Jdbi jdbi = ConnectionPool.jdbi(DIALECT.schemaSource(settings));
        // Closing a connection rolls back its transaction, which is intended.
        jdbi.getConfig(Handles.class).setForceEndTransactions(false);
        return told(() -> {
            Handle reader = jdbi.open();
            try {
                MoveTarget target = new MoveTarget(settings, reader, jdbi.open());
                target.prepare();
                return target;
            } catch (RuntimeException | SQLException e) {
                reader.close();
                throw e;
            }
        });
    }

    private void prepare() throws SQLException {
        try {
            DurabilityCheck.requireNone(DIALECT.weakSettings(writer.getConnection(), settings));
            if (!"UTF8".equals(Dialect.one(writer.getConnection(), "SHOW server_encoding"))) {
                throw new Refused(Problem.INVALID, "The database must be in UTF-8: CREATE DATABASE … ENCODING 'UTF8'.");
            }
            // Whole tables are read in the order of their keys, for which there are indexes.
            reader.execute("SET enable_seqscan = off");
            reader.execute("SET enable_sort = off");
            reader.execute("SET default_transaction_isolation = 'repeatable read'");
            reader.getConnection().setAutoCommit(false);
            writer.getConnection().setAutoCommit(false);
        } catch (RuntimeException | SQLException e) {
            writer.close();
            throw e;
        }
    }

    /** Work that may fail only by the database. */
    private interface Work<T> {
        T run() throws SQLException, IOException;
    }

    private static <T> T told(Work<T> work) {
        try {
            return work.run();
        } catch (JdbiException | SQLException | IOException e) {
            throw DIALECT.translate(e);
        }
    }

    /** Runs it on one snapshot of the database as it is now. */
    private <T> T snapshot(Work<T> work) {
        return told(() -> {
            try {
                return work.run();
            } finally {
                // The server may cancel this instead of a copy that was not read to its end.
                Jdbc.rollback(reader);
            }
        });
    }

    /** Runs {@code work} on one snapshot of the database as it is now. */
    public <T> T read(Function<Tx, T> work) {
        return snapshot(() -> work.apply(new Tx(reader, DIALECT)));
    }

    /**
     * Checks whether a vault may be moved into the database; changes nothing.
     *
     * @param from the vault's own database
     * @throws Refused if it holds anything but this very vault's own unfinished move
     */
    public void requireFree(Tx from) {
        String vault = vault(from);
        Set<String> ours = new HashSet<>();
        from.catalogue().tables().forEach(table -> ours.add(table.name()));
        snapshot(() -> {
            List<String> found = reader.createQuery(OBJECTS).mapTo(String.class).list();
            if (!found.isEmpty() && !isJustBegun(found)) {
                if (!ours.containsAll(found) || !found.containsAll(Set.of(MovedTable.HISTORY, MoveMarker.TABLE))) {
                    throw taken("holds something else");
                }
                requireNobodysOrOurs(new Tx(reader, DIALECT), vault);
            }
            return found;
        });
    }

    /** Whether a move ended before it made the first table, and left an empty table history. */
    private boolean isJustBegun(List<String> found) {
        return found.equals(List.of(MovedTable.HISTORY))
                && reader.createQuery(EMPTY_HISTORY).mapTo(Boolean.class).one();
    }

    private static void requireNobodysOrOurs(Tx tx, String vault) throws SQLException {
        Optional<String> mark = tx.fact(MoveMarker.FACT);
        if (mark.isPresent()) {
            if (!MoveMarker.isOf(mark.get(), vault)) {
                throw taken("holds something else: the unfinished move of another vault");
            }
            return;
        }
        for (MovedTable table : MovedTable.of(tx)) {
            if (table.hasRows(tx.handle)) {
                boolean served = tx.fact("vault").filter(vault::equals).isPresent();
                throw taken(served ? "has served this vault already" : "holds something else: another vault");
            }
        }
    }

    private static Refused taken(String how) {
        return new Refused(
                Problem.HOME_IN_USE, "That database " + how + ". Name an empty one; nothing was changed in either.");
    }

    private static String vault(Tx from) {
        return from.fact("vault").orElseThrow(() -> new IntegrityException("move: vault"));
    }

    /**
     * Creates the tables and marks them as this vault's move, as {@link #requireFree} allows. No other vault can claim
     * them from then on.
     *
     * @throws Refused if another process is at it
     */
    public void claim(Tx from) {
        lock();
        requireFree(from);
        Schema.prepare(DIALECT, settings);
        if (!read(Tx::schema).equals(from.schema())) {
            throw new IntegrityException("move: schema");
        }
        mark(MoveMarker.copying(vault(from)));
    }

    private void lock() {
        try {
            // A server needs a while to notice that a process was killed, and only then releases the lock.
            writer.execute("SET lock_timeout = '30s'");
            writer.execute("SELECT pg_advisory_lock(" + LOCK + ")");
            writer.execute("SET lock_timeout = DEFAULT");
            writer.getConnection().commit();
        } catch (JdbiException | SQLException e) {
            StoreException translated = DIALECT.translate(e);
            throw translated.kind() == StoreException.Kind.BUSY
                    ? new Refused(Problem.HOME_IN_USE, "Another process moves a vault into that database just now.")
                    : translated;
        }
    }

    private void mark(String mark) {
        told(() -> {
            writer.createUpdate("INSERT INTO " + MoveMarker.TABLE + " (name, value) VALUES (:name, :value)"
                            + " ON CONFLICT (name) DO UPDATE SET value = excluded.value")
                    .bind("name", MoveMarker.FACT)
                    .bind("value", mark)
                    .execute();
            writer.getConnection().commit();
            return mark;
        });
    }

    /** Makes all its tables equal to those of {@code from}, whatever rows they have already. */
    public void copy(Tx from, Listener told) {
        walk(from, told, table -> new TableLoader(table, writer.getConnection()));
        told(() -> {
            // Statistics for planning; ciphertexts have none. Without names it would lock the catalogs that all
            // databases of the server share, and wait for another move there.
            writer.execute("ANALYZE " + snapshot(() -> MovedTable.named(MovedTable.of(new Tx(reader, DIALECT)))));
            writer.getConnection().commit();
            return from;
        });
    }

    /**
     * Reads both databases again, and compares each value of each row of each table.
     *
     * @return number of rows by table
     * @throws IntegrityException if anything differs; it names the table
     */
    public SortedMap<String, Long> compare(Tx from, Listener told) {
        return walk(from, told, TableEquality::new);
    }

    /** A handler for the differences of a table. */
    private interface DifferenceHandler {
        TableComparison.Differences of(MovedTable table) throws IOException;
    }

    private SortedMap<String, Long> walk(Tx from, Listener told, DifferenceHandler way) {
        SortedMap<String, Long> rows = new TreeMap<>();
        return snapshot(() -> {
            List<MovedTable> tables = MovedTable.of(new Tx(reader, DIALECT));
            long total =
                    tables.stream().mapToLong(table -> table.count(from.handle)).sum();
            long before = 0;
            for (MovedTable table : tables) {
                long passed = before;
                told.at(passed, total);
                try (RowCursor ours = new FileRows(table, from.handle.getConnection());
                        RowCursor theirs = new BinaryCopyReader(table, reader.getConnection())) {
                    before += TableComparison.run(
                            table, ours, theirs, way.of(table), read -> told.at(passed + read, total));
                }
                rows.put(table.name(), before - passed);
            }
            return rows;
        });
    }

    /** Marks the move as complete: from now on the vault can be opened in it. */
    public void whole(Tx from) {
        mark(MoveMarker.whole(vault(from)));
    }

    /** Removes the mark, once the home names this database as its own. */
    public void release() {
        told(() -> {
            writer.createUpdate("DELETE FROM " + MoveMarker.TABLE + " WHERE name = :name")
                    .bind("name", MoveMarker.FACT)
                    .execute();
            writer.getConnection().commit();
            return writer;
        });
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
