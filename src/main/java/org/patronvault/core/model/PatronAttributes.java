package org.patronvault.core.model;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The unencrypted attributes of a patron, which identify no person: home library, category, last day of validity,
 * status and the month of registration. They are bound to the patron's meta cell, so an edit outside the vault is
 * noticed.
 *
 * @param library short code of the home library, 1 to 20 characters
 * @param expires last day on which the patron may use the library, empty for "never"
 */
public record PatronAttributes(
        String library, Category category, Optional<LocalDate> expires, Status status, YearMonth registered) {

    private static final Pattern LIBRARY = Pattern.compile("[A-Za-z0-9_-]{1,20}");

    public PatronAttributes {
        Objects.requireNonNull(library);
        Objects.requireNonNull(category);
        Objects.requireNonNull(expires);
        Objects.requireNonNull(status);
        Objects.requireNonNull(registered);
    }

    /** Whether the text can be the code of a library: 1 to 20 letters, digits, hyphens or underscores. */
    public static boolean isLibrary(String code) {
        return LIBRARY.matcher(code).matches();
    }

    /** Whether {@code today} is past the last day of validity. */
    public boolean expiredOn(LocalDate today) {
        return expires.isPresent() && expires.get().isBefore(today);
    }
}
