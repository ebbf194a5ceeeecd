package org.patronvault.patron.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportRow.Reason;

/**
 * A patron in the form to be stored, in canonical words; {@link PatronJson} and the import readers make it from the
 * input. Texts are NFC, trimmed, without control characters and at most {@value #MAX_TEXT_LENGTH} characters. Phone
 * numbers are in {@link org.patronvault.search.Phones#canonical} form. Email addresses keep their case. Neither list
 * repeats an element. Prints {@code [REDACTED]}.
 *
 * @param card {@link org.patronvault.search.CardNumbers#canonical} form
 * @param phone at most {@value #MAX_LISTED}
 * @param email at most {@value #MAX_LISTED}
 * @param consent to the service itself; empty only in a change of a patron whose consent is on record
 * @param registered month of registration if the source names one; empty for "now" or "as on record"
 */
public record PatronDraft(
        String card,
        Name name,
        Address address,
        List<String> phone,
        List<String> email,
        String library,
        Category category,
        Optional<LocalDate> expires,
        Status status,
        Optional<Consent> consent,
        Optional<YearMonth> registered) {

    /** The most characters (code points) of any one text. */
    public static final int MAX_TEXT_LENGTH = 200;

    /** The most phone numbers, and the most email addresses. */
    public static final int MAX_LISTED = 4;

    public PatronDraft {
        Objects.requireNonNull(card);
        Objects.requireNonNull(name);
        Objects.requireNonNull(address);
        phone = List.copyOf(phone);
        email = List.copyOf(email);
        Objects.requireNonNull(library);
        Objects.requireNonNull(category);
        Objects.requireNonNull(expires);
        Objects.requireNonNull(status);
        Objects.requireNonNull(consent);
        Objects.requireNonNull(registered);
        if (phone.size() > MAX_LISTED || email.size() > MAX_LISTED) {
            throw new IllegalStateException("phone and email must have at most 4 elements each");
        }
    }

    /** Returns the draft with that month of registration, and with {@code fallback} as consent if it has none. */
    public PatronDraft completed(Consent fallback, Optional<YearMonth> month) {
        return new PatronDraft(
                card,
                name,
                address,
                phone,
                email,
                library,
                category,
                expires,
                status,
                consent.or(() -> Optional.of(fallback)),
                month);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }

    /** The fault of a patron object that makes no draft: for an import the reason, for a caller the refusal. */
    static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final Reason reason;
        private final Refused refused;

        Fault(Reason reason, Refused refused) {
            super(reason.slug(), null, false, false);
            this.reason = reason;
            this.refused = refused;
        }

        /** The common fault: {@code invalid} with {@code sentence}. */
        Fault(Reason reason, String sentence) {
            this(reason, new Refused(Problem.INVALID, sentence));
        }

        Reason reason() {
            return reason;
        }

        Refused refused() {
            return refused;
        }
    }

    /**
     * The members of one JSON object as canonical words, or a {@link Fault} that names the member and never its value.
     * An absent member and {@code null} are the same.
     */
    public static final class Members {
        private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

        private final JsonNode object;
        private final String path;

        private Members(JsonNode object, String path) {
            this.object = object;
            this.path = path;
        }

        /** The members of a whole patron. */
        static Members of(JsonNode patron) {
            if (!patron.isObject()) {
                throw new Fault(Reason.NOT_AN_OBJECT, "A patron must be one JSON object.");
            }
            return new Members(patron, "");
        }

        boolean has(String member) {
            return object.hasNonNull(member);
        }

        /** Passes the name of each member that is not in {@code known} to {@code unknown}. */
        void others(Set<String> known, Consumer<String> unknown) {
            object.fieldNames().forEachRemaining(member -> {
                if (!known.contains(member)) {
                    unknown.accept(member);
                }
            });
        }

        /** The object inside, without members if it is absent. */
        Members object(String member) {
            JsonNode inner = object.path(member);
            if (has(member) && !inner.isObject()) {
                throw new Fault(Reason.TYPE_WRONG, path + member + " must be an object.");
            }
            return new Members(inner, path + member + ".");
        }

        /** Empty if absent. */
        String text(String member) {
            return has(member) ? clean(object.path(member), path + member) : "";
        }

        /** Returns the text; fails with {@code missing} if there is none, or only blanks. */
        String required(String member, Reason missing) {
            String text = text(member);
            if (text.isEmpty()) {
                throw new Fault(missing, path + member + " is required.");
            }
            return text;
        }

        /** Returns the value that {@code named} has for the word; {@code absent} without a word. */
        <T> T word(String member, Function<String, Optional<T>> named, T absent, Reason unknown) {
            String word = text(member);
            if (word.isEmpty()) {
                return absent;
            }
            return named.apply(word)
                    .orElseThrow(() -> new Fault(unknown, path + member + " is not one of the known words."));
        }

        Optional<LocalDate> date(String member, Reason malformed) {
            String written = text(member);
            if (written.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(isoDate(written)
                    .orElseThrow(() -> new Fault(malformed, path + member + " must be a date as YYYY-MM-DD.")));
        }

        /**
         * The texts of a list that are neither null nor blank, each once, at most {@value #MAX_LISTED}.
         *
         * @param canonical from the text and its path, such as {@code phone[1]}, to its canonical form
         * @param key elements whose canonical forms have an equal key are duplicates
         */
        List<String> list(String member, BinaryOperator<String> canonical, UnaryOperator<String> key) {
            if (!has(member)) {
                return List.of();
            }
            JsonNode list = object.path(member);
            if (!list.isArray()) {
                throw new Fault(Reason.TYPE_WRONG, path + member + " must be a list of text.");
            }
            List<String> kept = new ArrayList<>();
            Set<String> keys = new HashSet<>();
            for (int i = 0; i < list.size(); i++) {
                String place = path + member + "[" + i + "]";
                String written = list.get(i).isNull() ? "" : clean(list.get(i), place);
                if (written.isEmpty()) {
                    continue;
                }
                String element = canonical.apply(written, place);
                if (keys.add(key.apply(element))) {
                    kept.add(element);
                }
                if (kept.size() > MAX_LISTED) {
                    throw new Fault(Reason.TOO_MANY, path + member + " must have at most " + MAX_LISTED + " elements.");
                }
            }
            return kept;
        }

        /** The day that {@code written} names as YYYY-MM-DD, if the calendar has it. */
        public static Optional<LocalDate> isoDate(String written) {
            try {
                return DATE.matcher(written).matches() ? Optional.of(LocalDate.parse(written)) : Optional.empty();
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }

        private static String clean(JsonNode node, String place) {
            if (!node.isTextual()) {
                throw new Fault(Reason.TYPE_WRONG, place + " must be text.");
            }
            String text = trim(Normalizer.normalize(node.textValue(), Normalizer.Form.NFC));
            if (text.codePointCount(0, text.length()) > MAX_TEXT_LENGTH) {
                throw new Fault(Reason.TOO_LONG, place + " must be at most " + MAX_TEXT_LENGTH + " characters long.");
            }
            if (text.codePoints().anyMatch(Members::isControl)) {
                throw new Fault(Reason.CONTROL_CHARACTER, place + " must not contain control characters.");
            }
            return text;
        }

        /** Without blanks of any kind around it. */
        public static String trim(String text) {
            int start = 0;
            int end = text.length();
            while (start < end && isBlank(text.charAt(start))) {
                start++;
            }
            while (start < end && isBlank(text.charAt(end - 1))) {
                end--;
            }
            return text.substring(start, end);
        }

        private static boolean isBlank(char c) {
            return Character.isWhitespace(c) || Character.isSpaceChar(c);
        }

        /** Whether it is a control character, breaks a line, turns its direction, or cannot be written as UTF-8. */
        private static boolean isControl(int c) {
            boolean turnsDirection = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
            return switch (Character.getType(c)) {
                case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                    true;
                default -> turnsDirection;
            };
        }
    }
}
