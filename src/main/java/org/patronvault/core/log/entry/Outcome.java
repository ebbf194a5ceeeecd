package org.patronvault.core.log.entry;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.patronvault.core.model.IntegrityException;

/** The result of an act. The code is part of the stored log format. */
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

    private static final Map<Integer, Outcome> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Outcome::code, Function.identity()));

    private final int code;
    private final String wireName;

    Outcome(int code) {
        this.code = code;
        this.wireName = name().toLowerCase(Locale.ROOT);
    }

    int code() {
        return code;
    }

    static Outcome ofCode(int code) {
        Outcome outcome = BY_CODE.get(code);
        if (outcome == null) {
            throw new IntegrityException("log leaf: outcome");
        }
        return outcome;
    }

    /** Returns the name in answers. */
    public String wireName() {
        return wireName;
    }
}
