package org.patronvault.patron;

import java.io.Closeable;
import java.util.Optional;
import org.patronvault.model.Refused;

/**
 * The patrons of one file, one at a time: memory does not grow with the file, but for 11 to 22 bytes a card by which a
 * card repeated in it is noticed. Not safe for use by several threads.
 */
public interface PatronReader extends Closeable {

    /**
     * The next row, or empty at the end and ever after.
     *
     * @throws Refused {@code invalid} if the file itself is at fault from here on (empty, cut off, not UTF-8, not of
     *     this format); the sentence says what and on which line, never a value. Rows returned before stay valid;
     *     every later call is refused alike.
     */
    Optional<ImportRow> next();
}
