package org.patronvault.core.store.sql;

import java.io.DataInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.patronvault.core.model.IntegrityException;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;

/**
 * A reader of rows of a PostgreSQL table, as {@code COPY … TO … (FORMAT binary)} sends them (PostgreSQL manual,
 * "COPY").
 */
public final class BinaryCopyReader implements RowCursor {
    private final DataInputStream in;

    public BinaryCopyReader(MovedTable table, Connection connection) throws SQLException, IOException {
        this.in = new DataInputStream(new PGCopyInputStream(
                connection.unwrap(PGConnection.class),
                "COPY (" + table.inOrder(" COLLATE \"C\"") + ") TO STDOUT (FORMAT binary)"));
        boolean begun = Arrays.equals(in.readNBytes(BinaryCopyWriter.SIGNATURE.length), BinaryCopyWriter.SIGNATURE);
        int flags = in.readInt();
        int more = in.readInt();
        if (!begun || flags != 0 || more != 0) {
            throw new IntegrityException("form of COPY");
        }
    }

    @Override
    public byte[][] next() throws IOException {
        int columns = in.readShort();
        if (columns == BinaryCopyWriter.END) {
            // So that the connection is at the end of the statement too.
            if (in.read() >= 0) {
                throw new IntegrityException("form of COPY");
            }
            return null;
        }
        byte[][] values = new byte[columns][];
        for (int i = 0; i < columns; i++) {
            int length = in.readInt();
            if (length != BinaryCopyWriter.NULL) {
                values[i] = new byte[length];
                in.readFully(values[i]);
            }
        }
        return values;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
