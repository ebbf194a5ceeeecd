package org.patronvault.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.model.Purpose;

/** What a role or scope may ask for; the names are those of {@code policy.yaml}. */
public enum Permission {
    SEARCH,
    REVEAL,
    REVEAL_MANY,
    VERIFY,
    REGISTER,
    CHANGE,
    REPLACE_CARD,
    MERGE,
    ERASE,
    RETENTION,
    CONSENT,
    MAIL,
    PROTECT,
    IMPORT,
    EXPORT,
    PACKAGE,
    ACCESSES,
    READ_LOG,
    READ_CHANGES,
    CHECKPOINT,
    PROOF,
    KEYS,
    ROTATE,
    SEAL,
    CUSTODY,
    BACKUP,
    RESTORE,
    CHECK,
    LEAKAGE,
    STAFF,
    CLIENTS,
    ENTITLEMENT,
    STATISTICS,
    METRICS,
    POST_POLICY,
    CASES,
    COUNSEL,
    APPROVE_CASES;

    /** The name in {@code policy.yaml}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The one purpose for which it opens fields, and then every field of whomever it is aimed at, whole, by its very
     * nature: neither the fields nor the purposes nor the masks of a rule narrow it, but whose patrons they are does.
     */
    Optional<Purpose> opensWholeFor() {
        return switch (this) {
            case PACKAGE -> Optional.of(Purpose.PATRON_REQUEST);
            case EXPORT -> Optional.of(Purpose.EXPORT);
            default -> Optional.empty();
        };
    }

    static Optional<Permission> ofWireName(String name) {
        return Arrays.stream(values()).filter(p -> p.wireName().equals(name)).findFirst();
    }
}
