package org.patronvault.store.sqlite;

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
import org.patronvault.core.store.sql.DatabaseFailures;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;

/**
 * A check that the files of a SQLite database are the files that this process opened. SQLite keeps its files open after
 * one was deleted, replaced or cut, and all later writes are lost. The check looks at the paths and never opens a file,
 * because closing a file in Java releases SQLite's locks (fcntl, POSIX). Safe for use by many threads.
 */
public final class DatabaseFiles implements AutoCloseable {
    /** The time between checks: a quarter of the second within which the vault must stop. */
    private static final long PERIOD_MILLIS = 250;

    private static final int LOG = 1;

    private final List<Path> paths;
    private final List<Object> identities = new ArrayList<>();

    /** The length at which this process left each file; changed with {@code writing} held. */
    private final AtomicLongArray bytes;

    private final WalFrames frames;
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
        this.frames = new WalFrames(paths.get(LOG));
        this.aside = aside;
        this.writing = writing;
    }

    /**
     * Returns the files of a database that SQLite has opened for writing, which creates missing files.
     *
     * @param writing held while a thread writes, and around a checkpoint that cuts the write-ahead log
     */
    public static DatabaseFiles opened(StoreSettings settings, DataSource aside, ReentrantLock writing) {
        try {
            Path named = settings.files().get(0);
            // SQLite follows a link to the database, and puts the other two files beside the link's target.
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
     * Starts to compare several times a second.
     *
     * @param failures receives each failure
     */
    public void watch(DatabaseFailures failures) {
        var unused =
                watch.scheduleWithFixedDelay(() -> look(failures), PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look(DatabaseFailures failures) {
        try {
            for (int n = 0; n < paths.size(); n++) {
                // Read first: another thread may make a file longer meanwhile, and only the log becomes shorter.
                long left = n == LOG ? 0 : bytes.get(n);
                requireLength(n, left, same(n).size());
            }
            // A thread that holds the lock compares after its write.
            if (writing.tryLock()) {
                try {
                    require();
                    frames.require();
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
     * Compares all three files after a commit. The caller holds {@code writing}.
     *
     * @throws StoreException of kind BROKEN if one was deleted, replaced or cut
     */
    public void require() {
        for (int n = 0; n < paths.size(); n++) {
            require(n);
        }
    }

    /**
     * Compares the write-ahead log before a write, which would make a cut file long again. The caller holds
     * {@code writing} and SQLite's own lock, so that no other program empties the file meanwhile.
     *
     * @throws StoreException of kind BROKEN if it was deleted, replaced or cut
     */
    public void requireLog() {
        require(LOG);
        frames.require();
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
     * Checks that a write-ahead log that became shorter holds every frame that SQLite knows. Then a checkpoint emptied
     * it, of this vault or of another program. If SQLite cannot answer now, the next check asks again.
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
                    : WalFrames.HEADER_BYTES
                            + frames
                                    * (WalFrames.FRAME_HEADER_BYTES
                                            + Long.parseLong(Dialect.one(connection, "PRAGMA page_size")));
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

    /** Returns the failure for a file that differs from how this process left it. */
    static StoreException broken(String what) {
        return new StoreException(
                StoreException.Kind.BROKEN, what + " while the vault ran; custody-backup.md says what to do now");
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
