package org.patronvault.patron.transfer.format;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.PatronDraft;

/**
 * Facts about a CSV file that the library states because the file does not.
 *
 * @param encoding the encoding of its text
 * @param categories the meaning of the other system's codes, by the code in upper case
 * @param days the order of dates that do not begin with the year
 */
public record CsvTerms(Encoding encoding, Map<String, Category> categories, DayOrder days) {
    /** UTF-8, dates that begin with the year, no codes. */
    public static final CsvTerms PLAIN = new CsvTerms(Encoding.UTF_8, Map.of(), DayOrder.YEAR_FIRST);

    public CsvTerms {
        categories = Map.copyOf(categories);
    }

    /**
     * The terms as they are typed.
     *
     * @param encoding {@code utf-8}, {@code windows-1252} or {@code utf-16}
     * @param categories from code to a category's name
     * @param days {@code ymd}, {@code mdy} or {@code dmy}
     * @throws Refused {@code invalid} for any other word
     */
    public static CsvTerms of(String encoding, Map<String, String> categories, String days) {
        Map<String, Category> meant = new HashMap<>();
        categories.forEach((code, name) -> meant.put(
                key(code),
                Category.ofWireName(name)
                        .orElseThrow(() -> new Refused(
                                Problem.INVALID,
                                "A category code can mean adult, juvenile, staff or other, as in CODE=adult."))));
        return new CsvTerms(Encoding.of(encoding), meant, DayOrder.of(days));
    }

    /** The form of a code that is the key in {@link #categories}. */
    static String key(String code) {
        return PatronDraft.Members.trim(code).toUpperCase(Locale.ROOT);
    }

    /** The encoding of a file's text. */
    public enum Encoding {
        UTF_8("utf-8", StandardCharsets.UTF_8),
        /** Also covers what is called Latin-1 or ISO-8859-1, as every spreadsheet reads it. */
        WINDOWS_1252("windows-1252", Charset.forName("windows-1252")),
        /** Its byte order is found from the first bytes. */
        UTF_16("utf-16", StandardCharsets.UTF_16BE);

        private final String wireName;
        private final Charset charset;

        Encoding(String wireName, Charset charset) {
            this.wireName = wireName;
            this.charset = charset;
        }

        private static Encoding of(String name) {
            for (Encoding encoding : values()) {
                if (encoding.wireName.equals(name.toLowerCase(Locale.ROOT))) {
                    return encoding;
                }
            }
            throw new Refused(Problem.INVALID, "The encoding of a CSV file can be utf-8, windows-1252 or utf-16.");
        }

        Charset charset() {
            return charset;
        }
    }

    /**
     * The order of the parts of a date. A date that begins with the year is understood under each of them. No file says
     * which of two small numbers is the month, and a guess would be wrong for a third of the days.
     */
    public enum DayOrder {
        YEAR_FIRST("ymd", "(?!)(?<m>)(?<d>)(?<y>)"),
        MONTH_FIRST("mdy", "(?<m>[0-9]{1,2})[-/.](?<d>[0-9]{1,2})[-/.](?<y>[0-9]{4})"),
        DAY_FIRST("dmy", "(?<d>[0-9]{1,2})[-/.](?<m>[0-9]{1,2})[-/.](?<y>[0-9]{4})");

        private static final Pattern FROM_YEAR =
                Pattern.compile("(?<y>[0-9]{4})[-/.](?<m>[0-9]{1,2})[-/.](?<d>[0-9]{1,2})");
        private static final Pattern TIME_OF_DAY =
                Pattern.compile("[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$");
        /** MySQL's form for no date. */
        private static final Pattern NONE = Pattern.compile("0000-00-00");

        private final String wireName;
        private final Pattern form;

        DayOrder(String wireName, String form) {
            this.wireName = wireName;
            this.form = Pattern.compile(form);
        }

        private static DayOrder of(String name) {
            for (DayOrder order : values()) {
                if (order.wireName.equals(name.toLowerCase(Locale.ROOT))) {
                    return order;
                }
            }
            throw new Refused(Problem.INVALID, "Days can be written in the order ymd, mdy or dmy.");
        }

        /**
         * The date as YYYY-MM-DD, which need not exist in the calendar. Empty for no date; other text is returned
         * unchanged.
         */
        String iso(String written) {
            String day = TIME_OF_DAY.matcher(written).replaceFirst("");
            if (NONE.matcher(day).matches()) {
                return "";
            }
            return numbers(FROM_YEAR, day).or(() -> numbers(form, day)).orElse(written);
        }

        private static Optional<String> numbers(Pattern form, String day) {
            Matcher matcher = form.matcher(day);
            if (!matcher.matches()) {
                return Optional.empty();
            }
            String month = "0" + matcher.group("m");
            String dayOfMonth = "0" + matcher.group("d");
            return Optional.of(matcher.group("y") + "-" + month.substring(month.length() - 2) + "-"
                    + dayOfMonth.substring(dayOfMonth.length() - 2));
        }
    }
}
