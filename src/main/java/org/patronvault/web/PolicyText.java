package org.patronvault.web;

import org.patronvault.access.Policy;

/** The policy in force as text for the public: its roles and systems. */
final class PolicyText {
    private PolicyText() {}

    static String of(Texts t, Policy policy) {
        return t.say("policy.allows", String.join(", ", policy.roleNames()), String.join(", ", policy.scopeNames()));
    }
}
