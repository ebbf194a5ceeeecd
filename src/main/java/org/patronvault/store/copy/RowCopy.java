package org.patronvault.store.copy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.patronvault.core.store.Schema;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.CatalogRows;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.sqlite.SqliteDialect;
import org.patronvault.store.sqlite.SqliteSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** A copy of a server database in a SQLite file, made row by row. So a copy has one form wherever it was made. */
final class RowCopy {
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
    static void make(Store of, Path file, LongConsumer rows) {
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
        String names = table.columns().stream().map(CatalogRows.Column::name).collect(Collectors.joining(", "));
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
