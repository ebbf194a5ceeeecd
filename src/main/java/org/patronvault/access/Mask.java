package org.patronvault.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.model.PatronField;

/** How much of a field is left where it is shown masked. Each field has one mask; the names are those of the file. */
public enum Mask {
    LAST_FOUR,
    DOMAIN,
    LOCALITY,
    INITIALS;

    /** The name in {@code policy.yaml}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The mask of that personal field. */
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
