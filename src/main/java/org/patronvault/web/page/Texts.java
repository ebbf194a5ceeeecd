package org.patronvault.web.page;

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
 * The texts of pages: a resource bundle, with numbers, dates and times in the reader's format. An unsupported language
 * gets English texts and dates. Immutable, thread safe.
 */
public final class Texts {
    /** English, for pages without a known reader, such as a page written to a file. */
    public static final Texts ENGLISH = new Texts(Locale.US);

    private static final List<String> SHIPPED = List.of("en");
    private static final int MAX_RANGES_TEXT = 200;

    private final Locale locale;
    private final ResourceBundle bundle;

    private Texts(Locale locale) {
        this.locale = locale;
        this.bundle = ResourceBundle.getBundle("org.patronvault.web.texts", locale);
    }

    /** Returns the language that the browser prefers (RFC 9110, section 12.5.4). */
    public static Texts of(Context ctx) {
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

    /** The language tag, for the page to state. */
    public String language() {
        return locale.toLanguageTag();
    }

    /**
     * Returns the text of a key, which must be in the bundle.
     *
     * @param with the values of {0}, {1} and so on, with numbers in the reader's format
     */
    public String say(String key, Object... with) {
        return new MessageFormat(bundle.getString(key), locale).format(with);
    }

    /** Joins alternatives with "or". */
    public String or(List<String> words) {
        int last = words.size() - 1;
        return last < 1
                ? String.join("", words)
                : say("typed.or", String.join(", ", words.subList(0, last)), words.get(last));
    }

    /** Formats a number. */
    public String number(long number) {
        return NumberFormat.getIntegerInstance(locale).format(number);
    }

    /** Formats a day, with the month in words. */
    public String day(LocalDate day) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG)
                .withLocale(locale)
                .format(day);
    }

    /** Formats a day with its weekday. */
    public String weekday(LocalDate day) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL)
                .withLocale(locale)
                .format(day);
    }

    /** Formats a month in words. */
    public String month(YearMonth month) {
        return DateTimeFormatter.ofPattern("LLLL uuuu", locale).format(month);
    }

    /** Formats hour and minute, and the second if wanted, in the time zone of this machine. */
    public String clock(Instant time, boolean seconds) {
        return clock(time, ZoneId.systemDefault(), seconds);
    }

    /** Formats hour and minute, and the second if wanted, in {@code zone}. */
    public String clock(Instant time, ZoneId zone, boolean seconds) {
        return DateTimeFormatter.ofLocalizedTime(seconds ? FormatStyle.MEDIUM : FormatStyle.SHORT)
                .withLocale(locale)
                .withZone(zone)
                .format(time);
    }

    /** Formats the day of a time, in the time zone of this machine. */
    public String day(Instant time) {
        return day(LocalDate.ofInstant(time, ZoneId.systemDefault()));
    }

    /** Formats a time, in the time zone of this machine. */
    public String time(Instant time) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
                .withLocale(locale)
                .withZone(ZoneId.systemDefault())
                .format(time);
    }
}
