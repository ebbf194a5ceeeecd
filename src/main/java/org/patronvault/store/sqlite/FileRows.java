package org.patronvault.store.sqlite;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.patronvault.core.store.sql.MovedTable;
import org.patronvault.core.store.sql.RowCursor;

/** The rows of a table in a SQLite file, with text as its stored bytes. */
public final class FileRows implements RowCursor {
    private final MovedTable table;
    private final Statement statement;
    private final ResultSet rows;

    public FileRows(MovedTable table, Connection connection) throws SQLException {
        this.table = table;
        this.statement = connection.createStatement();
        this.rows = statement.executeQuery(table.inOrder(""));
    }

    @Override
    public byte[][] next() throws SQLException {
        if (!rows.next()) {
            return null;
        }
        byte[][] values = new byte[table.columns().size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = table.isNumber(i) ? number(i + 1) : rows.getBytes(i + 1);
        }
        return values;
    }

    private byte[] number(int column) throws SQLException {
        long value = rows.getLong(column);
        return rows.wasNull()
                ? null
                : ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
