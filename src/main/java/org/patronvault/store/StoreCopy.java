package org.patronvault.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * A copy of a database in one SQLite file: made while others read and write the database, and read without a byte of it,
 * or of the directory it lies in, being changed. Not for use by several threads.
 */
public final class StoreCopy implements AutoCloseable {
    private static final int STEPS_BETWEEN = 100_000;

    private final Handle handle;

    private StoreCopy(Handle handle) {
        this.handle = handle;
    }

    /** About how many bytes a copy of a database takes, at most. */
    public static long expectedBytes(Store of) {
        return of.settings()
                .file()
                .map(file -> file.toFile().length())
                .orElseGet(() -> of.read(tx -> {
                    try {
                        return Long.parseLong(
                                Dialect.one(tx.handle.getConnection(), "SELECT pg_database_size(current_database())"));
                    } catch (SQLException e) {
                        throw PostgresDialect.INSTANCE.translate(e);
                    }
                }));
    }

    /**
     * Copies a database, as one snapshot, into a file that is there and empty: rows alone, without pages, or parts of
     * pages, that were given free. Nobody who writes waits for it, and what {@code told} throws ends it. The file is not
     * synchronised to its disk.
     *
     * @param told now and then how large the copy is: in bytes, in rows where the database is no file
     */
    public static void make(Store of, Path file, LongConsumer told) {
        if (!of.settings().isSqlite()) {
            RowCopy.make(of, file, told);
            return;
        }
        Dialect dialect = SqliteDialect.INSTANCE;
        AtomicReference<RuntimeException> thrown = new AtomicReference<>();
        try (Connection connection = dialect.dataSource(of.settings(), false).getConnection();
                PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
            // Asked now and then by the statement itself, so that nothing else has to watch the file grow.
            ProgressHandler.setHandler(connection, STEPS_BETWEEN, new ProgressHandler() {
                @Override
                protected int progress() {
                    try {
                        told.accept(file.toFile().length());
                        return 0;
                    } catch (RuntimeException e) {
                        // Past the statement, which is ended in order.
                        thrown.set(e);
                        return 1;
                    }
                }
            });
            statement.setString(1, file.toAbsolutePath().toString());
            statement.execute();
        } catch (SQLException e) {
            throw thrown.get() == null ? dialect.translate(e) : thrown.get();
        }
    }

    /**
     * Brings the tables of a copy of an older version up to date with this one.
     *
     * @throws Refused if it is of a newer one, or there is no room
     */
    public static void upgrade(Path file) {
        Schema.prepareCopy(file, Optional.empty());
        requireAlone(file);
    }

    /**
     * A database that is closed leaves nothing beside its file, unless there was no room for it.
     *
     * @throws Refused if there was none
     */
    public static void requireAlone(Path file) {
        if (Files.exists(file.resolveSibling(file.getFileName() + "-wal"))) {
            throw new Refused(
                    Problem.STORE_FULL, "The disk is full, and nothing was written: make room there, and try again.");
        }
    }

    /** Opens a copy that nobody writes. */
    public static StoreCopy open(Path file) {
        SQLiteConfig config = SqliteSource.config();
        config.setReadOnly(true);
        config.setCacheSize(-16_384);
        SQLiteDataSource source = new SQLiteDataSource(config);
        // A file that is said not to change is read without locks and without files beside it.
        source.setUrl("jdbc:sqlite:" + file.toAbsolutePath().toUri() + "?immutable=1");
        try {
            return new StoreCopy(ConnectionPool.jdbi(source).open());
        } catch (JdbiException e) {
            throw SqliteDialect.INSTANCE.translate(e);
        }
    }

    /** Whether the database finds nothing wrong with its own pages; that they are the right ones is not its to say. */
    public boolean isSound() {
        try {
            return SqliteDialect.INSTANCE.isSound(handle.getConnection(), "", () -> false);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Runs {@code work} on it. */
    public <T> T read(Function<Tx, T> work) {
        try {
            return work.apply(new Tx(handle, SqliteDialect.INSTANCE));
        } catch (JdbiException e) {
            throw SqliteDialect.INSTANCE.translate(e);
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
