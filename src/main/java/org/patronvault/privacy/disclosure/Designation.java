package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.Optional;

/**
 * A director's written designation of a person who handles requests for records (P10).
 *
 * @param id sixteen hexadecimal digits
 * @param designee the account
 * @param by the director's account
 * @param from the first moment of validity
 * @param until the end of validity, exclusive
 * @param document SHA-256 of the written designation, if it was given
 * @param revoked when it was revoked, if it was
 */
public record Designation(
        String id,
        String designee,
        String by,
        Instant from,
        Instant until,
        Optional<String> document,
        Optional<Instant> revoked) {

    /** Whether it is in force then. */
    public boolean isInForce(Instant at) {
        return !at.isBefore(from) && at.isBefore(until) && revoked.isEmpty();
    }

    /** The state at that time: {@code coming}, {@code in-force}, {@code ended} or {@code revoked}. */
    public String state(Instant at) {
        if (revoked.isPresent()) {
            return "revoked";
        }
        return at.isBefore(from) ? "coming" : at.isBefore(until) ? "in-force" : "ended";
    }
}
