package org.patronvault.access;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The one form of a user or client name that authentication, limits and log use: NFKC, case-folded, trimmed, and then
 * nothing but ASCII letters, digits, dot, hyphen, underscore and at-sign, so that no two names look alike.
 */
final class CanonicalName {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,63}");

    private CanonicalName() {}

    static Optional<String> of(String written) {
        String folded = Normalizer.normalize(written, Normalizer.Form.NFKC)
                .strip()
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
        return FORM.matcher(folded).matches() ? Optional.of(folded) : Optional.empty();
    }

    static String require(String written) {
        return of(written)
                .orElseThrow(() -> new Refused(
                        Problem.INVALID, "A name is 1 to 64 letters, digits, dots, hyphens, underscores or at-signs."));
    }
}
