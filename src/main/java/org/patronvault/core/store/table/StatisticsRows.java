package org.patronvault.core.store.table;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.RequiredColumn;

/** The number of patrons of each kind, from their unencrypted columns (P4). */
public final class StatisticsRows {
    private final Handle handle;

    StatisticsRows(Handle handle) {
        this.handle = handle;
    }

    /**
     * The number of patrons of one kind.
     *
     * @param month of registration
     */
    public record Count(String library, String category, String status, String month, long count) {}

    /** Returns all kinds with at least one patron. Reads nothing sealed. */
    public List<Count> counts() {
        List<Count> counts = new ArrayList<>();
        return Jdbc.wholeTable(handle, () -> {
            Jdbc.query(
                    handle,
                    "SELECT library, category, status, registered, count(*) FROM patron"
                            + " GROUP BY library, category, status, registered",
                    all -> {},
                    row -> counts.add(new Count(
                            RequiredColumn.text(row, 1),
                            RequiredColumn.text(row, 2),
                            RequiredColumn.text(row, 3),
                            RequiredColumn.text(row, 4),
                            row.getLong(5))));
            return counts;
        });
    }

    /** Returns the libraries with at least one patron. */
    public List<String> libraries() {
        return Jdbc.wholeTable(
                handle,
                () -> handle.createQuery("SELECT DISTINCT library FROM patron ORDER BY library")
                        .map((row, ctx) -> RequiredColumn.text(row, 1))
                        .list());
    }
}
