package org.patronvault.store;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Finds the values at labels. */
final class Labels {
    private static final int BYTES = IndexRows.LABEL_BYTES;

    /** So few stand in the statement one by one; of more it has to take an array apart. */
    private static final int FEW = 4;

    /** Labels of one question: of many a server finds one behind the other. */
    private static final int MOST = 16_000;

    /** What there was at labels that were asked for; keys of the map wrap the labels found. */
    record Found(byte[] labels, Map<ByteBuffer, byte[]> values) {
        static final Found NOTHING = new Found(new byte[0], Map.of());

        /** Whether exactly these labels were asked for. */
        boolean isOf(byte[] others) {
            return labels.length > 0 && Arrays.equals(labels, others);
        }

        void read(ResultSet row) throws SQLException {
            values.put(ByteBuffer.wrap(row.getBytes(1)), row.getBytes(2));
        }
    }

    private Labels() {}

    /**
     * The values at those labels; keys of the map wrap the labels found.
     *
     * @param columns of the table: conditions, if any, with AND, and the column that is compared
     * @param labels side by side
     */
    static Map<ByteBuffer, byte[]> find(Handle handle, Dialect dialect, String table, String columns, byte[] labels) {
        int count = labels.length / BYTES;
        Found found = new Found(labels, new HashMap<>());
        if (count > FEW) {
            String sql = dialect.labelled(table, columns);
            for (int from = 0; from < count; from += MOST) {
                byte[] part = Arrays.copyOfRange(labels, from * BYTES, Math.min(from + MOST, count) * BYTES);
                Jdbc.query(
                        handle,
                        sql,
                        statement -> {
                            statement.setInt(1, part.length / BYTES);
                            statement.setBytes(2, part);
                        },
                        found::read);
            }
        } else if (count > 0) {
            Jdbc.query(handle, few(table, columns, labels), statement -> bind(statement, 1, labels), found::read);
        }
        return found.values();
    }

    /** Asks for the values at a few labels, each of which is a parameter. */
    static String few(String table, String columns, byte[] labels) {
        String each = String.join(", ", Collections.nCopies(labels.length / BYTES, "?"));
        return "SELECT label, value FROM " + table + " WHERE " + columns + " IN (" + each + ")";
    }

    /** Makes labels the parameters from that one on. */
    static void bind(PreparedStatement statement, int first, byte[] labels) throws SQLException {
        for (int i = 0; i < labels.length / BYTES; i++) {
            statement.setBytes(first + i, Arrays.copyOfRange(labels, i * BYTES, (i + 1) * BYTES));
        }
    }
}
