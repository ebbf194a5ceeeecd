package org.patronvault.custody.rotate;

/**
 * An observer of the stages of an operation, which may reduce the size of batches. Tests use it to stop the work there.
 */
@FunctionalInterface
public interface OperationProbe {

    /** The stages between which a kill must lose nothing. */
    enum Stage {
        /** The ring has the operation's new key, and no row exists yet. */
        BEGUN,
        /** A batch is about to be prepared. */
        PREPARING,
        /** A batch is written and not committed. */
        WRITTEN,
        /** A batch is committed. */
        COMMITTED,
        /** All values are moved, and that is not recorded yet. */
        ENDING,
        /** The ring records the end, and the row does not. */
        ENDED
    }

    /** Observes nothing. */
    OperationProbe UNWATCHED = (stage, operation) -> {};

    /** Called when an operation reaches that stage. */
    void at(Stage stage, Operation operation);

    /** Returns how many values a batch may hold at most, where {@code size} are possible. */
    default int batch(int size) {
        return size;
    }
}
