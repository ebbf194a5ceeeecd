package org.patronvault.core.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.core.model.Purpose;

/** An act that a role or scope may be granted; the names are those of {@code policy.yaml}. */
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

    /** Returns the name in {@code policy.yaml}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns the one purpose for which this act opens fields, if it opens every field of a patron by its nature. A
     * rule's fields, purposes and masks do not narrow it. Its libraries do.
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
