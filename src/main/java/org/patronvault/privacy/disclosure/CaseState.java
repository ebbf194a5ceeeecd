package org.patronvault.privacy.disclosure;

import java.util.Locale;

/** Where a case stands; what comes next {@link CaseStep} says. */
public enum CaseState {
    /** Taken down, and the director's to handle. */
    REFERRED,
    /** Counsel was consulted, or could not be reached before a warrant was carried out. */
    COUNSELLED,
    /** Decided: nothing is handed out. */
    REFUSED,
    /** Decided: that is handed out, if a second person agrees. */
    DECIDED,
    /** A second person agreed. */
    APPROVED,
    /** Handed out. */
    RELEASED,
    /** The patrons were told, or may not be. */
    NOTIFIED,
    /** Over. */
    CLOSED;

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
