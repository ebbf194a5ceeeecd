package org.patronvault.search;

import java.util.Locale;

/** The quality of a match between a patron and the typed name, best first. */
public enum MatchRank {
    EXACT,
    PREFIX,
    PHONETIC,
    TYPO;

    /** Returns the name in answers. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
