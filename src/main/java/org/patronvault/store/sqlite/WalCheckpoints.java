package org.patronvault.store.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.patronvault.core.store.sql.DatabaseFailures;
import org.patronvault.core.store.sql.StoreException;

/**
 * A thread that moves committed pages from the write-ahead log of a SQLite database into the database, so that no commit
 * has to do it and wait for the disk. Most pages move while others read and write (SQLite, {@code PRAGMA
 * wal_checkpoint}, PASSIVE). The few that were committed meanwhile move while nobody writes, so that the next commit
 * starts at the beginning of the log again.
 */
final class WalCheckpoints implements AutoCloseable {
    /** The number of pages that begins a checkpoint: 16 MiB, which is one table of the log's index. */
    static final int PAGES = 4_000;

    private static final long PERIOD_MILLIS = 250;
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(15);

    /**
     * The state of the log.
     *
     * @param pages in the log
     * @param left of them not in the database yet
     */
    private record State(int pages, int left) {}

    private final DataSource source;
    private final PageCleaning cleaning;
    private final DatabaseFailures failures;
    private long last = System.nanoTime();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "vault-wal");
        made.setDaemon(true);
        return made;
    });

    private WalCheckpoints(DataSource source, PageCleaning cleaning, DatabaseFailures failures) {
        this.source = source;
        this.cleaning = cleaning;
        this.failures = failures;
    }

    /**
     * Starts the thread.
     *
     * @param source of a connection to the database
     * @param failures receives each failure
     */
    static WalCheckpoints start(DataSource source, PageCleaning cleaning, DatabaseFailures failures) {
        WalCheckpoints made = new WalCheckpoints(source, cleaning, failures);
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
        cleaning.checkpoint(connection);
        State moved = state(connection);
        if (moved.pages() >= PAGES && moved.left() > 0) {
            cleaning.checkpointAlone(connection);
        }
        last = System.nanoTime();
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
