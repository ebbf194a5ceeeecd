package org.patronvault.patron;

import java.io.Closeable;
import java.util.List;
import java.util.Optional;
import org.patronvault.model.Refused;

/**
 * The patrons of one file, one at a time: memory does not grow with the file, but for 11 to 22 bytes a card by which a
 * card repeated in it is noticed. Not safe for use by several threads.
 */
public interface PatronReader extends Closeable {

    /**
     * How far into a file a reader is. It reads ahead, so the bytes are those of rows to come too.
     *
     * @param fileBytes the size of the file when it was opened
     */
    record Position(long bytesRead, long fileBytes) {
        /** From 0 to 1. */
        public double share() {
            return fileBytes == 0 ? 1 : Math.min(1, (double) bytesRead / fileBytes);
        }
    }

    /**
     * The next row, or empty at the end and ever after.
     *
     * @throws Refused {@code invalid} if the file itself is at fault from here on (empty, cut off, not UTF-8, not of
     *     this format); the sentence says what and on which line, never a value. Rows returned before stay valid;
     *     every later call is refused alike.
     */
    Optional<ImportRow> next();

    /** How far it is; empty where there is no file of a known size. */
    default Optional<Position> position() {
        return Optional.empty();
    }

    /** Whether someone wrote to the file since it was opened, so that what was read may be half of it. */
    default boolean fileChanged() {
        return false;
    }

    /** What whoever imports should know beyond single rows, in plain sentences without values; whole at the end. */
    default List<String> remarks() {
        return List.of();
    }
}
