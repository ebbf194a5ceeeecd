package org.patronvault.store;

import java.time.LocalDate;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/** Patrons by what stands in clear of them, for who looks whose record is kept no longer. */
public final class RetentionRows {
    private static final int FETCHED = 1_000;

    private final Handle handle;

    RetentionRows(Handle handle) {
        this.handle = handle;
    }

    /** Passes on everybody who had expired by that day, those first who have for longest. Reads every row. */
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
