package org.patronvault.store;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** How many patrons there are of each kind, by what stands in clear of them (P4). */
public final class StatisticsRows {
    private final Handle handle;

    StatisticsRows(Handle handle) {
        this.handle = handle;
    }

    /**
     * Patrons of one kind.
     *
     * @param month of registration
     */
    public record Counted(String library, String category, String status, String month, long count) {}

    /**
     * All kinds of which there is anybody among those of such numbers. Reads every row, and nothing that is sealed.
     *
     * @param from the least number of a patron, and {@code to} the greatest
     */
    public List<Counted> counts(long from, long to) {
        List<Counted> counts = new ArrayList<>();
        Jdbc.query(
                handle,
                "SELECT library, category, status, registered, count(*) FROM patron WHERE id BETWEEN ? AND ?"
                        + " GROUP BY library, category, status, registered",
                range -> {
                    range.setLong(1, from);
                    range.setLong(2, to);
                },
                row -> counts.add(new Counted(
                        row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getLong(5))));
        return counts;
    }

    /** The libraries of which there is anybody. */
    public List<String> libraries() {
        return handle.createQuery("SELECT DISTINCT library FROM patron ORDER BY library")
                .mapTo(String.class)
                .list();
    }
}
