package org.patronvault.web.page.open;

import java.util.List;
import org.patronvault.web.page.DeskView;

/**
 * The model of a year's public page. Public because templates are compiled into their own package.
 *
 * @param year empty if nothing is shown
 * @param years other years to choose
 * @param fewer the text for a number under the floor
 * @param policy the version in force
 * @param opened the sum of the months that have a number
 * @param checkpoint empty if there is none yet
 */
public record TransparencyView(
        DeskView.Notice notice,
        String year,
        List<String> years,
        String fewer,
        String policy,
        List<Row> months,
        Count opened,
        Count erased,
        Requests requests,
        String checkpoint) {

    /** Outside requests for records, in completed months. */
    public record Requests(Count received, Count refused, Count complied) {}

    /** A count in words, and whether the count is a number. */
    public record Count(String text, boolean isTold) {}

    /**
     * A month.
     *
     * @param share of the month with the most openings, in hundredths
     */
    public record Row(String month, Count opened, int share, Count erased) {}
}
