package org.patronvault.store;

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
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The database of one vault. Safe for use by many threads: reads run at the same time, each on a snapshot; writes run
 * one after the other, each as one transaction that first locks the log's head.
 */
public final class Store implements AutoCloseable {
    /** How long the write-ahead log may become. */
    static final int UNTIDIED_MEBIBYTES = 64;

    private final Dialect dialect;
    private final StoreSettings settings;
    private final boolean writes;
    private final List<ConnectionPool> pools = new ArrayList<>();
    private final DurabilityCheck strength;
    private final ConnectionPool readers;
    private final ConnectionPool aside;
    private final ConnectionPool writer;
    private final ReentrantLock writing = new ReentrantLock(true);
    private Optional<PageCleaning> cleaning = Optional.empty();
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
            // As where no more files can be opened just now: those that were are needed elsewhere.
            pools.forEach(pool -> pool.source().close());
            throw e;
        }
    }

    /**
     * Opens the database, creating or upgrading its schema, and reads its settings back. What an import that was broken
     * off left staged is merged into the index first.
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
     * Opens an existing database to be read only, as it is: nothing is made or upgraded.
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
                store.cleaning = dialect.cleaning(settings, store.writer.source(), store.writing);
                store.write(tx -> {
                    tx.indexTables().recoverLoad();
                    return null;
                });
                store.watchFiles();
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
        opened.watch(() -> cleaning.ifPresent(PageCleaning::note), failures);
    }

    private ConnectionPool pool(String name, int size, boolean forWriting) {
        // Who only looks in takes what he needs.
        ConnectionPool pool = ConnectionPool.open(dialect, settings, name, size, writes ? size : 1, forWriting);
        pools.add(pool);
        return pool;
    }

    /** Whether the database is a file in a home, which one process has to itself. */
    public boolean isOfOneProcess() {
        return settings.isSqlite();
    }

    /** Runs {@code work} on one snapshot of the database. Nothing it does may write. */
    public <T> T read(Function<Tx, T> work) {
        return read(readers, work);
    }

    /**
     * The same for who is in the middle of a read and needs a newer snapshot: of readers who all wait for another reader
     * none would go on. {@code work} may not do so again.
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
                // As a value that does not authenticate: who asks for anything else is answered.
                throw new IntegrityException(failures.counted(translated).getMessage());
            }
            throw failures.told(translated);
        }
    }

    /**
     * Has {@code then} told of an I/O error, whoever met it: SQLite itself would carry on, and nothing may be acknowledged
     * after the first. Also of damage, where something was to be written.
     *
     * @param then told why, by any thread and maybe more than once; it must not throw
     */
    public void onBroken(Consumer<String> then) {
        failures.onBroken(then);
    }

    /** How often it failed since it was opened, by kind. */
    public Map<StoreException.Kind, Long> failures() {
        return failures.counts();
    }

    /**
     * Runs {@code work} as one durable transaction, after locking the log's head. When this returns, what was written
     * is on disk. What says or changes anything of a patron is written by the log's appender, and by nobody else.
     *
     * @throws StoreException of kind UNKNOWN if the connection went away and the outcome must be read
     * @throws Refused with {@code database-weak} while the last {@link #look} found the database set weak
     */
    public <T> T write(Function<WriteTx, T> work) {
        return write(List.of(), work);
    }

    /**
     * The same.
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
                cleaning.ifPresent(PageCleaning::note);
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
            // Of what does not even say that it failed it is looked up whether it is there.
            throw translated.kind() == StoreException.Kind.BUSY
                    ? new StoreException(StoreException.Kind.UNKNOWN, translated.getMessage())
                    : translated;
        }
    }

    /**
     * Moves what is committed out of the write-ahead log, as far as readers allow, while others read and write: done
     * now and then by nobody's caller, so that no commit has to.
     */
    public void tidy() {
        try (Connection connection = readers.source().getConnection()) {
            if (cleaning.isPresent()) {
                cleaning.get().tidy(connection);
            }
        } catch (SQLException e) {
            throw failures.told(dialect.translate(e));
        }
    }

    /**
     * Looks at the database's settings, which may have been changed since: while they are weaker than promised nothing is
     * written, and afterwards it is again.
     */
    public void look() {
        Optional<String> unused = failures.telling(strength::look);
    }

    /** What the last look found weaker than promised, with the cure. */
    public Optional<String> weakness() {
        return strength.weakness();
    }

    /** What could be better of the database's settings, each with the cure. */
    public List<String> remarks() {
        try (Connection connection = readers.source().getConnection()) {
            return dialect.remarks(connection);
        } catch (SQLException e) {
            throw failures.told(dialect.translate(e));
        }
    }

    /** Where it is. */
    public StoreSettings settings() {
        return settings;
    }

    /** Clears some of what earlier processes left, as {@link PageCleaning#cleanRest} does. */
    public boolean purgeRest() {
        return failures.telling(() -> cleaning.map(PageCleaning::cleanRest).orElse(true));
    }

    /** Clears deleted bytes out of the database's files, as {@link PageCleaning#clean} does; a server does that by itself. */
    public boolean purge(long patienceMillis) {
        return failures.telling(
                () -> cleaning.map(files -> files.clean(patienceMillis)).orElse(true));
    }

    @Override
    public void close() {
        failures.close();
        files.ifPresent(DatabaseFiles::close);
        pools.forEach(pool -> pool.source().close());
        cleaning.ifPresent(PageCleaning::close);
    }
}
