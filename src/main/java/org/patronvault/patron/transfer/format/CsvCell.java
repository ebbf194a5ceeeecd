package org.patronvault.patron.transfer.format;

import java.util.regex.Pattern;

/**
 * A cell of a CSV file that is safe to open in a spreadsheet. A cell that starts like a formula gets an apostrophe in
 * front (OWASP, CSV injection), and reading removes it. A cell of apostrophes and then a formula gets one more, so
 * reading restores it exactly.
 */
public final class CsvCell {
    private static final String APOSTROPHE = "'";
    private static final Pattern FORMULA = Pattern.compile("(?s)'*[=+\\-@\t\r].*");
    private static final Pattern NEUTRALISED = Pattern.compile("(?s)'+[=+\\-@\t\r].*");

    private CsvCell() {}

    /** The cell to write for {@code text}. */
    public static String plain(String text) {
        return FORMULA.matcher(text).matches() ? APOSTROPHE + text : text;
    }

    /** The text for which {@link #plain} wrote {@code cell}. */
    static String text(String cell) {
        return NEUTRALISED.matcher(cell).matches() ? cell.substring(1) : cell;
    }
}
