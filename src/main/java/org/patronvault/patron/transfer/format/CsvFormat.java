package org.patronvault.patron.transfer.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The meaning of the columns in one system's patron file. An object is made for one file, and may remember what it
 * read.
 */
interface CsvFormat {
    /** Separates several email addresses in one cell. */
    Pattern BETWEEN_EMAILS = Pattern.compile("[,;\\s]+");

    /** Separates several phone numbers in one cell; {@code ;ext=} belongs to a number (RFC 3966). */
    Pattern BETWEEN_PHONES = Pattern.compile(";(?!\\s*ext=)|\\R");

    /** The columns of the format. */
    CsvColumns columns();

    /** The column that names the patron's library. */
    String libraryColumn();

    /** The row as a patron in the form of the API. Values it does not understand are passed on, to be refused there. */
    ObjectNode patron(CsvRow row);

    /** Remarks for the user, as {@link PatronReader#remarks}. */
    default List<String> remarks() {
        return List.of();
    }
}
