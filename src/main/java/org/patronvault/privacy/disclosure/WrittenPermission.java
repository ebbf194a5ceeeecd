package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * A patron's written permission to disclose some fields of their own record to a recipient (P3). Prints
 * {@code [REDACTED]}.
 *
 * @param id sixteen hexadecimal digits
 * @param recipient the recipient, as the patron wrote it
 * @param signed when the patron signed, as written
 * @param until the end of validity, exclusive
 * @param document SHA-256 of the signed paper, if it was given
 * @param by the account that recorded it, and the time
 * @param revoked when it was revoked, if it was
 */
public record WrittenPermission(
        String id,
        PatronId patron,
        String recipient,
        Set<PatronField> fields,
        String signed,
        Instant until,
        Optional<String> document,
        String by,
        Instant at,
        Optional<Instant> revoked) {

    /** The stored form; times in milliseconds since 1970, 0 while it is not revoked. */
    record SealedForm(
            String patron,
            String recipient,
            List<String> fields,
            String signed,
            long until,
            String document,
            String by,
            long at,
            long revoked) {

        WrittenPermission of(String id) {
            return new WrittenPermission(
                    id,
                    PatronId.parse(patron).orElseThrow(),
                    recipient,
                    fields.stream()
                            .map(name -> PatronField.ofWireName(name).orElseThrow())
                            .collect(Collectors.toUnmodifiableSet()),
                    signed,
                    Instant.ofEpochMilli(until),
                    Optional.of(document).filter(text -> !text.isEmpty()),
                    by,
                    Instant.ofEpochMilli(at),
                    Optional.of(revoked).filter(time -> time > 0).map(Instant::ofEpochMilli));
        }

        SealedForm revoked(Instant when) {
            return new SealedForm(patron, recipient, fields, signed, until, document, by, at, when.toEpochMilli());
        }
    }

    /** Whether it is in force then. */
    public boolean isInForce(Instant then) {
        return then.isBefore(until) && revoked.isEmpty();
    }

    /** Whether it permits disclosing those fields to that recipient; blanks and capitals make no difference. */
    boolean permits(String to, Set<PatronField> handed) {
        return fields.containsAll(handed) && canonical(recipient).equals(canonical(to));
    }

    private static String canonical(String name) {
        return name.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
