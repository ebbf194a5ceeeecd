package org.patronvault.patron.transfer.format;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.ImportRow.Reason;
import org.patronvault.patron.record.PatronJson;

/** A reader of patrons from a CSV file whose first row names the columns. A row's line is the line it starts on. */
final class CsvPatrons implements PatronReader {
    private final ImportFile file;
    private final CsvRows cells;
    private final CsvFormat format;
    private final ImportOptions terms;
    private final ImportOptions.Rows rows;
    private List<String> names = List.of();
    private long headerLine;
    private boolean anyRow;
    private Refused fileFault;

    /** Reads {@code file}, which {@link #close} closes. */
    CsvPatrons(ImportFile file, CsvTerms csv, CsvFormat format, ImportOptions terms, PatronJson json) {
        this.file = file;
        this.cells = new CsvRows(new CsvText(file, csv.encoding()));
        this.format = format;
        this.terms = terms;
        this.rows = terms.rows(json);
    }

    @Override
    public Optional<ImportRow> next() {
        if (fileFault != null) {
            throw fileFault;
        }
        try {
            return advance();
        } catch (Refused e) {
            fileFault = e;
            throw e;
        }
    }

    @Override
    public Optional<Position> position() {
        return file.position();
    }

    @Override
    public boolean fileChanged() {
        return file.changed();
    }

    @Override
    public List<String> remarks() {
        return format.remarks();
    }

    @Override
    public void close() throws IOException {
        cells.close();
    }

    private Optional<ImportRow> advance() {
        if (names.isEmpty()) {
            readHeader();
        }
        Optional<CsvRows.Row> row = nonBlank();
        if (row.isEmpty() && !anyRow) {
            throw new Refused(
                    Problem.INVALID, "The file has a header and no patrons after it (line " + headerLine + ").");
        }
        anyRow = true;
        return row.map(this::patron);
    }

    private void readHeader() {
        Optional<CsvRows.Row> first = nonBlank();
        if (first.isPresent() && CsvRows.statesSeparator(first.get())) {
            first = nonBlank();
        }
        CsvRows.Row header = first.orElseThrow(() -> new Refused(Problem.INVALID, "The file is empty (line 1)."));
        List<String> found = format.columns().named(header);
        if (terms.library().isEmpty() && !found.contains(format.libraryColumn())) {
            throw new Refused(
                    Problem.INVALID,
                    "The file has no column " + format.libraryColumn()
                            + ": the import must name one library for all rows.");
        }
        names = found;
        headerLine = header.line();
        cells.expect(names.size());
    }

    /** The next row that is not blank: spreadsheets write rows of separators alone at the end. */
    private Optional<CsvRows.Row> nonBlank() {
        Optional<CsvRows.Row> row = cells.next();
        while (row.isPresent() && blankFrom(row.get(), 0)) {
            row = cells.next();
        }
        return row;
    }

    private static boolean blankFrom(CsvRows.Row row, int column) {
        return row.count() <= CsvRows.MAX_COLUMNS
                && row.cells().stream()
                        .skip(column)
                        .allMatch(cell -> CsvRow.text(cell).isEmpty());
    }

    private ImportRow patron(CsvRows.Row row) {
        return fault(row)
                .map(reason -> ImportOptions.Rows.refused(row.line(), reason, new TreeSet<>()))
                .orElseGet(() -> {
                    CsvRow named = CsvRow.of(row, names, format.columns());
                    return rows.row(named.line(), format.patron(named), named.dropped());
                });
    }

    /** The reason why cells cannot be matched to columns, if there is one. */
    private Optional<Reason> fault(CsvRows.Row row) {
        if (row.swallowed()) {
            return Optional.of(Reason.QUOTES_UNBALANCED);
        }
        if (row.count() < names.size()) {
            return Optional.of(Reason.CELLS_MISSING);
        }
        return blankFrom(row, names.size()) ? Optional.empty() : Optional.of(Reason.CELLS_TOO_MANY);
    }
}
