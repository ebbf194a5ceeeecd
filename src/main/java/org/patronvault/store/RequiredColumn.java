package org.patronvault.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.patronvault.model.IntegrityException;

/**
 * One value of a row that is never without it: the schema says so, and a damaged page need not. For the rows of this
 * package.
 */
final class RequiredColumn {
    private RequiredColumn() {}

    /** Bytes. */
    static byte[] bytes(ResultSet row, int column) throws SQLException {
        return present(row.getBytes(column));
    }

    /** Text. */
    static String text(ResultSet row, int column) throws SQLException {
        return present(row.getString(column));
    }

    private static <T> T present(T value) {
        if (value == null) {
            throw new IntegrityException("a row without a value");
        }
        return value;
    }
}
