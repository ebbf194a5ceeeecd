package org.patronvault.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kind of patron, as far as it is not personal. */
public enum Category {
    ADULT,
    JUVENILE,
    STAFF,
    OTHER;

    /** The name in the API and in the database: lower case. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The category of that name, if there is one. */
    public static Optional<Category> ofWireName(String wireName) {
        return Arrays.stream(values())
                .filter(c -> c.wireName().equals(wireName))
                .findFirst();
    }
}
