package org.patronvault.core.store.sql;

/**
 * A failure of the database. It never carries a statement, a bound value or a constraint's detail, since any of these
 * could hold a label or a ciphertext.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The known meaning of the failure. */
    public enum Kind {
        /** No space left; the transaction was rolled back and the store is sound. */
        FULL,
        /** An I/O error, or a file that cannot be opened: earlier acknowledgments hold, but no new one may be given. */
        BROKEN,
        /** The stored data is not a database, or not a whole one, or another program's. */
        DAMAGED,
        /** The connection was lost, possibly during COMMIT: whether it took effect must be read. */
        UNKNOWN,
        /**
         * Another writer held the lock for too long, or a file could not be opened; the transaction was rolled back.
         */
        BUSY,
        /** Anything else; the transaction was rolled back. */
        FAILED
    }

    private final Kind kind;

    public StoreException(Kind kind, String what) {
        super(what);
        this.kind = kind;
    }

    /** Returns the known meaning of the failure. */
    public Kind kind() {
        return kind;
    }
}
