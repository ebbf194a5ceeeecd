package org.patronvault.store;

import java.io.IOException;
import java.sql.SQLException;

/**
 * The rows of a table, one after the other, in the order of its key: each column as bytes, whole numbers as eight of
 * them, the highest first; null where nothing is. That is how PostgreSQL's binary COPY has them.
 */
interface RowCursor extends AutoCloseable {

    /** The next row; null behind the last. */
    byte[][] next() throws SQLException, IOException;

    @Override
    void close() throws SQLException, IOException;
}
