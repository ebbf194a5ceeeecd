package org.patronvault.patron;

import java.util.Optional;
import java.util.Set;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;

/**
 * What is searched for: the one box, or fields that must all match. Prints {@code [REDACTED]}.
 *
 * @param q what was typed into the one box
 * @param limit results wanted, 1 to {@value Lookup#MAX_RESULTS}
 * @param reveal fields to open of every result, besides what the policy shows anyway
 * @param fault what is wrong with the request; the other members are then not looked at
 */
public record SearchQuery(
        Optional<String> q,
        Optional<String> card,
        Optional<String> phone,
        Optional<String> email,
        Purpose purpose,
        int limit,
        Set<PatronField> reveal,
        Optional<Refused> fault) {

    /** A query that is refused, after the policy was asked whether the caller may search at all. */
    public static SearchQuery faulty(Refused fault) {
        return new SearchQuery(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Purpose.ACCOUNT_SERVICE,
                1,
                Set.of(),
                Optional.of(fault));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
