package org.patronvault.core.store;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.DatabaseFailures;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.store.sqlite.DatabaseFiles;
import org.patronvault.store.sqlite.WalCheckpoints;

/**
 * The database of one vault. Safe for use by many threads. Reads run at the same time, each on a snapshot. Writes run
 * one after the other, each as one transaction that first locks the log's head.
 */
public final class Store implements AutoCloseable {
    private final Dialect dialect;
    private final StoreSettings settings;
    private final boolean writes;
    private final List<ConnectionPool> pools = new ArrayList<>();
    private final DurabilityCheck strength;
    private final ConnectionPool readers;
    private final ConnectionPool aside;
    private final ConnectionPool writer;
    private final ReentrantLock writing = new ReentrantLock(true);
    private Optional<WalCheckpoints> checkpoints = Optional.empty();
    private Optional<DatabaseFiles> files = Optional.empty();
    private final DatabaseFailures failures = new DatabaseFailures();

    private Store(Dialect dialect, StoreSettings settings, boolean writes) {
        this.dialect = dialect;
        this.settings = settings;
        this.writes = writes;
        this.strength = new DurabilityCheck(dialect, settings, pools);
        try {
            this.readers = pool("read", settings.readers(), false);
            this.aside = pool("aside", 1, false);
            this.writer = writes ? pool("write", 1, true) : readers;
        } catch (RuntimeException e) {
            // Such as when no more files can be opened: those that are open are needed elsewhere.
            pools.forEach(pool -> pool.source().close());
            throw e;
        }
    }

    /**
     * Opens the database, creates or upgrades its schema, and checks its settings. Entries that an aborted import left
     * staged are first merged into the index.
     *
     * @throws Refused if a setting is weaker than promised, or the schema is newer than this program
     * @throws StoreException if the database cannot be opened, of the kind that says why
     */
    public static Store open(StoreSettings settings) {
        Dialect dialect = Dialect.of(settings);
        settings.require();
        Schema.prepare(dialect, settings);
        return open(dialect, settings, true);
    }

    /**
     * Opens an existing database for reading only, as it is: nothing is created or upgraded.
     *
     * @throws Refused if a setting is weaker than promised
     * @throws StoreException if it cannot be opened
     */
    public static Store openToRead(StoreSettings settings) {
        if (settings.isSqlite() && !Files.exists(settings.files().get(0))) {
            throw new Refused(Problem.NOT_FOUND, "There is no database where vault.yaml says (custody-backup.md).");
        }
        settings.require();
        return open(Dialect.of(settings), settings, false);
    }

