package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * The record of a step that was taken, in its stored form. Prints {@code [REDACTED]}.
 *
 * @param step its name
 * @param at milliseconds since 1970
 * @param by the account
 * @param role the acting role
 * @param said the texts, by the name of the member in the API
 * @param patrons the patrons it names
 * @param fields the fields it names
 */
public record StepRecord(
        String step,
        long at,
        String by,
        String role,
        Map<String, String> said,
        List<String> patrons,
        List<String> fields) {

    public StepRecord {
        said = Map.copyOf(said);
        patrons = List.copyOf(patrons);
        fields = List.copyOf(fields);
    }

    /** The kind of step. */
    public CaseStep which() {
        return CaseStep.ofWireName(step);
    }

    /** The time of the step. */
    public Instant when() {
        return Instant.ofEpochMilli(at);
    }

    /** The text of that member. */
    public Optional<String> text(String member) {
        return Optional.ofNullable(said.get(member));
    }

    /** The patrons it names. */
    public List<PatronId> patronIds() {
        return patrons.stream().map(id -> PatronId.parse(id).orElseThrow()).toList();
    }

    /** The fields it names. */
    public Set<PatronField> personalFields() {
        return fields.stream()
                .map(name -> PatronField.ofWireName(name).orElseThrow())
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
