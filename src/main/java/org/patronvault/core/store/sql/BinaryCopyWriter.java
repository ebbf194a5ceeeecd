package org.patronvault.core.store.sql;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * A writer of rows into a PostgreSQL table, as {@code COPY … FROM STDIN (FORMAT binary)} takes them (PostgreSQL manual,
 * "COPY"). The server's log shows the key of a refused row, and all of a row that breaks a CHECK. So rows are checked
 * before they are sent. For one thread.
 */
public final class BinaryCopyWriter {
    static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    static final int NULL = -1;
    static final int END = -1;
    private static final int FULL_BYTES = 4 * 1024 * 1024;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(FULL_BYTES + FULL_BYTES / 4);
    private final DataOutputStream out = new DataOutputStream(bytes);
    private long rows;

    public BinaryCopyWriter() {
        begin();
    }

    /** A function that writes to a stream in memory. */
    private interface StreamWriter {
        void write() throws IOException;
    }

    private void write(StreamWriter writing) {
        try {
            writing.write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void begin() {
        bytes.reset();
        rows = 0;
        write(() -> {
            out.write(SIGNATURE);
            out.writeInt(0);
            out.writeInt(0);
        });
    }

    /** Begins a row of so many columns, whose values follow. */
    public BinaryCopyWriter row(int columns) {
        rows++;
        write(() -> out.writeShort(columns));
        return this;
    }

    /** Adds a value as the server sends it; null for none. */
    public BinaryCopyWriter value(byte[] value) {
        if (value == null) {
            write(() -> out.writeInt(NULL));
            return this;
        }
        return value(value, 0, value.length);
    }

    /** Adds a value from an array. */
    public BinaryCopyWriter value(byte[] array, int from, int length) {
        write(() -> {
            out.writeInt(length);
            out.write(array, from, length);
        });
        return this;
    }

    /** Adds a value of a column of BIGINT. */
    public BinaryCopyWriter number(long number) {
        write(() -> {
            out.writeInt(Long.BYTES);
            out.writeLong(number);
        });
        return this;
    }

    /** Adds a value of a column of TEXT; null for none. */
    public BinaryCopyWriter text(String text) {
        return value(text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether it is time to send the rows. */
    public boolean isFull() {
        return bytes.size() > FULL_BYTES;
    }

    /**
     * Sends the rows, and starts with none again. Returns whether the table took all of them.
     *
     * @param into the table, and its columns in parentheses
     */
    public boolean send(Connection connection, String into) throws SQLException, IOException {
        long taken = rows == 0 ? 0 : copy(connection, into);
        boolean all = taken == rows;
        begin();
        return all;
    }

    private long copy(Connection connection, String into) throws SQLException, IOException {
        out.writeShort(END);
        String sql = "COPY " + into + " FROM STDIN (FORMAT binary)";
        CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
        return manager.copyIn(sql, new ByteArrayInputStream(bytes.toByteArray()));
    }
}
