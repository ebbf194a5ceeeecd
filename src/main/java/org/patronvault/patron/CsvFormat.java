package org.patronvault.patron;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Pattern;

/** What the columns of one system's patron file mean. Made for one file, and may remember what it saw in it. */
interface CsvFormat {
    /** What separates several e-mail addresses in one cell. */
    Pattern BETWEEN_EMAILS = Pattern.compile("[,;\\s]+");

    /** What separates several telephone numbers in one cell; {@code ;ext=} belongs to one (RFC 3966). */
    Pattern BETWEEN_PHONES = Pattern.compile(";(?!\\s*ext=)|\\R");

    /** Its columns. */
    CsvColumns columns();

    /** The column that names the patron's library. */
    String libraryColumn();

    /** The row as a patron in the form of the API. What cannot be understood is passed on, to be refused there. */
    ObjectNode patron(CsvRow row);

    /** As {@link PatronReader#remarks}. */
    default List<String> remarks() {
        return List.of();
    }
}
