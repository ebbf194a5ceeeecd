package org.patronvault.store.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.patronvault.core.store.sql.DatabaseFailures;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.StoreException;

/**
 * A thread that moves committed pages from the write-ahead log of a SQLite database into the database, so that no commit
 * has to do it and wait for the disk. Most pages move while others read and write (SQLite, {@code PRAGMA
 * wal_checkpoint}, PASSIVE). The few that were committed meanwhile move while nobody writes, so that the next commit
 * starts at the beginning of the log again.
 *
 * <p>After an erasure the log is emptied ({@link #truncate}). The database itself needs nothing: SQLite overwrites what
 * is deleted ({@code PRAGMA secure_delete}). Safe for use by many threads.
 */
public final class WalCheckpoints implements AutoCloseable {
    /** The number of pages that begins a checkpoint: 16 MiB, which is one table of the log's index. */
    static final int PAGES = 4_000;

    private static final long PERIOD_MILLIS = 250;
    private static final long PAUSE_NANOS = 10_000_000;
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(15);

    /**
     * The state of the log.
     *
     * @param pages in the log
     * @param left of them not in the database yet
     */
    private record State(int pages, int left) {}

    private final DataSource source;
    private final DataSource writer;
    private final ReentrantLock writing;
    private final DatabaseFailures failures;

    /** Held around each checkpoint, so that none is under way when the log is emptied. */
    private final ReentrantLock checkpointing = new ReentrantLock();

    private long last = System.nanoTime();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "vault-wal");
        made.setDaemon(true);
        return made;
    });

    private WalCheckpoints(DataSource source, DataSource writer, ReentrantLock writing, DatabaseFailures failures) {
        this.source = source;
        this.writer = writer;
        this.writing = writing;
        this.failures = failures;
    }

    /**
     * Starts the thread.
     *
     * @param source of a connection to the database
     * @param writer of the connection that writes, which is free for whoever holds {@code writing}
     * @param writing held while a thread writes
     * @param failures receives each failure
     */
    static WalCheckpoints start(
            DataSource source, DataSource writer, ReentrantLock writing, DatabaseFailures failures) {
        WalCheckpoints made = new WalCheckpoints(source, writer, writing, failures);
        var unused =
                made.thread.scheduleWithFixedDelay(made::attempt, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        return made;
    }

    private void attempt() {
        try (Connection connection = source.getConnection()) {
            turn(connection);
        } catch (SQLException e) {
            StoreException failed = SqliteDialect.INSTANCE.translate(e);
            if (failed.kind() != StoreException.Kind.BUSY) {
                StoreException unused = failures.told(failed);
            }
        } catch (RuntimeException | Error e) {
            // Such as memory that ran out: the next turn tries again, and the log grows meanwhile.
        }
    }

    private void turn(Connection connection) throws SQLException {
        int left = state(connection).left();
        boolean isQuiet = left > 0 && System.nanoTime() - last >= QUIET_NANOS;
        if (left < PAGES && !isQuiet) {
            return;
        }
        checkpointing.lock();
        try {
            passive(connection);
            State moved = state(connection);
            if (moved.pages() >= PAGES && moved.left() > 0) {
                passiveAlone(connection);
            }
        } finally {
            checkpointing.unlock();
        }
        last = System.nanoTime();
    }

    private void passiveAlone(Connection connection) throws SQLException {
        writing.lock();
        try {
            passive(connection);
        } finally {
            writing.unlock();
        }
    }

    private static void passive(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
    }

    /**
     * Empties the write-ahead log, so that it holds nothing that was erased.
     *
     * @param patienceMillis for how long to try while a reader is in the way
     * @return whether it is empty
     */
    public boolean truncate(long patienceMillis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (!truncate()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            // Nothing is locked between two tries, so that writers need not wait for readers.
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    private boolean truncate() {
        checkpointing.lock();
        writing.lock();
        try (Connection connection = writer.getConnection();
                Statement statement = connection.createStatement()) {
            String patience = Dialect.one(connection, "PRAGMA busy_timeout");
            // A checkpoint holds the writer's lock while it waits for readers, so it must not wait for long.
            statement.execute("PRAGMA busy_timeout = 100");
            try (ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                return result.next() && result.getInt(1) == 0 && result.getInt(2) == 0;
            } finally {
                statement.execute("PRAGMA busy_timeout = " + patience);
            }
        } catch (SQLException e) {
            StoreException failed = SqliteDialect.INSTANCE.translate(e);
            if (failed.kind() != StoreException.Kind.BUSY) {
                throw failed;
            }
            return false;
        } finally {
            writing.unlock();
            checkpointing.unlock();
        }
    }

    private static State state(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(NOOP)")) {
            int pages = Math.max(0, result.getInt(2));
            return new State(pages, pages - Math.max(0, result.getInt(3)));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
