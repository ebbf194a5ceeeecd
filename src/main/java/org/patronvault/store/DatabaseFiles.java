package org.patronvault.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * Checks that the files of a SQLite database are the files that this process opened. SQLite holds them open and goes on
 * after one of them was deleted, replaced or cut, so that whatever it writes from then on is lost. The files are looked at
 * by path and never opened, because a file that Java closes takes SQLite's locks (fcntl, POSIX) with it. Safe for use by
 * many threads.
 */
final class DatabaseFiles implements AutoCloseable {
    /** A quarter of the second within which the vault must have stopped. */
    private static final long PERIOD_MILLIS = 250;

    private static final int LOG = 1;

    private final List<Path> paths;
    private final List<Object> identities = new ArrayList<>();

    /** How long this process left each of them; changed with {@code writing} held. */
    private final AtomicLongArray bytes;

    private final DataSource aside;
    private final ReentrantLock writing;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "vault-files");
        thread.setDaemon(true);
        return thread;
    });

    private DatabaseFiles(List<Path> paths, DataSource aside, ReentrantLock writing) {
        this.paths = paths;
        this.bytes = new AtomicLongArray(paths.size());
        this.aside = aside;
        this.writing = writing;
    }

    /**
     * The files of a database that SQLite has opened for writing, which makes those that are missing.
     *
     * @param writing held while a thread writes, and around a checkpoint that cuts the write-ahead log
     */
    static DatabaseFiles opened(StoreSettings settings, DataSource aside, ReentrantLock writing) {
        try {
            Path named = settings.files().get(0);
            // SQLite follows a link to the database and puts the other two beside the file that it leads to.
            Path database = named.toRealPath();
            List<Path> paths = List.of(named, Path.of(database + "-wal"), Path.of(database + "-shm"));
            DatabaseFiles files = new DatabaseFiles(paths, aside, writing);
            for (int n = 0; n < paths.size(); n++) {
                BasicFileAttributes now = Files.readAttributes(paths.get(n), BasicFileAttributes.class);
                files.identities.add(now.fileKey());
                files.bytes.set(n, now.size());
            }
            return files;
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.FAILED, "the database's files cannot be looked at");
        }
    }

    /**
     * From now on compares several times a second.
     *
     * @param besides what else to look at, with {@code writing} held
     * @param failures receives each failure
     */
    void watch(Runnable besides, DatabaseFailures failures) {
        var unused = watch.scheduleWithFixedDelay(
                () -> look(besides, failures), PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look(Runnable besides, DatabaseFailures failures) {
        try {
            for (int n = 0; n < paths.size(); n++) {
                // Read first: another thread may make a file longer meanwhile, and only the log becomes shorter.
                long left = n == LOG ? 0 : bytes.get(n);
                requireLength(n, left, same(n).size());
            }
            // A thread that holds the lock compares when it has written.
            if (writing.tryLock()) {
                try {
                    require();
                    besides.run();
                } finally {
                    writing.unlock();
                }
            }
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.BROKEN) {
                StoreException unused = failures.told(e);
            }
        }
    }

    /**
     * Compares all three after a commit, by who holds {@code writing}.
     *
     * @throws StoreException of kind BROKEN if one was deleted, replaced or cut
     */
    void require() {
        for (int n = 0; n < paths.size(); n++) {
            require(n);
        }
    }

    /**
     * Compares the write-ahead log before a write, which would make a file that was cut long again. The caller holds
     * {@code writing} and SQLite's own lock, so that no other program empties the file meanwhile.
     *
     * @throws StoreException of kind BROKEN if it was deleted, replaced or cut
     */
    void requireLog() {
        require(LOG);
    }

    private void require(int file) {
        long now = same(file).size();
        if (now >= bytes.get(file)) {
            bytes.set(file, now);
        } else if (file == LOG) {
            requireWholeLog();
        } else {
            requireLength(file, bytes.get(file), now);
        }
    }

    private void requireLength(int file, long left, long now) {
        if (now < left) {
            throw broken(file, "cut");
        }
    }

    /**
     * Requires of a write-ahead log that became shorter that it holds all of which SQLite knows: then a checkpoint emptied
     * it, one of this vault or of another program. If SQLite cannot answer now, the next look asks again.
     */
    private void requireWholeLog() {
        try (Connection connection = aside.getConnection()) {
            long known = knownBytes(connection);
            long now = same(LOG).size();
            // Another program may have emptied it once more between the two.
            while (now < known && known != knownBytes(connection)) {
                known = knownBytes(connection);
                now = same(LOG).size();
            }
            requireLength(LOG, known, now);
            bytes.set(LOG, now);
        } catch (SQLException e) {
            StoreException failed = SqliteDialect.INSTANCE.translate(e);
            if (failed.kind() != StoreException.Kind.BUSY) {
                throw failed;
            }
        }
    }

    private static long knownBytes(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(NOOP)")) {
            long frames = result.getLong(2);
            return frames == 0
                    ? 0
                    : WrittenPages.bytes(frames, Integer.parseInt(Dialect.one(connection, "PRAGMA page_size")));
        }
    }

    private BasicFileAttributes same(int file) {
        try {
            BasicFileAttributes now = Files.readAttributes(paths.get(file), BasicFileAttributes.class);
            if (identities.get(file).equals(now.fileKey())) {
                return now;
            }
        } catch (NoSuchFileException e) {
            throw broken(file, "deleted");
        } catch (IOException e) {
            throw broken(file, "put out of reach");
        }
        throw broken(file, "replaced");
    }

    private StoreException broken(int file, String how) {
        return broken(paths.get(file).getFileName() + " was " + how);
    }

    /** For a file that is not as this process left it. */
    static StoreException broken(String what) {
        return new StoreException(
                StoreException.Kind.BROKEN, what + " while the vault ran; custody-backup.md says what to do now");
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
