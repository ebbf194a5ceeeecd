package org.patronvault.core.model;

import java.time.LocalDate;
import java.util.List;

/**
 * A patron's consent to one purpose, or its withdrawal (P6, P9).
 *
 * @param purpose one of {@link #PURPOSES}
 * @param policy version of the posted policy the patron was shown
 * @param on the day of the statement
 * @param channel the way it was given, for example {@code desk}, {@code web}, {@code import}
 * @param by the name of the account that recorded it; empty before it is recorded
 * @param given yes or no
 */
public record Consent(String purpose, String policy, LocalDate on, String channel, String by, boolean given) {

    /** The purpose without which the vault holds no record (P6). */
    public static final String SERVICE = "service";

    /** The purposes that mail is sent for, to patrons who consented to that very purpose (P9). */
    public static final List<String> MAILED = List.of("newsletter", "fundraising");

    /** Every purpose that a patron can consent to; no statement means no (P9). */
    public static final List<String> PURPOSES = List.of(SERVICE, "newsletter", "fundraising");

    /** A consent that is not yet recorded. */
    public Consent(String purpose, String policy, LocalDate on, String channel, boolean given) {
        this(purpose, policy, on, channel, "", given);
    }

    /** Returns this consent with {@code name} as the account that recorded it. */
    public Consent takenBy(String name) {
        return new Consent(purpose, policy, on, channel, name, given);
    }
}
