package org.patronvault.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

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
    CONSENT,
    MAIL,
    PROTECT,
    IMPORT,
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
    POST_POLICY;

    /** The name in {@code policy.yaml}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Permission> ofWireName(String name) {
        return Arrays.stream(values()).filter(p -> p.wireName().equals(name)).findFirst();
    }
}
