package org.patronvault.audit;

import java.util.Locale;

/** How an act ended; the code is part of the stored log format. */
public enum Outcome {
    DISCLOSED(1),
    REFUSED(2),
    VERIFIED(3),
    SEARCHED(4),
    FAILED(5),
    WRITTEN(6),
    ERASED(7),
    KEY(8),
    CONFIGURATION(9),
    SESSION(10),
    COUNTED(11),
    ALERT(12),
    REQUESTED(13),
    REVOKED(14);

    private final int code;

    Outcome(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Outcome ofCode(int code) {
        for (Outcome outcome : values()) {
            if (outcome.code == code) {
                return outcome;
            }
        }
        throw new org.patronvault.model.IntegrityException("log leaf: outcome");
    }

    /** The name in answers. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
