package org.patronvault.core.store.sql;

import java.io.IOException;
import java.sql.SQLException;

/**
 * A cursor over the rows of a table, in the order of its key. Each column is bytes; a whole number is eight bytes,
 * big-endian; null for none. PostgreSQL's binary COPY has this form.
 */
public interface RowCursor extends AutoCloseable {

    /** Returns the next row; null behind the last. */
    byte[][] next() throws SQLException, IOException;

    @Override
    void close() throws SQLException, IOException;
}
