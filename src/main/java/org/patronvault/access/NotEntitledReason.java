package org.patronvault.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Why somebody who holds a card is not entitled to a service; told to a vendor only if the service says so. */
public enum NotEntitledReason {
    EXPIRED,
    BLOCKED,
    NOT_COVERED;

    /** The name in the policy and in answers. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<NotEntitledReason> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(one -> one.wireName().equals(name))
                .findFirst();
    }
}
