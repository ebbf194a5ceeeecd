package org.patronvault.store;

/**
 * The database did not do what it was asked. Never carries a statement, a bound value or a constraint's detail, since
 * any of these could hold a label or a ciphertext.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is known of what happened. */
    public enum Kind {
        /** No space left; the transaction was rolled back and the store is sound. */
        FULL,
        /** An I/O error, or a file that stays closed to it: what was acknowledged before stands, nothing more may be. */
        BROKEN,
        /** What is stored is not a database, or not a whole one, or another program's. */
        DAMAGED,
        /** The connection went away, possibly during COMMIT: whether it took effect must be read. */
        UNKNOWN,
        /** Another writer held the lock for too long, or a file could not be opened; what was under way is undone. */
        BUSY,
        /** Anything else; the transaction was rolled back. */
        FAILED
    }

    private final Kind kind;

    StoreException(Kind kind, String what) {
        super(what);
        this.kind = kind;
    }

    /** What is known of what happened. */
    public Kind kind() {
        return kind;
    }
}
