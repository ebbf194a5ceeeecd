package org.patronvault.core.policy;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The canonical form of a user or client name, for authentication, limits and log. It is NFKC, case-folded and trimmed.
 * It has only ASCII letters, digits, dot, hyphen, underscore and at-sign, so no two names look alike.
 */
public final class CanonicalName {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,63}");

    private CanonicalName() {}

    public static Optional<String> of(String written) {
        String folded = Normalizer.normalize(written, Normalizer.Form.NFKC)
                .strip()
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
        return FORM.matcher(folded).matches() ? Optional.of(folded) : Optional.empty();
    }

    public static String require(String written) {
        return of(written)
                .orElseThrow(() -> new Refused(
                        Problem.INVALID, "A name is 1 to 64 letters, digits, dots, hyphens, underscores or at-signs."));
    }
}
