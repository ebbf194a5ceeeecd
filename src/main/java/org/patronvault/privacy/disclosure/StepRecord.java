package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/**
 * A step that was taken, as it is sealed. Prints {@code [REDACTED]}.
 *
 * @param step its name
 * @param at milliseconds since 1970
 * @param by whose account
 * @param role in which role
 * @param said what was said at it, by the name of the member in the API
 * @param patrons whom it names
 * @param fields which fields of them
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

    /** Which step. */
    public CaseStep which() {
        return CaseStep.ofWireName(step);
    }

    /** When. */
    public Instant when() {
        return Instant.ofEpochMilli(at);
    }

    /** What was said under that name. */
    public Optional<String> text(String member) {
        return Optional.ofNullable(said.get(member));
    }

    /** Whom it names. */
    public List<PatronId> patronIds() {
        return patrons.stream().map(id -> PatronId.parse(id).orElseThrow()).toList();
    }

    /** Which fields of them. */
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
