package org.patronvault.patron.record;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One patron of an import file, as a reader saw it: either in canonical words or refused for a stated reason. A refused
 * row is named by line and reason, never by value, and never stops the rows after it.
 */
public sealed interface ImportRow {

    /** The line on which the row starts, from 1. */
    long line();

    /**
     * Names of members that the row had and that the policy does not let the vault hold (P5). They come from the
     * vault's lists, never from the file; a member on no list is {@value #OTHER}. In alphabetical order.
     */
    Set<String> dropped();

    /** Returns the result of {@code accepted} or of {@code refused}, whichever this row is. */
    <T> T match(Function<Accepted, T> accepted, Function<RefusedRow, T> refused);

    /** The reported name of a dropped member on no list, since a name may itself be a value. */
    String OTHER = "(other)";

    /**
     * A patron to register or to update.
     *
     * @param draft with consent; canonical
     * @param brought the state that a patron of another vault brings along
     */
    record Accepted(long line, PatronDraft draft, TransferredState brought, Set<String> dropped) implements ImportRow {

        /** A patron without state from another vault. */
        public Accepted(long line, PatronDraft draft, Set<String> dropped) {
            this(line, draft, TransferredState.NOTHING, dropped);
        }

        /** The current card, then the former ones. */
        public List<String> cards() {
            return Stream.concat(Stream.of(draft.card()), brought.formerCards().stream())
                    .toList();
        }

        @Override
        public <T> T match(Function<Accepted, T> accepted, Function<RefusedRow, T> refused) {
            return accepted.apply(this);
        }
    }

    /**
     * A row that cannot be a patron.
     *
     * @param reason {@link Reason#slug}
     */
    record RefusedRow(long line, String reason, Set<String> dropped) implements ImportRow {
        @Override
        public <T> T match(Function<Accepted, T> accepted, Function<RefusedRow, T> refused) {
            return refused.apply(this);
        }
    }

    /** The reason why a reader refuses a row. The slugs are part of the report's format and must not change. */
    enum Reason {
        NOT_AN_OBJECT("the row is not a patron object"),
        JSON_MALFORMED("the row is not well-formed JSON"),
        CELLS_MISSING("the row has fewer cells than the header"),
        CELLS_TOO_MANY("the row has more cells than the header"),
        QUOTES_UNBALANCED("a quotation mark is out of place: one cell holds what look like whole rows"),
        TOO_LONG("a text or the whole row is too long"),
        TOO_MANY("there are more than four telephone numbers or e-mail addresses"),
        TYPE_WRONG("a member has the wrong type, such as a number where text is expected"),
        CONTROL_CHARACTER("a text contains a control character"),
        NAME_MISSING("there is no family name"),
        CARD_MISSING("there is no card number"),
        CARD_INVALID("the card number is not 1 to 20 letters or digits"),
        CARD_REPEATED("an earlier row of this file has the same card"),
        PHONE_MALFORMED("a telephone number has no digits, or too many"),
        EMAIL_MALFORMED("an e-mail address is malformed"),
        LIBRARY_MISSING("no library is named"),
        LIBRARY_INVALID("the library is not 1 to 20 letters, digits, hyphens or underscores"),
        CATEGORY_UNKNOWN("the category is not adult, juvenile, staff or other"),
        STATUS_UNKNOWN("the status, or a column that it comes from, is not understood"),
        DATE_MALFORMED("a date is malformed"),
        CONSENT_MALFORMED("the consent is incomplete or dated in the future"),
        POLICY_NOT_POSTED("the consent names a version of the policy that was never posted"),
        CONSENT_WITHDRAWN("the patron has taken back the consent to the service");

        private final String explanation;

        Reason(String explanation) {
            this.explanation = explanation;
        }

        /** The name in reports. */
        public String slug() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The reason for people: part of a sentence. */
        public String explanation() {
            return explanation;
        }
    }
}
