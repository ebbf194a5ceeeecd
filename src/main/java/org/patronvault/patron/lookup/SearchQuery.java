package org.patronvault.patron.lookup;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;

/**
 * A search query: the one box, or fields that must all match. Prints {@code [REDACTED]}.
 *
 * @param q the text of the one box
 * @param limit results wanted, 1 to {@value Lookup#MAX_RESULTS}
 * @param reveal fields to open of every result, besides those the policy always shows
 * @param purpose empty if it is missing or unknown, and then there is a fault
 * @param fault what is wrong with the request; the other members are then what could be read of it
 */
public record SearchQuery(
        Optional<String> q,
        Optional<String> card,
        Optional<String> name,
        Optional<String> phone,
        Optional<String> email,
        Optional<Purpose> purpose,
        int limit,
        Set<PatronField> reveal,
        Optional<Refused> fault) {

    /** The most characters of a searched text: as many as an email address has. */
    public static final int MAX_TEXT = 254;

    /** Adds a fault for a text that is too long, unless there is another fault. */
    public SearchQuery {
        boolean isTooLong = Stream.of(q, card, name, phone, email)
                .flatMap(Optional::stream)
                .anyMatch(text -> text.length() > MAX_TEXT);
        if (isTooLong && fault.isEmpty()) {
            fault = Optional.of(
                    new Refused(Problem.INVALID, "What is searched for has at most " + MAX_TEXT + " characters."));
        }
    }

    /** A query from the one box. */
    public static SearchQuery ofBox(
            Optional<String> q,
            Optional<Purpose> purpose,
            int limit,
            Set<PatronField> reveal,
            Optional<Refused> fault) {
        return new SearchQuery(
                q,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                purpose,
                limit,
                reveal,
                fault);
    }

    /** The named fields; the fields of the one box follow from its text. */
    Set<PatronField> named() {
        Set<PatronField> named = EnumSet.noneOf(PatronField.class);
        card.ifPresent(text -> named.add(PatronField.CARD));
        name.ifPresent(text -> named.add(PatronField.NAME));
        phone.ifPresent(text -> named.add(PatronField.PHONE));
        email.ifPresent(text -> named.add(PatronField.EMAIL));
        return named;
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
