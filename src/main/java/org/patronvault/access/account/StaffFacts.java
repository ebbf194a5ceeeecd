package org.patronvault.access.account;

import java.time.Instant;
import java.util.List;

/**
 * The facts of an account that other people may see.
 *
 * @param maker the administrator who made it after commissioning; empty if none did, or it is not known
 * @param countsAsSecond whether its owner can be a second person, if a role allows it
 */
public record StaffFacts(
        String name,
        List<String> roles,
        String library,
        boolean disabled,
        boolean activated,
        boolean signOn,
        String maker,
        boolean countsAsSecond,
        Instant created) {}
