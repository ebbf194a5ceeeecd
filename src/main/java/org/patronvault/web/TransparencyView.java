package org.patronvault.web;

import java.util.List;

/**
 * What the public page of a year shows. Public because templates are compiled into a package of their own.
 *
 * @param year empty if nothing is shown
 * @param years others that can be asked for
 * @param fewer what stands in place of a number under the floor
 * @param policy the version in force
 * @param opened of the months with a number together
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

    /** Requests for records by somebody outside, in the months that are over. */
    public record Requests(Count received, Count refused, Count complied) {}

    /** A number in words, and whether it is one. */
    public record Count(String text, boolean isTold) {}

    /**
     * A month.
     *
     * @param share of the month in which most was opened, in hundredths
     */
    public record Row(String month, Count opened, int share, Count erased) {}
}
