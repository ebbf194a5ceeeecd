package org.patronvault.privacy.disclosure;

import java.util.Locale;

/** The state of a case; {@link CaseStep} has the next steps. */
public enum CaseState {
    /** Recorded, and referred to the director. */
    REFERRED,
    /** Counsel was consulted, or could not be reached before a warrant was carried out. */
    COUNSELLED,
    /** Decided: nothing is handed out. */
    REFUSED,
    /** Decided: data is disclosed, if a second person approves. */
    DECIDED,
    /** A second person approved. */
    APPROVED,
    /** Disclosed. */
    RELEASED,
    /** The patrons were notified, or must not be. */
    NOTIFIED,
    /** Closed. */
    CLOSED;

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
