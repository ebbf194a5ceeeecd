package org.patronvault.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The database of one vault. Safe for use by many threads: reads run at the same time, each on a snapshot; writes run
 * one after the other, each as one transaction that first locks the log's head.
 */
public final class Store implements AutoCloseable {
    private final Dialect dialect;
    private final StoreSettings settings;
    private final HikariDataSource readers;
    private final HikariDataSource writer;
    private final Jdbi readJdbi;
    private final Jdbi writeJdbi;
    private final ReentrantLock writing = new ReentrantLock(true);

    private Store(Dialect dialect, StoreSettings settings) {
        this.dialect = dialect;
        this.settings = settings;
        this.writer = pool("write", 1, true);
        this.readers = pool("read", settings.readers(), false);
        this.readJdbi = jdbi(readers);
        this.writeJdbi = jdbi(writer);
    }

    /**
     * Opens the database, creating or upgrading its schema, and reads its settings back.
     *
     * @throws Refused if a setting is weaker than promised, or the schema is newer than this program
     * @throws StoreException if the database cannot be opened
     */
    public static Store open(StoreSettings settings) {
        Dialect dialect = Dialect.of(settings);
        migrate(dialect, settings);
        Store store;
        try {
            store = new Store(dialect, settings);
        } catch (RuntimeException e) {
            throw new StoreException(StoreException.Kind.FAILED, "the database cannot be opened");
        }
        try {
            store.requireStrongSettings();
            if (settings.isSqlite()) {
                store.restrictFiles();
            }
            return store;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static void migrate(Dialect dialect, StoreSettings settings) {
        try {
            Flyway.configure(Store.class.getClassLoader())
                    .dataSource(dialect.dataSource(settings.jdbcUrl(), true))
                    .locations("classpath:db/migration")
                    .placeholders(dialect.placeholders())
                    .validateMigrationNaming(true)
                    .ignoreMigrationPatterns("")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            if (String.valueOf(e.getErrorCode()).contains("VALIDATE")) {
                throw new Refused(
                        Problem.HOME_IN_USE, "The database was made by another version of the vault; use that one.");
            }
            throw new StoreException(
                    StoreException.Kind.FAILED,
                    "the database cannot be opened or its schema not be brought up to date");
        }
    }

    private HikariDataSource pool(String name, int size, boolean forWriting) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("vault-" + name);
        config.setDataSource(dialect.dataSource(settings.jdbcUrl(), forWriting));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(size);
        config.setConnectionTimeout(5_000);
        config.setMaxLifetime(0);
        config.setIdleTimeout(0);
        return new HikariDataSource(config);
    }

    private static Jdbi jdbi(HikariDataSource source) {
        Jdbi jdbi = Jdbi.create(source);
        // Jdbi's messages otherwise repeat the statement and every bound argument.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
        return jdbi;
    }

    private void requireStrongSettings() {
        for (HikariDataSource source : List.of(writer, readers)) {
            try (Connection connection = source.getConnection()) {
                List<String> weak = dialect.weakSettings(connection);
                if (!weak.isEmpty()) {
                    throw new Refused(
                            Problem.INVALID,
                            "The database is set weaker than the vault promises (" + String.join(", ", weak)
                                    + "); put these settings back to their safe values.");
                }
            } catch (SQLException e) {
                throw translate(e);
            }
        }
    }

    private void restrictFiles() {
        for (Path file : Dialect.filesOf(settings)) {
            try {
                if (Files.exists(file)) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                }
            } catch (java.io.IOException | UnsupportedOperationException e) {
                throw new StoreException(StoreException.Kind.FAILED, "the database file's mode cannot be set");
            }
        }
    }

    /** Runs {@code work} on one snapshot of the database. Nothing it does may write. */
    public <T> T read(Function<Tx, T> work) {
        try (Handle handle = readJdbi.open()) {
            handle.begin();
            try {
                dialect.beginSnapshot(handle.getConnection());
                T result = work.apply(new Tx(handle));
                handle.commit();
                return result;
            } catch (Throwable e) {
                handle.rollback();
                throw e;
            }
        } catch (JdbiException | SQLException e) {
            throw translate(e);
        }
    }

    /**
     * Runs {@code work} as one durable transaction, after locking the log's head. When this returns, what was written
     * is on disk. The caller is the log's appender; nobody else writes.
     *
     * @throws StoreException of kind UNKNOWN if the connection went away and the outcome must be read
     */
    public <T> T write(Function<WriteTx, T> work) {
        writing.lock();
        try (Handle handle = writeJdbi.open()) {
            handle.begin();
            T result;
            try {
                result = work.apply(WriteTx.begin(handle, dialect.lockHead()));
            } catch (Throwable e) {
                rollback(handle);
                throw e;
            }
            handle.commit();
            return result;
        } catch (JdbiException e) {
            throw translate(e);
        } finally {
            writing.unlock();
        }
    }

    private static void rollback(Handle handle) {
        try {
            handle.rollback();
        } catch (JdbiException e) {
            // The first failure is the one to tell; the pool closes a connection that cannot roll back.
        }
    }

    /**
     * Moves deleted bytes out of the write-ahead log, so that no file still holds them. Where readers are in the way
     * it tries for {@code patienceMillis}; true if it succeeded.
     */
    public boolean purge(long patienceMillis) {
        long deadline = System.nanoTime() + patienceMillis * 1_000_000;
        writing.lock();
        try {
            while (true) {
                try (Connection connection = writer.getConnection()) {
                    dialect.purge(connection);
                    return true;
                } catch (SQLException e) {
                    StoreException translated = translate(e);
                    if (translated.kind() != StoreException.Kind.BUSY) {
                        throw translated;
                    }
                    if (System.nanoTime() - deadline > 0) {
                        return false;
                    }
                    Thread.onSpinWait();
                }
            }
        } finally {
            writing.unlock();
        }
    }

    private StoreException translate(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                StoreException.Kind kind = dialect.kindOf(sql);
                return new StoreException(kind, "database: " + kind + " (" + sql.getErrorCode() + ")");
            }
        }
        return new StoreException(
                StoreException.Kind.FAILED, "database: " + e.getClass().getSimpleName());
    }

    @Override
    public void close() {
        readers.close();
        writer.close();
    }
}
