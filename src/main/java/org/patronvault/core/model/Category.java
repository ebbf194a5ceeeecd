package org.patronvault.core.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The kind of a patron, such as adult or juvenile; not personal. */
public enum Category {
    ADULT,
    JUVENILE,
    STAFF,
    OTHER;

    private static final Map<String, Category> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(Category::wireName, Function.identity()));

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The name in the API and in the database: lower case. */
    public String wireName() {
        return wireName;
    }

    /** The category of that name, if there is one. */
    public static Optional<Category> ofWireName(String wireName) {
        return Optional.ofNullable(BY_NAME.get(wireName));
    }
}