    private static Store open(Dialect dialect, StoreSettings settings, boolean writes) {
        Store store;
        try {
            store = new Store(dialect, settings, writes);
        } catch (RuntimeException e) {
            throw new StoreException(dialect.translate(e).kind(), "the database cannot be opened");
        }
        try {
            store.strength.requireAtOpen();
            if (writes && store.isOfOneProcess()) {
                dialect.settle(store.writer.source());
                store.write(tx -> {
                    tx.indexTables().recoverLoad();
                    return null;
                });
                store.watchFiles();
                store.checkpoints =
                        dialect.checkpoints(store.aside.source(), store.writer.source(), store.writing, store.failures);
            } else if (writes) {
                MoveMarker.end(store);
            }
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private void watchFiles() {
        DatabaseFiles opened = DatabaseFiles.opened(settings, aside.source(), writing);
        files = Optional.of(opened);
        opened.watch(failures);
    }

    private ConnectionPool pool(String name, int size, boolean forWriting) {
        // A store that only reads keeps one connection, and opens more on demand.
        ConnectionPool pool = ConnectionPool.open(dialect, settings, name, size, writes ? size : 1, forWriting);
        pools.add(pool);
        return pool;
    }

    /** Whether the database is a file in a home, used by one process alone. */
    public boolean isOfOneProcess() {
        return settings.isSqlite();
    }

    /** Runs {@code work} on one snapshot of the database. It must not write. */
    public <T> T read(Function<Tx, T> work) {
        return read(readers, work);
    }

    /**
     * Runs {@code work} on a newer snapshot, for a caller in the middle of a read. It has its own connections, since
     * readers that all wait for a reader's connection would never end. {@code work} may not call this again.
     */
    public <T> T readAside(Function<Tx, T> work) {
        return read(aside, work);
    }

    private <T> T read(ConnectionPool pool, Function<Tx, T> work) {
        try (Handle handle = pool.jdbi().open()) {
            dialect.begin(handle, false);
            try {
                T result = work.apply(new Tx(handle, dialect));
                dialect.commit(handle);
                return result;
            } catch (Throwable e) {
                pool.rollback(handle);
                throw e;
            }
        } catch (JdbiException e) {
            StoreException translated = dialect.translate(e);
            if (translated.kind() == StoreException.Kind.DAMAGED) {
                // Like a value that does not authenticate: other requests are still answered.
                throw new IntegrityException(failures.counted(translated).getMessage());
            }
            throw failures.told(translated);
        }
    }

    /**
     * Sets the receiver of an I/O error in any thread. SQLite itself would carry on, but nothing may be acknowledged
     * after the first error. Damage found during a write is reported too.
     *
     * @param then receives the reason, from any thread and maybe more than once; it must not throw
     */
    public void onBroken(Consumer<String> then) {
        failures.onBroken(then);
    }

    /** Returns the number of failures since it was opened, by kind. */
    public Map<StoreException.Kind, Long> failures() {
        return failures.counts();
    }

    /**
     * Runs {@code work} as one durable transaction, after locking the log's head. When this returns, the changes are on
     * disk. Only the engine may write data that concerns a patron.
     *
     * @throws StoreException of kind UNKNOWN if the connection was lost and the outcome must be read
     * @throws Refused with {@code database-weak} while the last {@link #look} found weak settings
     */
    public <T> T write(Function<WriteTx, T> work) {
        return write(List.of(), work);
    }

    /**
     * Runs {@code work} as {@link #write(Function)} does, and reads facts ahead.
     *
     * @param facts that {@code work} will ask for: they are read with the lock
     */
    public <T> T write(List<String> facts, Function<WriteTx, T> work) {
        if (!writes) {
            throw new IllegalStateException("the store was opened to be read");
        }
        strength.require();
        writing.lock();
        try (Handle handle = writer.jdbi().open()) {
            dialect.begin(handle, true);
            T result;
            try {
                files.ifPresent(DatabaseFiles::requireLog);
                WriteTx tx = WriteTx.begin(handle, dialect, facts);
                result = work.apply(tx);
                tx.settle();
            } catch (Throwable e) {
                writer.rollback(handle);
                throw e;
            }
            commit(handle);
            files.ifPresent(DatabaseFiles::require);
            return result;
        } catch (JdbiException e) {
            throw failures.told(dialect.translate(e));
        } catch (StoreException e) {
            throw failures.told(e);
        } finally {
            writing.unlock();
        }
    }

    private void commit(Handle handle) {
        try {
            dialect.commit(handle);
            dialect.requireDurable(handle.getConnection());
        } catch (SQLException e) {
            throw new StoreException(StoreException.Kind.UNKNOWN, "database: committed with a warning");
        } catch (JdbiException e) {
            writer.rollback(handle);
            StoreException translated = dialect.translate(e);
            // The commit may have happened, so the caller must read whether it took effect.
            throw translated.kind() == StoreException.Kind.BUSY
                    ? new StoreException(StoreException.Kind.UNKNOWN, translated.getMessage())
                    : translated;
        }
    }

    /**
     * Checks the database's settings, which may have changed. While they are weaker than promised nothing is written.
     * Afterwards writing resumes.
     */
    public void look() {
        Optional<String> unused = failures.telling(strength::look);
    }

    /** Returns the weak settings of the last check, with the cure. */
    public Optional<String> weakness() {
        return strength.weakness();
    }

    /** Returns recommendations for the database's settings, each with the cure. */
    public List<String> remarks() {
        try (Connection connection = readers.source().getConnection()) {
            return dialect.remarks(connection);
        } catch (SQLException e) {
            throw failures.told(dialect.translate(e));
        }
    }

    /** Returns the settings that it was opened with. */
    public StoreSettings settings() {
        return settings;
    }

    /**
     * Clears what was erased from the files of a database of this process, as {@link WalCheckpoints#truncate} does. A
     * server does that by itself.
     *
     * @return whether nothing is left to do
     */
    public boolean purge(long patienceMillis) {
        return failures.telling(
                () -> checkpoints.map(files -> files.truncate(patienceMillis)).orElse(true));
    }

    @Override
    public void close() {
        failures.close();
        files.ifPresent(DatabaseFiles::close);
        pools.forEach(pool -> pool.source().close());
        checkpoints.ifPresent(WalCheckpoints::close);
    }
}
