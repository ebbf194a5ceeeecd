package org.patronvault.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.model.IntegrityException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Makes a table in PostgreSQL equal to another, some thousand rows a transaction, each of which lasts. */
final class CopyingIn implements RowWalk.Differences {
    private static final int PART_BYTES = 4 * 1024 * 1024;
    private static final int NULL = -1;
    private static final int END = -1;

    private final MovedTable table;
    private final Connection connection;
    private final List<byte[][]> removed = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(PART_BYTES + PART_BYTES / 4);
    private final DataOutputStream out = new DataOutputStream(bytes);
    private long added;

    /** Writes by that connection, which must not commit by itself. */
    CopyingIn(MovedTable table, Connection connection) throws IOException {
        this.table = table;
        this.connection = connection;
        begin();
    }

    private void begin() throws IOException {
        bytes.reset();
        out.write(CopiedRows.SIGNATURE);
        out.writeInt(0);
        out.writeInt(0);
        added = 0;
        removed.clear();
    }

    @Override
    public void missing(byte[][] ours) throws SQLException, IOException {
        out.writeShort(ours.length);
        for (byte[] value : ours) {
            out.writeInt(value == null ? NULL : value.length);
            if (value != null) {
                out.write(value);
            }
        }
        added++;
        if (bytes.size() > PART_BYTES) {
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
        if (removed.size() * Long.SIZE > PART_BYTES) {
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
        }
        if (added > 0) {
            out.writeShort(END);
            CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
            if (manager.copyIn(table.copyIn(), new ByteArrayInputStream(bytes.toByteArray())) != added) {
                throw new IntegrityException("move: " + table.name());
            }
        }
        connection.commit();
        begin();
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
