package org.patronvault.search;

import java.util.Locale;

/** How well a patron matches what was typed, the best first. */
public enum MatchRank {
    EXACT,
    PREFIX,
    PHONETIC,
    TYPO;

    /** As an answer names it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
