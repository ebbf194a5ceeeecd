package org.patronvault.web;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.patronvault.privacy.AccessReport;

/**
 * A patron's own access report as a page to print.
 *
 * @param style what the page's look is made of; empty if it is fetched from the vault that serves the page
 */
public record ReportPage(AccessReport report, String style) {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("EEEE, MMMM d, uuuu", Locale.US);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("h:mm a", Locale.US);

    /** As the vault serves it. */
    static ReportPage served(AccessReport report) {
        return new ReportPage(report, "");
    }

    /** Complete in itself: no script, and nothing from a network. */
    public static ReportPage alone(AccessReport report) {
        return new ReportPage(report, Pages.reportStyle());
    }

    /** The page. */
    public String html() {
        return new Pages().render("report.jte", Map.of("page", this));
    }

    /** The day of that moment, where the library is. */
    public String day(Instant time) {
        return DAY.format(time.atZone(report.zone()));
    }

    /** From when to when. */
    public String time(AccessReport.Line line) {
        String from = TIME.format(line.from().atZone(report.zone()));
        String to = TIME.format(line.to().atZone(report.zone()));
        return from.equals(to) ? from : from + "–" + to;
    }

    /** Whether that line begins another day than the one before it. */
    public boolean beginsDay(int line) {
        return line == 0
                || !day(report.lines().get(line).from())
                        .equals(day(report.lines().get(line - 1).from()));
    }
}
