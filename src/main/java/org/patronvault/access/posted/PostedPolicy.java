package org.patronvault.access.posted;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * One version of the library's privacy policy as it is posted (P12). Immutable.
 *
 * @param version as `policy.yaml` and consents name it
 * @param approved the day the library approved it
 * @param nextReview the day by which the library reviews it again
 * @param text Markdown, with {@link Placeholders}
 */
public record PostedPolicy(String version, LocalDate approved, LocalDate nextReview, String text) {
    /** The most bytes of a text, in UTF-8. */
    public static final int MAX_TEXT_BYTES = 48 * 1024;

    /** The most lines of a text. */
    public static final int MAX_LINES = 2_000;

    /** Days before the review at which a reminder is written. */
    public static final int REMINDER_DAYS = 60;

    private static final Pattern VERSION = Pattern.compile("[a-z0-9][a-z0-9._-]{0,39}");
    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]*)}}");

    /** How near a version's next review is. */
    public enum Review {
        LATER,
        NEAR,
        OVERDUE
    }

    /**
     * Checks the texts of a version that is posted on that day.
     *
     * @throws Refused with {@code invalid} and the rule that it breaks
     */
    public static PostedPolicy of(String version, String approved, String nextReview, String text, LocalDate today) {
        if (!isVersion(version)) {
            throw wrong("version must be 1 to 40 lower-case letters, digits, dots, hyphens or underscores.");
        }
        LocalDate from = day(approved, "approved");
        LocalDate review = day(nextReview, "next review");
        // One day of grace: it may already be tomorrow at the library.
        if (from.isAfter(today.plusDays(1)) || from.isBefore(LocalDate.EPOCH)) {
            throw wrong("approved must not be in the future, nor before 1970.");
        }
        if (!review.isAfter(from)) {
            throw wrong("next review must be after approved.");
        }
        return new PostedPolicy(version, from, review, text(text));
    }

    /** Whether a version, and its file, can have that name. */
    static boolean isVersion(String name) {
        return VERSION.matcher(name).matches();
    }

    private static LocalDate day(String written, String member) {
        try {
            if (DAY.matcher(written).matches()) {
                return LocalDate.parse(written);
            }
        } catch (DateTimeException e) {
            // Treated like a malformed date.
        }
        throw wrong(member + " must be a date as YYYY-MM-DD.");
    }

    /** Checks a text and normalizes it: each line ends in a line feed, and white space around the text is removed. */
    private static String text(String written) {
        String text = written.replace("\r\n", "\n").strip() + "\n";
        if (text.isBlank()) {
            throw wrong("The text is empty.");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT_BYTES
                || text.lines().count() > MAX_LINES) {
            throw wrong("The text must be at most 48 KiB and 2,000 lines long.");
        }
        if (text.codePoints().anyMatch(PostedPolicy::isUnseen)) {
            throw wrong("The text must not contain control characters, nor others that nobody sees.");
        }
        for (MatchResult found : PLACEHOLDER.matcher(text).results().toList()) {
            if (!Placeholders.NAMES.contains(found.group(1))) {
                throw wrong("The text has a placeholder the vault does not know; there are "
                        + String.join(", ", Placeholders.NAMES) + ", each between {{ and }}.");
            }
        }
        return text;
    }

    /** Whether a character is invisible: two texts that look alike must be equal. */
    private static boolean isUnseen(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL -> c != '\n' && c != '\t';
            // Two of them join letters, and some languages need them.
            case Character.FORMAT -> c != 0x200c && c != 0x200d;
            case Character.SURROGATE -> true;
            default -> false;
        };
    }

    private static Refused wrong(String sentence) {
        return new Refused(Problem.INVALID, sentence);
    }

    /** Returns the SHA-256 of the text, in hexadecimal. */
    public String digest() {
        return HexFormat.of().formatHex(sha256());
    }

    byte[] sha256() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the text with the library's words for placeholders. */
    public String filled(Placeholders words) {
        return PLACEHOLDER.matcher(text).replaceAll(found -> Matcher.quoteReplacement(words.of(found.group(1))));
    }

    /** Whether the text has that placeholder. */
    public boolean has(String placeholder) {
        return text.contains("{{" + placeholder + "}}");
    }

    /** Returns how near the review is on that day. */
    public Review review(LocalDate today) {
        if (today.isAfter(nextReview)) {
            return Review.OVERDUE;
        }
        return today.isBefore(nextReview.minusDays(REMINDER_DAYS)) ? Review.LATER : Review.NEAR;
    }

    /** Returns the reminder of its review on that day; empty while there is time. */
    public Optional<String> reminder(LocalDate today) {
        return switch (review(today)) {
            case LATER -> Optional.empty();
            case NEAR -> Optional.of("Its review is due by " + nextReview + ".");
            case OVERDUE -> Optional.of("Its review has been overdue since " + nextReview + ".");
        };
    }
}
