package org.patronvault.core.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.core.model.PatronField;

/**
 * The mask of a field: the part of it that is shown. Each field has one mask; the names are those in
 * {@code policy.yaml}.
 */
public enum Mask {
    LAST_FOUR,
    DOMAIN,
    LOCALITY,
    INITIALS;

    /** Returns the name in {@code policy.yaml}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the mask of a personal field. */
    public static Mask of(PatronField field) {
        return switch (field) {
            case CARD, PHONE -> LAST_FOUR;
            case EMAIL -> DOMAIN;
            case ADDRESS -> LOCALITY;
            case NAME -> INITIALS;
            case META, LABELS -> throw new IllegalArgumentException("not a personal field");
        };
    }

    static Optional<Mask> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(mask -> mask.wireName().equals(name))
                .findFirst();
    }
}
