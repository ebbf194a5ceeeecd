package org.patronvault.core.model;

/**
 * A failure of stored bytes to authenticate: they were changed, moved, rolled back or made without the keys. Callers
 * outside get one answer for all causes; the message is for the operator and never holds a value.
 */
public final class IntegrityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The part that did not authenticate, in the vault's words, for example {@code "envelope: commitment"}. */
    public IntegrityException(String what) {
        super(what);
    }

    /** The part that did not authenticate, with the cause from a dependency. */
    public IntegrityException(String what, Throwable cause) {
        super(what, cause);
    }
}
