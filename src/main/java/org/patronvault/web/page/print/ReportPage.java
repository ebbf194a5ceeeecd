package org.patronvault.web.page.print;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import org.patronvault.log.report.AccessReport;
import org.patronvault.web.page.PageRenderer;
import org.patronvault.web.page.Texts;

/**
 * A patron's own access report as a page to print.
 *
 * @param style the inlined stylesheet, or empty if the page links to the vault's own
 */
public record ReportPage(AccessReport report, String style, Texts t) {

    /** Returns the page as the vault serves it, in the reader's language. */
    public static ReportPage served(AccessReport report, Texts t) {
        return new ReportPage(report, "", t);
    }

    /** Returns a self-contained page: no script, nothing from a network. */
    public static ReportPage alone(AccessReport report) {
        return new ReportPage(report, PageRenderer.reportStyle(), Texts.ENGLISH);
    }

    public String html() {
        return new PageRenderer().render("report.jte", Map.of("page", this), t);
    }

    public String made() {
        return day(report.made());
    }

    /** A sentence about the time the report covers. */
    public String span() {
        return report.months().map(months -> t.say("report.all-of", months)).orElseGet(() -> t.say("report.all"));
    }

    /** The day of a time, in the library's time zone. */
    public String day(Instant time) {
        return t.weekday(LocalDate.ofInstant(time, report.zone()));
    }

    /** The times of the line's first and last entry. */
    public String time(AccessReport.Line line) {
        String from = t.clock(line.from(), report.zone(), false);
        String to = t.clock(line.to(), report.zone(), false);
        return from.equals(to) ? from : t.say("log.between", from, to);
    }

    /** Whether the line starts another day than the line before it. */
    public boolean beginsDay(int line) {
        return line == 0
                || !day(report.lines().get(line).from())
                        .equals(day(report.lines().get(line - 1).from()));
    }
}
