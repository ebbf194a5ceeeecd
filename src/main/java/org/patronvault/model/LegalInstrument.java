package org.patronvault.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** By what somebody outside asks for a record (P3, P10). Whether it suffices is for the law of the place to say. */
public enum LegalInstrument {
    COURT_ORDER,
    WARRANT,
    SUBPOENA,
    WRITTEN_PERMISSION,
    LETTER,
    EMERGENCY,
    PARENT;

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The instrument of that name. */
    public static Optional<LegalInstrument> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(one -> one.wireName().equals(name))
                .findFirst();
    }

    /** All names, to be told to whoever gave another. */
    public static String names() {
        return Arrays.stream(values()).map(LegalInstrument::wireName).collect(Collectors.joining(", "));
    }
}
