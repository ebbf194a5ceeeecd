package org.patronvault.privacy.entitlement;

import java.time.Instant;
import java.util.Optional;

/**
 * How it stands with an account of the SIP2 gateway, counted since the gateway began.
 *
 * @param login by which a vendor's machines sign in
 * @param client whose checks those are
 * @param service what it asks about
 * @param connections how many there are now
 * @param lastHeard when something last came; empty if nothing did
 * @param refusedLogins how often the password was wrong
 * @param brokenMessages how many could not be understood
 */
public record GatewayAccount(
        String login,
        String client,
        String service,
        int connections,
        Optional<Instant> lastHeard,
        long refusedLogins,
        long brokenMessages) {}
