package org.patronvault.web;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import org.patronvault.privacy.AccessReport;

/**
 * A patron's own access report as a page to print.
 *
 * @param style what the page's look is made of; empty if it is fetched from the vault that serves the page
 */
public record ReportPage(AccessReport report, String style, Texts t) {

    /** As the vault serves it, for who reads those texts. */
    static ReportPage served(AccessReport report, Texts t) {
        return new ReportPage(report, "", t);
    }

    /** Complete in itself: no script, and nothing from a network. */
    public static ReportPage alone(AccessReport report) {
        return new ReportPage(report, PageRenderer.reportStyle(), Texts.ENGLISH);
    }

    /** The page. */
    public String html() {
        return new PageRenderer().render("report.jte", Map.of("page", this), t);
    }

    /** The day it was made. */
    public String made() {
        return day(report.made());
    }

    /** Of which time it tells, a sentence. */
    public String span() {
        return report.months().map(months -> t.say("report.all-of", months)).orElseGet(() -> t.say("report.all"));
    }

    /** The day of that moment, where the library is. */
    public String day(Instant time) {
        return t.weekday(LocalDate.ofInstant(time, report.zone()));
    }

    /** From when to when. */
    public String time(AccessReport.Line line) {
        String from = t.clock(line.from(), report.zone(), false);
        String to = t.clock(line.to(), report.zone(), false);
        return from.equals(to) ? from : t.say("log.between", from, to);
    }

    /** Whether that line begins another day than the one before it. */
    public boolean beginsDay(int line) {
        return line == 0
                || !day(report.lines().get(line).from())
                        .equals(day(report.lines().get(line - 1).from()));
    }
}
