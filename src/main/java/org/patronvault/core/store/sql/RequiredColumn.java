package org.patronvault.core.store.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.patronvault.core.model.IntegrityException;

/**
 * A read of a column that must not be null. The schema guarantees it, but a damaged page may not. For the rows of this
 * package.
 */
public final class RequiredColumn {
    private RequiredColumn() {}

    /** Returns bytes. */
    public static byte[] bytes(ResultSet row, int column) throws SQLException {
        return present(row.getBytes(column));
    }

    /** Returns text. */
    public static String text(ResultSet row, int column) throws SQLException {
        return present(row.getString(column));
    }

    private static <T> T present(T value) {
        if (value == null) {
            throw new IntegrityException("a row without a value");
        }
        return value;
    }
}
