package org.patronvault.store;

import java.nio.ByteBuffer;
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

    private Labels() {}

    /**
     * The values at those labels; keys of the map wrap the labels found.
     *
     * @param columns of the table: conditions, if any, with AND, and the column that is compared
     * @param labels side by side
     */
    static Map<ByteBuffer, byte[]> find(Handle handle, Dialect dialect, String table, String columns, byte[] labels) {
        int count = labels.length / BYTES;
        Map<ByteBuffer, byte[]> found = new HashMap<>();
        Jdbc.Reader reader = row -> found.put(ByteBuffer.wrap(row.getBytes(1)), row.getBytes(2));
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
                        reader);
            }
        } else if (count > 0) {
            String each = String.join(", ", Collections.nCopies(count, "?"));
            String sql = "SELECT label, value FROM " + table + " WHERE " + columns + " IN (" + each + ")";
            Jdbc.query(
                    handle,
                    sql,
                    statement -> {
                        for (int i = 0; i < count; i++) {
                            statement.setBytes(i + 1, Arrays.copyOfRange(labels, i * BYTES, (i + 1) * BYTES));
                        }
                    },
                    reader);
        }
        return found;
    }
}
