package org.patronvault.core.store.sql;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The columns that hold ciphertext, which looks random without a key. */
public final class CiphertextColumns {
    private static final int LEAST_ENVELOPE_BYTES = 150;

    /** SQL that does the same for the pages of the view by patron, and keeps two of them on each page of PostgreSQL. */
    public static final String PAGES = """
            ALTER TABLE log_view ALTER COLUMN sealed SET STATISTICS 0;
            ALTER TABLE log_view ALTER COLUMN sealed SET STORAGE PLAIN;
            """;

    /** The fields of a patron in the first two versions of the schema, one row of {@code patron_value} each. */
    private static final List<String> FIELDS = List.of("card", "name", "address", "phone", "email", "meta", "labels");

    private CiphertextColumns() {}

    /**
     * Returns SQL for the seven columns of cells, read from the rows of {@code patron_value}.
     *
     * @param cell makes a cell of {@code generation} and {@code envelope}
     */
    public static String cells(String cell) {
        return FIELDS.stream()
                .map(field -> "(SELECT " + cell + " FROM patron_value WHERE patron = id AND field = '" + field + "')")
                .collect(Collectors.joining(",\n    "));
    }

    /** Returns SQL that keeps cells in the rows of PostgreSQL, as they are, and out of its statistics. */
    public static String inRow() {
        return FIELDS.stream()
                        .map(field -> "ALTER TABLE patron ALTER COLUMN " + field + " SET STATISTICS 0;\n"
                                + "ALTER TABLE patron ALTER COLUMN " + field + " SET STORAGE EXTERNAL;\n")
                        .collect(Collectors.joining())
                + "ALTER TABLE patron SET (toast_tuple_target = 8160);\n"
                + "ALTER INDEX patron_row_pkey RENAME TO patron_pkey;\n";
    }

    /**
     * Returns the bytes unchanged, if they have the form of an envelope. The schema refuses other bytes too, but then
     * the server's log names the refused row.
     */
    public static byte[] envelope(byte[] bytes) {
        if (bytes.length < LEAST_ENVELOPE_BYTES || bytes[0] != 1) {
            throw Jdbc.refused("not an envelope");
        }
        return bytes;
    }

    /** Returns SQL that keeps samples of these columns out of PostgreSQL's statistics, which are copies too. */
    public static String unsampled() {
        return Stream.of(
                        "patron_value.envelope",
                        "case_cell.envelope",
                        "search_index.label",
                        "search_index.value",
                        "search_index_next.label",
                        "search_index_next.value",
                        "search_index_staged.labels",
                        "search_index_staged.vals",
                        "access_log.leaf",
                        "log_view.label",
                        "log_view.value",
                        "log_tile.hashes",
                        "log_head.frontier",
                        "authority.mac",
                        "session_use.mac",
                        "limit_seen.token",
                        "idempotency.key",
                        "idempotency.request",
                        "idempotency.answer")
                .map(column -> "ALTER TABLE " + column.replace(".", " ALTER COLUMN ") + " SET STATISTICS 0;\n")
                .collect(Collectors.joining());
    }
}
