package org.patronvault.patron.transfer.format;

import java.io.Closeable;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.ImportRow;

/**
 * A reader of the patrons in one file, one at a time. Memory does not grow with the file, except for 11 to 22 bytes for
 * each card, by which a repeated card is noticed. Not safe for use by several threads.
 */
public interface PatronReader extends Closeable {

    /**
     * The reader's position in a file. It reads ahead, so the bytes include those of later rows.
     *
     * @param fileBytes the size of the file when it was opened
     */
    record Position(long bytesRead, long fileBytes) {
        /** The share of the file that was read, from 0 to 1. */
        public double share() {
            return fileBytes == 0 ? 1 : Math.min(1, (double) bytesRead / fileBytes);
        }
    }

    /**
     * The next row, or empty at the end and ever after.
     *
     * @throws Refused {@code invalid} if the file itself is damaged from here on (empty, cut off, not UTF-8, not of
     *     this format). The sentence says what and on which line, never a value. Rows returned before stay valid; every
     *     later call is refused alike.
     */
    Optional<ImportRow> next();

    /** The position; empty without a file of a known size. */
    default Optional<Position> position() {
        return Optional.empty();
    }

    /** Whether the file was written to since it was opened, so that the rows read may be only half of it. */
    default boolean fileChanged() {
        return false;
    }

    /** Remarks for the importer beyond single rows, in plain sentences without values; complete at the end. */
    default List<String> remarks() {
        return List.of();
    }
}
