package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.PipelinedStatement;
import org.patronvault.core.store.sql.RequiredColumn;

/** The lookup of values by their labels. */
final class Labels {
    private static final int BYTES = IndexRows.LABEL_BYTES;

    /** The most labels that the statement lists one by one. More are passed as an array. */
    private static final int FEW = 4;

    /** The most labels of one query. A server finds many one after the other. */
    private static final int MOST = 16_000;

    /** The values at the labels of a query; keys of the map wrap the labels found. */
    record Found(byte[] labels, Map<ByteBuffer, byte[]> values) {
        static final Found NOTHING = new Found(new byte[0], Map.of());

        /** Whether the query had exactly these labels. */
        boolean isOf(byte[] others) {
            return labels.length > 0 && Arrays.equals(labels, others);
        }

        void read(ResultSet row) throws SQLException {
            values.put(ByteBuffer.wrap(RequiredColumn.bytes(row, 1)), RequiredColumn.bytes(row, 2));
        }
    }

    private Labels() {}

    /**
     * Returns the values at labels; keys of the map wrap the labels found.
     *
     * @param labels side by side
     */
    static Map<ByteBuffer, byte[]> find(Handle handle, Dialect dialect, String table, byte[] labels) {
        Found found = new Found(labels, new HashMap<>());
        for (int from = 0; from < labels.length; from += MOST * BYTES) {
            byte[] part = Arrays.copyOfRange(labels, from, Math.min(from + MOST * BYTES, labels.length));
            PipelinedStatement turn = new PipelinedStatement(handle, dialect);
            ask(turn, dialect, table, part, found::read);
            turn.run();
        }
        return found.values();
    }

    /** Adds the query for the values at labels to a statement, {@value #MOST} at most. */
    static void ask(PipelinedStatement turn, Dialect dialect, String table, byte[] labels, Jdbc.Reader reader) {
        int count = labels.length / BYTES;
        if (count > FEW) {
            turn.ask(
                    dialect.labelled(table),
                    2,
                    (statement, first) -> {
                        statement.setInt(first, count);
                        statement.setBytes(first + 1, labels);
                    },
                    reader);
        } else {
            String each = String.join(", ", Collections.nCopies(count, "?"));
            turn.ask(
                    "SELECT label, value FROM " + table + " WHERE label IN (" + each + ")",
                    count,
                    (statement, first) -> {
                        for (int i = 0; i < count; i++) {
                            statement.setBytes(first + i, Arrays.copyOfRange(labels, i * BYTES, (i + 1) * BYTES));
                        }
                    },
                    reader);
        }
    }
}
