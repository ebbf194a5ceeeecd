package org.patronvault.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Whether a patron may use the library at all. */
public enum Status {
    ACTIVE,
    BLOCKED;

    /** The name in the API and in the database: lower case. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The status of that name, if there is one. */
    public static Optional<Status> ofWireName(String wireName) {
        return Arrays.stream(values())
                .filter(s -> s.wireName().equals(wireName))
                .findFirst();
    }
}
