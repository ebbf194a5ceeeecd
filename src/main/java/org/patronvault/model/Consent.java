package org.patronvault.model;

import java.time.LocalDate;
import java.util.List;

/**
 * What a patron said yes or no to (P6, P9).
 *
 * @param purpose what for, one of {@link #PURPOSES}
 * @param policy version of the posted policy the patron was shown
 * @param on the day it was said
 * @param channel how it was said, for example {@code desk}, {@code web}, {@code import}
 * @param by the name of whoever took it down; empty where it is not written yet
 * @param given yes or no
 */
public record Consent(String purpose, String policy, LocalDate on, String channel, String by, boolean given) {

    /** The purpose without which the vault holds no record (P6). */
    public static final String SERVICE = "service";

    /** The purposes that mail is sent for, to those who said yes to that one (P9). */
    public static final List<String> MAILED = List.of("newsletter", "fundraising");

    /** Every purpose that can be said yes or no to; silence is no (P9). */
    public static final List<String> PURPOSES = List.of(SERVICE, "newsletter", "fundraising");

    /** One that nobody has taken down yet. */
    public Consent(String purpose, String policy, LocalDate on, String channel, boolean given) {
        this(purpose, policy, on, channel, "", given);
    }

    /** The same, taken down by that person or system. */
    public Consent takenBy(String name) {
        return new Consent(purpose, policy, on, channel, name, given);
    }
}
