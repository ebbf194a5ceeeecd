package org.patronvault.core.model;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A patron's name in its parts. {@code family} is never blank; absent parts are empty strings. Prints
 * {@code [REDACTED]}.
 */
public record Name(String family, String given, String middle, String suffix, String preferred) {
    /** The whole name in spoken order, without the preferred name. */
    public String full() {
        return Stream.of(given, middle, family, suffix)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(" "));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
