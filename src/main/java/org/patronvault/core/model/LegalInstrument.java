package org.patronvault.core.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The legal instrument of a request for records by an outsider (P3, P10). The local law decides whether it suffices.
 */
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

    /** All names, for the message that refuses another. */
    public static String names() {
        return Arrays.stream(values()).map(LegalInstrument::wireName).collect(Collectors.joining(", "));
    }
}
