package org.patronvault.core.model;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A patron's postal address; absent parts are empty strings. Prints {@code [REDACTED]}. */
public record Address(String line1, String line2, String city, String region, String postalCode, String country) {

    /** The address of a patron who gave none. */
    public static final Address NONE = new Address("", "", "", "", "", "");

    /** Whether no part is given. */
    public boolean isEmpty() {
        return equals(NONE);
    }

    /** The address as written, at most three lines; absent parts are left out. */
    public List<String> lines() {
        String place = joined(", ", city, joined(" ", region, postalCode), country);
        return Stream.of(line1, line2, place).filter(line -> !line.isEmpty()).toList();
    }

    private static String joined(String between, String... parts) {
        return Stream.of(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining(between));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
