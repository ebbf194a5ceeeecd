package org.patronvault.privacy.entitlement;

import java.time.Instant;
import java.util.Optional;

/**
 * The state of a vendor's account at a gateway, since the vault was started.
 *
 * @param connections the connections signed in now
 * @param lastHeard when the last message arrived
 * @param refusedLogins wrong passwords, and right ones without a free connection
 * @param brokenMessages malformed messages, or messages with a wrong checksum
 */
public record GatewayAccount(
        String login,
        String client,
        String service,
        int connections,
        Optional<Instant> lastHeard,
        long refusedLogins,
        long brokenMessages) {}
