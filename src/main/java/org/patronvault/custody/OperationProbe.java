package org.patronvault.custody;

/** Watches where the work is, and may have it done in small batches; for tests that stop it there. */
@FunctionalInterface
interface OperationProbe {

    /** Places between which a kill must cost nothing. */
    enum Stage {
        /** The ring has what an operation begins with, and no row says that there is one. */
        BEGUN,
        /** A batch is about to be made ready. */
        PREPARING,
        /** A batch is written and not committed. */
        WRITTEN,
        /** A batch is committed. */
        COMMITTED,
        /** Everything is moved, and nobody knows yet. */
        ENDING,
        /** The ring says so, and the row does not. */
        ENDED
    }

    /** Watches nothing. */
    OperationProbe UNWATCHED = (stage, operation) -> {};

    /** The work on that operation is there. */
    void at(Stage stage, Operation operation);

    /** How many values a batch may hold that could be of that size. */
    default int batch(int size) {
        return size;
    }
}
