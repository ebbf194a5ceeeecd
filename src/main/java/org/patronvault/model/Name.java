package org.patronvault.model;

/**
 * A patron's name in its parts. {@code family} is never blank; absent parts are empty strings. Prints
 * {@code [REDACTED]}.
 */
public record Name(String family, String given, String middle, String suffix, String preferred) {
    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
