package org.patronvault.patron.transfer.format;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.model.Consent;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.ImportRow.Accepted;
import org.patronvault.patron.record.ImportRow.RefusedRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.search.Phones;
import org.patronvault.testing.TestClock;

/** The CSV files of tests, and the rows that readers make of them on the morning of {@link TestClock}. */
final class CsvFiles {
    static final Path HAND_MADE = Path.of("src/test/resources/import");
    static final Consent CONSENT = new Consent(Consent.SERVICE, "2018-05", LocalDate.of(2026, 11, 24), "import", true);
    static final ImportOptions TERMS = new ImportOptions(Optional.of("NC"), CONSENT);
    static final ImportOptions NO_LIBRARY = new ImportOptions(Optional.empty(), CONSENT);
    static final PatronJson JSON = new PatronJson(new Phones("US"), InstantSource.fixed(TestClock.MORNING));

    private CsvFiles() {}

    static PatronReader koha(String text) {
        return koha(text.getBytes(StandardCharsets.UTF_8), CsvTerms.PLAIN);
    }

    static PatronReader koha(byte[] bytes, CsvTerms csv) {
        return KohaCsv.of(new ByteArrayInputStream(bytes), csv, TERMS, JSON);
    }

    static PatronReader evergreen(String text, CsvTerms csv) {
        return EvergreenCsv.of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), csv, TERMS, JSON);
    }

    /** The terms with one code. */
    static CsvTerms meaning(String code, String category) {
        return CsvTerms.of("utf-8", Map.of(code, category), "ymd");
    }

    static List<ImportRow> all(PatronReader reader) {
        List<ImportRow> rows = new ArrayList<>();
        for (Optional<ImportRow> row = reader.next(); row.isPresent(); row = reader.next()) {
            rows.add(row.get());
        }
        return rows;
    }

    /** The patron of the one row under a header. */
    static PatronDraft only(PatronReader reader) {
        List<ImportRow> rows = all(reader);
        if (rows.size() != 1) {
            throw new AssertionError(rows.size() + " rows");
        }
        return draft(rows.get(0));
    }

    static PatronDraft draft(ImportRow row) {
        return row.match(Accepted::draft, refused -> {
            throw new AssertionError("line " + refused.line() + ": " + refused.reason());
        });
    }

    /** The reason for which the row is refused; empty if it is not. */
    static String reason(ImportRow row) {
        return row.match(accepted -> "", RefusedRow::reason);
    }
}
