package org.patronvault.web.api;

import org.patronvault.core.policy.Policy;
import org.patronvault.web.page.Texts;

/** The policy in force as text for the public: its roles and systems. */
public final class PolicyText {
    private PolicyText() {}

    public static String of(Texts t, Policy policy) {
        return t.say(
                "policy.allows",
                String.join(", ", policy.fields().roleNames()),
                String.join(", ", policy.fields().scopeNames()));
    }
}
