package org.patronvault.web.page.admin;

import java.util.List;
import org.patronvault.web.page.DeskView;

/**
 * The model of the statistics page. Public because templates are compiled into their own package.
 *
 * @param by the possible dimensions
 * @param columns the names of the chosen dimensions
 * @param query the chosen dimensions for an address
 * @param day of the counts, or empty if none are shown
 */
public record StatisticsView(
        DeskView.Staff staff,
        DeskView.Notice notice,
        List<DeskView.Choice> by,
        List<String> columns,
        String query,
        String day,
        int floor,
        List<Row> rows) {

    /**
     * A row of the table.
     *
     * @param count in words
     * @param share of the largest, in hundredths, or 0 without a count
     */
    public record Row(List<String> values, String count, int share, boolean isTold) {}
}
