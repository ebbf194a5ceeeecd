package org.patronvault.privacy.entitlement;

import java.time.Instant;
import java.util.Optional;

/**
 * How a vendor's account at a gateway stands, since the vault was started.
 *
 * @param connections that are signed in now
 * @param lastHeard when the last message came
 * @param refusedLogins wrong passwords, and right ones for which there was no place
 * @param brokenMessages messages that were none, or whose checksum was wrong
 */
public record GatewayAccount(
        String login,
        String client,
        String service,
        int connections,
        Optional<Instant> lastHeard,
        long refusedLogins,
        long brokenMessages) {}
