package org.patronvault.access;

import java.util.List;
import java.util.Optional;

/**
 * Who a provider says somebody is.
 *
 * @param subject names the person at that issuer, and nobody else ever
 * @param userName what they are called there, if the token says so
 * @param groups what the mapping of the policy goes by
 * @param library the claim for it, if one is named and there
 * @param secondFactor whether one was proved there
 */
record SignOnIdentity(
        String issuer,
        String subject,
        Optional<String> userName,
        List<String> groups,
        Optional<String> library,
        boolean secondFactor) {
    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
