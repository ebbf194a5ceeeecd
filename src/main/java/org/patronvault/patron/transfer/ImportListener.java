package org.patronvault.patron.transfer;

/** A listener for the progress of an import. The importing thread calls it; it must neither throw nor wait. */
@FunctionalInterface
public interface ImportListener {
    /** Called after each row of the file, with how many were read so far. */
    void read(long patrons);

    /**
     * Called once when the file was read to its end and its entries are still to be merged into the index, all at once.
     */
    default void merging() {}
}
