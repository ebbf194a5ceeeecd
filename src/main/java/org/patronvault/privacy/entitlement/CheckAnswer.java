package org.patronvault.privacy.entitlement;

import java.util.Locale;
import java.util.Optional;
import org.patronvault.core.model.Problem;

/** The answer to a vendor's check, as the log counts it. */
public enum CheckAnswer {
    ENTITLED,
    NOT_ENTITLED,
    /** Too many checks of one card, or by one client. */
    HELD_BACK,
    /** The system that verifies PINs gave no answer. */
    VERIFIER_UNAVAILABLE,
    /** The vault itself gave no answer, for example because it was being sealed. */
    FAILED;

    /** The name in the keys of texts. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static CheckAnswer of(Optional<Problem> reason) {
        return reason.map(CheckAnswer::of).orElse(ENTITLED);
    }

    private static CheckAnswer of(Problem reason) {
        return switch (reason) {
            case NOT_ENTITLED -> NOT_ENTITLED;
            case TOO_MANY_ATTEMPTS -> HELD_BACK;
            case VERIFIER_UNAVAILABLE -> VERIFIER_UNAVAILABLE;
            default -> FAILED;
        };
    }
}
