package org.patronvault.privacy.disclosure;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The input of a step, as it was sent.
 *
 * @param text the text of a member, by its name; empty if there is none
 * @param patrons the patrons it names; empty for an id that is malformed
 * @param fields the fields it names
 */
public record StepInput(
        Function<String, Optional<String>> text, List<Optional<PatronId>> patrons, Set<PatronField> fields) {
    static final String DOCUMENT = "document";
    static final String REASON = "reason";

    public StepInput {
        patrons = List.copyOf(patrons);
        fields = Set.copyOf(fields);
    }

    /** Returns the text of that member, trimmed; refused with {@code invalid} if there is none. */
    String required(String member) {
        return said(member).orElseThrow(() -> new Refused(Problem.INVALID, member + " is required."));
    }

    /** Returns the text of that member, trimmed; empty if there is none. */
    public Optional<String> said(String member) {
        return text.apply(member).map(String::strip).filter(one -> !one.isEmpty());
    }
}
