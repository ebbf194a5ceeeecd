package org.patronvault.core.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The status of a patron: whether the patron may use the library at all. */
public enum Status {
    ACTIVE,
    BLOCKED;

    private static final Map<String, Status> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(Status::wireName, Function.identity()));

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The name in the API and in the database: lower case. */
    public String wireName() {
        return wireName;
    }

    /** The status of that name, if there is one. */
    public static Optional<Status> ofWireName(String wireName) {
        return Optional.ofNullable(BY_NAME.get(wireName));
    }
}
