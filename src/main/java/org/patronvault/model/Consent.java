package org.patronvault.model;

import java.time.LocalDate;

/**
 * What a patron said yes or no to (P6, P9).
 *
 * @param purpose what for: {@code service}, {@code newsletter} or {@code fundraising}
 * @param policy version of the posted policy the patron was shown
 * @param on the day it was said
 * @param channel how it was said, for example {@code desk}, {@code web}, {@code import}
 * @param given yes or no
 */
public record Consent(String purpose, String policy, LocalDate on, String channel, boolean given) {

    /** The purpose without which the vault holds no record (P6). */
    public static final String SERVICE = "service";
}
