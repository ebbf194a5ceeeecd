package org.patronvault.core.store.table;

import java.time.LocalDate;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Jdbc;

/** The patrons whose retention period has ended, found by their unencrypted columns. */
public final class RetentionRows {
    private static final int FETCHED = 1_000;

    private final Handle handle;

    RetentionRows(Handle handle) {
        this.handle = handle;
    }

    /** Passes on every patron who had expired by that day, the longest expired first. Reads every row. */
    public void forEachExpired(LocalDate by, Consumer<PatronRow> action) {
        Jdbc.query(
                handle,
                "SELECT " + PatronRows.COLUMNS + " FROM patron WHERE expires <= ? ORDER BY expires, id",
                statement -> {
                    statement.setString(1, by.toString());
                    statement.setFetchSize(FETCHED);
                },
                row -> action.accept(PatronRows.patron(row)));
    }
}
