package org.patronvault.core.model;

import java.util.Locale;

/**
 * The reason why a call is refused. The slug is the last segment of the RFC 9457 {@code type}, is written to the log,
 * and never changes. The kind decides HTTP status and exit code at the edges.
 */
public enum Problem {
    INVALID_CREDENTIALS(Kind.UNAUTHENTICATED),
    NOT_SIGNED_IN(Kind.UNAUTHENTICATED),

    NOT_ALLOWED(Kind.FORBIDDEN),
    FIELD_NOT_ALLOWED(Kind.FORBIDDEN),
    PURPOSE_NOT_ALLOWED(Kind.FORBIDDEN),
    ROLE_NOT_HELD(Kind.FORBIDDEN),
    SECOND_PERSON_REQUIRED(Kind.FORBIDDEN),
    SECOND_FACTOR_REQUIRED(Kind.FORBIDDEN),
    FOREIGN_ORIGIN(Kind.FORBIDDEN),
    INSTRUMENT_INSUFFICIENT(Kind.FORBIDDEN),
    BEYOND_SCOPE(Kind.FORBIDDEN),
    NOT_ENTITLED(Kind.FORBIDDEN),

    NOT_FOUND(Kind.ABSENT),

    CARD_IN_USE(Kind.CONFLICT),
    NAME_IN_USE(Kind.CONFLICT),
    HOME_EXISTS(Kind.CONFLICT),
    HOME_IN_USE(Kind.CONFLICT),
    IDEMPOTENCY_KEY_REUSED(Kind.CONFLICT),
    OPERATION_RUNNING(Kind.CONFLICT),
    APPROVAL_CLOSED(Kind.CONFLICT),
    SHARE_DUPLICATE(Kind.CONFLICT),
    LAST_SLOT(Kind.CONFLICT),
    KEY_IN_USE(Kind.CONFLICT),
    BACKUP_REQUIRED(Kind.CONFLICT),
    COPIES_UNATTESTED(Kind.CONFLICT),
    CHANGED_MEANWHILE(Kind.CONFLICT),
    CASE_STATE(Kind.CONFLICT),

    PRECONDITION_REQUIRED(Kind.UNCONDITIONAL),
    VERSION_STALE(Kind.STALE),

    INVALID(Kind.UNPROCESSABLE),
    NOT_COLLECTED(Kind.UNPROCESSABLE),
    CONSENT_REQUIRED(Kind.UNPROCESSABLE),
    PURPOSE_REQUIRED(Kind.UNPROCESSABLE),
    PURPOSE_UNKNOWN(Kind.UNPROCESSABLE),
    FIELD_UNKNOWN(Kind.UNPROCESSABLE),
    CARD_INVALID(Kind.UNPROCESSABLE),
    SHARE_REFUSED(Kind.UNPROCESSABLE),
    SHARE_MISTYPED(Kind.UNPROCESSABLE),
    SHARE_FOREIGN(Kind.UNPROCESSABLE),

    MALFORMED(Kind.MALFORMED),
    BODY_TOO_LARGE(Kind.TOO_LARGE),
    NOT_JSON(Kind.MEDIA_TYPE),
    MISDIRECTED(Kind.MISDIRECTED),
    METHOD_NOT_ALLOWED(Kind.METHOD),

    REVEAL_LIMIT(Kind.LIMITED),
    SEARCH_LIMIT(Kind.LIMITED),
    VERIFY_LIMIT(Kind.LIMITED),
    TOO_MANY_ATTEMPTS(Kind.LIMITED),
    REQUEST_LIMIT(Kind.LIMITED),
    BUSY(Kind.UNAVAILABLE),

    SEALED(Kind.SEALED),
    KEYS_REFUSED(Kind.SEALED),
    PIN_REFUSED(Kind.SEALED),
    SLOT_UNAVAILABLE(Kind.UNAVAILABLE),
    VERIFIER_UNAVAILABLE(Kind.UNAVAILABLE),
    LOG_UNAVAILABLE(Kind.UNAVAILABLE),
    STORE_FULL(Kind.UNAVAILABLE),
    DATABASE_WEAK(Kind.UNAVAILABLE);

    /** The kind of refusal: each edge maps these and nothing finer. */
    public enum Kind {
        UNAUTHENTICATED,
        FORBIDDEN,
        ABSENT,
        CONFLICT,
        UNCONDITIONAL,
        STALE,
        UNPROCESSABLE,
        MALFORMED,
        TOO_LARGE,
        MEDIA_TYPE,
        MISDIRECTED,
        METHOD,
        LIMITED,
        SEALED,
        UNAVAILABLE
    }

    private final Kind kind;

    Problem(Kind kind) {
        this.kind = kind;
    }

    /** The kind of refusal. */
    public Kind kind() {
        return kind;
    }

    /** The stable name. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
