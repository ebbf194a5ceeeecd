/**
 * File formats of patrons: CSV of other systems, FOLIO and JSON lines.
 *
 * <p>{@code PatronReader} opens an {@code ImportFile} in the format that the library names. {@code CsvPatrons} maps
 * the columns of a {@code CsvFormat}, such as {@code KohaCsv}. Each row becomes an import row or a refusal with its
 * line. {@code ExportFormat} writes patrons so that the import can read them again.
 */
package org.patronvault.patron.transfer.format;
