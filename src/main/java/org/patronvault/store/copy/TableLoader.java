package org.patronvault.store.copy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.sql.BinaryCopyWriter;
import org.patronvault.core.store.sql.MovedTable;

/**
 * A loader that makes a table in PostgreSQL equal to another. It commits some thousand rows a transaction, and each
 * stays.
 */
final class TableLoader implements TableComparison.Differences {
    private static final int MOST_REMOVED = 65_536;

    private final MovedTable table;
    private final Connection connection;
    private final List<byte[][]> removed = new ArrayList<>();
    private final BinaryCopyWriter added = new BinaryCopyWriter();

    /** Writes through a connection, which must not autocommit. */
    TableLoader(MovedTable table, Connection connection) {
        this.table = table;
        this.connection = connection;
    }

    @Override
    public void missing(byte[][] ours) throws SQLException, IOException {
        BinaryCopyWriter row = added.row(ours.length);
        for (byte[] value : ours) {
            row.value(value);
        }
        if (added.isFull()) {
            flush();
        }
    }

    @Override
    public void changed(byte[][] ours) throws SQLException, IOException {
        removed.add(ours);
        missing(ours);
    }

    @Override
    public void foreign(byte[][] theirs) throws SQLException, IOException {
        removed.add(theirs);
        if (removed.size() > MOST_REMOVED) {
            flush();
        }
    }

    @Override
    public void end() throws SQLException, IOException {
        flush();
    }

    private void flush() throws SQLException, IOException {
        if (!removed.isEmpty()) {
            try (PreparedStatement statement = connection.prepareStatement(table.delete())) {
                for (byte[][] row : removed) {
                    bind(statement, row);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            removed.clear();
        }
        if (!added.send(connection, table.copied())) {
            throw new IntegrityException("rows of " + table.name());
        }
        connection.commit();
    }

    private void bind(PreparedStatement statement, byte[][] row) throws SQLException {
        int parameter = 1;
        for (int i : table.key()) {
            if (table.isNumber(i)) {
                statement.setLong(parameter, MovedTable.number(row[i]));
            } else if (table.isText(i)) {
                statement.setString(parameter, new String(row[i], StandardCharsets.UTF_8));
            } else {
                statement.setBytes(parameter, row[i]);
            }
            parameter++;
        }
    }
}
