package org.patronvault.store.copy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.ConnectionPool;
import org.patronvault.core.store.Schema;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.CatalogRows;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.postgres.PostgresDialect;
import org.patronvault.store.sqlite.SqliteDialect;
import org.patronvault.store.sqlite.SqliteSource;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * A copy of a database in one SQLite file. It is made while others read and write the database. Reading it changes no
 * byte of it or of its directory. Not for use by several threads.
 */
public final class StoreCopy implements AutoCloseable {
    private static final int STEPS_BETWEEN = 100_000;

    private final Handle handle;

    private StoreCopy(Handle handle) {
        this.handle = handle;
    }

    /** Returns the approximate largest size of a copy of a database, in bytes. */
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
     * Copies a database, as one snapshot, into an existing empty file: rows alone, without freed pages or parts of
     * pages. No writer waits for it, and an exception of {@code told} ends it. The file is not synchronized to its
     * disk.
     *
     * @param told receives now and then the size of the copy: in bytes, or in rows if the database is no file
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
            // The statement itself asks now and then, so that nothing else has to watch the file grow.
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
     * Brings the tables of an older version's copy up to date.
     *
     * @throws Refused if it is of a newer one, or there is no room
     */
    public static void upgrade(Path file) {
        Schema.prepareCopy(file, Optional.empty());
        requireAlone(file);
    }

    /**
     * Checks that a closed database left nothing beside its file, as it does if it had no room.
     *
     * @throws Refused if there was no room
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
        // A file that is declared unchanging is read without locks and without files beside it.
        source.setUrl("jdbc:sqlite:" + file.toAbsolutePath().toUri() + "?immutable=1");
        try {
            return new StoreCopy(ConnectionPool.jdbi(source).open());
        } catch (JdbiException e) {
            throw SqliteDialect.INSTANCE.translate(e);
        }
    }

    /** Whether the database finds no fault in its own pages. It cannot tell whether they are the right ones. */
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

    /** A copy of a server database in a SQLite file, made row by row. So a copy has one form wherever it was made. */
    private static final class RowCopy {
        private static final int AT_ONCE = 1_000;

        private final Connection to;
        private final LongConsumer rows;
        private long copied;

        private RowCopy(Connection to, LongConsumer rows) {
            this.to = to;
            this.rows = rows;
        }

        /**
         * Copies every row, as one snapshot, into an existing empty file. No writer waits for it. The file is not
         * synchronized to its disk.
         *
         * @param rows receives now and then how many were copied
         */
        private static void make(Store of, Path file, LongConsumer rows) {
            Schema.prepareCopy(file, Optional.of(of.read(Tx::schema)));
            SQLiteConfig config = SqliteSource.config();
            // Nobody else has the file, and a copy that was broken off counts as none.
            config.setJournalMode(SQLiteConfig.JournalMode.OFF);
            config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
            config.setCacheSize(-65_536);
            SQLiteDataSource source = new SQLiteDataSource(config);
            source.setUrl(StoreSettings.sqlite(file).jdbcUrl());
            try (Connection to = source.getConnection()) {
                to.setAutoCommit(false);
                RowCopy copy = new RowCopy(to, rows);
                of.read(tx -> {
                    for (CatalogRows.Table table : tx.catalogue().tables()) {
                        if (table.schema().isEmpty() && !table.relation().equals(MovedTable.HISTORY)) {
                            copy.table(tx, table);
                        }
                    }
                    return null;
                });
                to.commit();
            } catch (SQLException e) {
                throw SqliteDialect.INSTANCE.translate(e);
            }
        }

        private void table(Tx tx, CatalogRows.Table table) {
            int columns = table.columns().size();
            String names =
                    table.columns().stream().map(CatalogRows.Column::name).collect(Collectors.joining(", "));
            String places = String.join(", ", Collections.nCopies(columns, "?"));
            // In the order of the key, whose first column is a part everywhere: the order of rows in the file.
            String select = "SELECT " + names + " FROM " + table.relation() + " ORDER BY 1";
            String insert = "INSERT INTO " + table.relation() + " (" + names + ") VALUES (" + places + ")";
            try (PreparedStatement inserted = to.prepareStatement(insert)) {
                // A server may sort a table before its first answer.
                Jdbc.wholeTable(tx.handle, () -> {
                    Jdbc.query(tx.handle, select, statement -> statement.setFetchSize(AT_ONCE), row -> {
                        for (int i = 1; i <= columns; i++) {
                            inserted.setObject(i, row.getObject(i));
                        }
                        put(inserted);
                    });
                    return columns;
                });
                inserted.executeBatch();
            } catch (SQLException e) {
                throw SqliteDialect.INSTANCE.translate(e);
            }
        }

        private void put(PreparedStatement row) throws SQLException {
            row.addBatch();
            if (++copied % AT_ONCE == 0) {
                row.executeBatch();
                rows.accept(copied);
            }
        }
    }
}
