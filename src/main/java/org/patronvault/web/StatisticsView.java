package org.patronvault.web;

import java.util.List;

/**
 * What the page of statistics shows, ready to be written. Public because templates are compiled into a package of their
 * own.
 *
 * @param by what can be counted by
 * @param columns the names of what is counted by
 * @param query the same for an address
 * @param day of which it is; empty if nothing is shown
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
     * A cell.
     *
     * @param count in words for whoever reads it
     * @param share of the largest, in hundredths; 0 where there is no count
     */
    public record Row(List<String> values, String count, int share, boolean isTold) {}
}
