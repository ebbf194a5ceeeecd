package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.Optional;

/**
 * That the director has appointed somebody in writing to handle requests for records (P10).
 *
 * @param id sixteen hexadecimal digits
 * @param designee the account
 * @param by the director who did
 * @param from from then on
 * @param until before then
 * @param document SHA-256 of the written designation, if it was given
 * @param revoked when it was taken back, if it was
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

    /** How it stands then: {@code coming}, {@code in-force}, {@code ended} or {@code revoked}. */
    public String state(Instant at) {
        if (revoked.isPresent()) {
            return "revoked";
        }
        return at.isBefore(from) ? "coming" : at.isBefore(until) ? "in-force" : "ended";
    }
}
