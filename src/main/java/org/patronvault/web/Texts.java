package org.patronvault.web;

import io.javalin.http.Context;
import java.text.MessageFormat;
import java.text.NumberFormat;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;

/**
 * What pages say: the texts of a resource bundle, and numbers, dates and times as the reader writes them. A language that
 * is not shipped reads English, with English dates. Immutable, thread safe.
 */
public final class Texts {
    /** For what has no reader yet, such as a page that is written to a file. */
    public static final Texts ENGLISH = new Texts(Locale.US);

    private static final List<String> SHIPPED = List.of("en");
    private static final int MAX_RANGES_TEXT = 200;

    private final Locale locale;
    private final ResourceBundle bundle;

    private Texts(Locale locale) {
        this.locale = locale;
        this.bundle = ResourceBundle.getBundle("org.patronvault.web.texts", locale);
    }

    /** As the browser of that request asks for (RFC 9110, section 12.5.4). */
    static Texts of(Context ctx) {
        return ofAccepted(ctx.header("Accept-Language"));
    }

    static Texts ofAccepted(String ranges) {
        if (ranges == null || ranges.length() > MAX_RANGES_TEXT) {
            return ENGLISH;
        }
        try {
            return Locale.LanguageRange.parse(ranges).stream()
                    .map(range -> Locale.forLanguageTag(range.getRange()))
                    .filter(wanted -> SHIPPED.contains(wanted.getLanguage())
                            && !wanted.getCountry().isEmpty())
                    .findFirst()
                    .map(Texts::new)
                    .orElse(ENGLISH);
        } catch (IllegalArgumentException e) {
            return ENGLISH;
        }
    }

    /** The language of the texts, for the page to name. */
    public String language() {
        return locale.toLanguageTag();
    }

    /**
     * The text of that key, which must be in the bundle.
     *
     * @param with what stands in place of {0}, {1} and so on; numbers are written as the reader writes them
     */
    public String say(String key, Object... with) {
        return new MessageFormat(bundle.getString(key), locale).format(with);
    }

    /** Words of which any holds. */
    public String or(List<String> words) {
        int last = words.size() - 1;
        return last < 1
                ? String.join("", words)
                : say("typed.or", String.join(", ", words.subList(0, last)), words.get(last));
    }

    /** A number. */
    public String number(long number) {
        return NumberFormat.getIntegerInstance(locale).format(number);
    }

    /** A day, the month in words. */
    public String day(LocalDate day) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG)
                .withLocale(locale)
                .format(day);
    }

    /** A day with the day of the week. */
    String weekday(LocalDate day) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL)
                .withLocale(locale)
                .format(day);
    }

    /** A month, in words. */
    String month(YearMonth month) {
        return DateTimeFormatter.ofPattern("LLLL uuuu", locale).format(month);
    }

    /** The hour and minute of a point in time, and the second if wanted, by the clock of the machine that serves. */
    public String clock(Instant time, boolean seconds) {
        return clock(time, ZoneId.systemDefault(), seconds);
    }

    /** The same, by the clock of another place. */
    String clock(Instant time, ZoneId zone, boolean seconds) {
        return DateTimeFormatter.ofLocalizedTime(seconds ? FormatStyle.MEDIUM : FormatStyle.SHORT)
                .withLocale(locale)
                .withZone(zone)
                .format(time);
    }

    /** The day of a point in time, by the clock of the machine that serves. */
    public String day(Instant time) {
        return day(LocalDate.ofInstant(time, ZoneId.systemDefault()));
    }

    /** A point in time, by the clock of the machine that serves. */
    public String time(Instant time) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
                .withLocale(locale)
                .withZone(ZoneId.systemDefault())
                .format(time);
    }
}
