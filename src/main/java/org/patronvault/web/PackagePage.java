package org.patronvault.web;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.patronvault.model.Consent;
import org.patronvault.model.Name;
import org.patronvault.patron.WholePatron;
import org.patronvault.privacy.PatronPackage;

/**
 * A patron's own package as a page to print. Prints {@code [REDACTED]}.
 *
 * @param looks the access report in it, and what the page's look is made of
 */
public record PackagePage(PatronPackage held, ReportPage looks) {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMMM d, uuuu", Locale.US);
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMMM uuuu", Locale.US);
    private static final Map<String, String> PURPOSES = Map.of(
            Consent.SERVICE,
            "Library service, without which the library holds no record",
            "newsletter",
            "The newsletter",
            "fundraising",
            "Fund-raising");

    /** One thing that is held; no line if there is nothing. */
    public record Row(String label, List<String> lines) {}

    /** As the vault serves it. */
    static PackagePage served(PatronPackage held) {
        return new PackagePage(held, ReportPage.served(held.accesses()));
    }

    /** Complete in itself: no script, and nothing from a network. */
    public static PackagePage alone(PatronPackage held) {
        return new PackagePage(held, ReportPage.alone(held.accesses()));
    }

    /** The page. */
    public String html() {
        return new Pages().render("package.jte", Map.of("page", this));
    }

    /** What is encrypted field by field. */
    public List<Row> personal() {
        WholePatron patron = held.patron();
        Name name = patron.data().name().orElseThrow();
        return List.of(
                row("Family name", name.family()),
                row("Given name", name.given()),
                row("Middle name", name.middle()),
                row("Suffix", name.suffix()),
                row("Preferred name", name.preferred()),
                new Row("Card number", patron.data().card().stream().toList()),
                new Row("Former card numbers", patron.formerCards()),
                new Row("Address", patron.data().address().orElseThrow().lines()),
                new Row("Telephone", patron.data().phone().orElseThrow()),
                new Row("E-mail", patron.data().email().orElseThrow()));
    }

    /** What is said of the patron beside that. */
    public List<Row> others() {
        WholePatron patron = held.patron();
        return List.of(
                row("Home library", patron.attributes().library()),
                row("Category", patron.attributes().category().wireName()),
                row("Status", patron.attributes().status().wireName()),
                row("Expires", patron.attributes().expires().map(DAY::format).orElse("")),
                row("Registered", MONTH.format(patron.attributes().registered())),
                row("Comes from a file of another system", yes(held.isImported())),
                row(
                        "Address and telephone for the director only",
                        yes(patron.facts().isProtected())),
                row("Number of changes", Long.toString(patron.version() - 1)));
    }

    /** What was said yes or no to, the newest first. */
    public List<Consent> consents() {
        List<Consent> newest = new ArrayList<>(held.patron().facts().consents().history());
        Collections.reverse(newest);
        return newest;
    }

    /** What a consent is for, in words. */
    public String purpose(Consent consent) {
        return PURPOSES.getOrDefault(consent.purpose(), consent.purpose());
    }

    /** A day in words. */
    public String day(LocalDate day) {
        return DAY.format(day);
    }

    private static String yes(boolean is) {
        return is ? "yes" : "no";
    }

    private static Row row(String label, String text) {
        return new Row(label, text.isEmpty() ? List.of() : List.of(text));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
