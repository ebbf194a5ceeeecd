package org.patronvault.patron;

/** Who is told how far an import is, by the thread that imports; must neither throw nor wait. */
@FunctionalInterface
public interface ImportListener {
    /** Called after each row of the file, with how many were read so far. */
    void read(long patrons);

    /** Called once when the file was read to its end and what it brought is still to be put into the index, all at once. */
    default void merging() {}
}
