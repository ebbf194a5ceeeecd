package org.patronvault.model;

/**
 * Stored bytes did not authenticate: changed, moved, rolled back or made by someone without the keys. Outside it is
 * one and the same answer whatever was wrong; the message is for the operator and never holds a value.
 */
public final class IntegrityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What did not authenticate, in words of ours, for example {@code "envelope: commitment"}. */
    public IntegrityException(String what) {
        super(what);
    }

    /** As above, with the library's exception. */
    public IntegrityException(String what, Throwable cause) {
        super(what, cause);
    }
}
