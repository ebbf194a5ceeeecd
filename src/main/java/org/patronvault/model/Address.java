package org.patronvault.model;

/** A patron's postal address; absent parts are empty strings. Prints {@code [REDACTED]}. */
public record Address(String line1, String line2, String city, String region, String postalCode, String country) {

    /** The address of someone who gave none. */
    public static final Address NONE = new Address("", "", "", "", "", "");

    /** Whether no part is given. */
    public boolean isEmpty() {
        return equals(NONE);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
