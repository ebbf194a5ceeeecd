package org.patronvault.access.signon;

import java.util.List;
import java.util.Optional;

/**
 * The identity of a person as a provider states it.
 *
 * @param subject names the person at that issuer, and never another
 * @param userName their name there, if the token has it
 * @param groups the groups that the policy maps to roles
 * @param library the claim for it, if one is named and present
 * @param secondFactor whether a second factor was proved there
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
