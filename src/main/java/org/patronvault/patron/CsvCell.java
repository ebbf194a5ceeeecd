package org.patronvault.patron;

import java.util.regex.Pattern;

/**
 * A cell of a CSV file for whoever opens it in a spreadsheet: what begins as a formula does begins with an apostrophe
 * there (OWASP, CSV injection), and what comes back loses it again. Apostrophes that were there before are told from it,
 * since a cell of those and then a formula gets one more.
 */
public final class CsvCell {
    private static final String APOSTROPHE = "'";
    private static final Pattern FORMULA = Pattern.compile("(?s)'*[=+\\-@\t\r].*");
    private static final Pattern NEUTRALISED = Pattern.compile("(?s)'+[=+\\-@\t\r].*");

    private CsvCell() {}

    /** What to write for {@code text}. */
    public static String plain(String text) {
        return FORMULA.matcher(text).matches() ? APOSTROPHE + text : text;
    }

    /** The text for which {@link #plain} wrote {@code cell}. */
    static String text(String cell) {
        return NEUTRALISED.matcher(cell).matches() ? cell.substring(1) : cell;
    }
}
