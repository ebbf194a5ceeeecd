package org.patronvault.core.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A reason why a cardholder is not entitled to a service. A vendor gets it only if the service says so. */
public enum NotEntitledReason {
    EXPIRED,
    BLOCKED,
    NOT_COVERED;

    /** Returns the name in the policy and in answers. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<NotEntitledReason> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(one -> one.wireName().equals(name))
                .findFirst();
    }
}
