package org.patronvault.privacy.disclosure;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * What is said at a step, as it was sent.
 *
 * @param text of a member, by its name; empty where nothing was said
 * @param patrons whom it names; empty for an id that is malformed
 * @param fields which fields of them
 */
public record StepInput(
        Function<String, Optional<String>> text, List<Optional<PatronId>> patrons, Set<PatronField> fields) {
    static final String DOCUMENT = "document";
    static final String REASON = "reason";

    public StepInput {
        patrons = List.copyOf(patrons);
        fields = Set.copyOf(fields);
    }

    /** The same of what has to be said. */
    String required(String member) {
        return said(member).orElseThrow(() -> new Refused(Problem.INVALID, member + " is required."));
    }

    /** What was said under that name, without blanks around it; empty if nothing was. */
    public Optional<String> said(String member) {
        return text.apply(member).map(String::strip).filter(one -> !one.isEmpty());
    }
}
