package org.patronvault.app.madeup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Consent;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.transfer.format.PatronReader;
import org.patronvault.patron.transfer.format.VaultJsonl;
import org.patronvault.search.Phones;

final class MadeUpFileTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 24);
    private static final int SIZE = 3_000;
    /** One CSV value, quoted or plain, and what ends it. */
    private static final Pattern VALUE = Pattern.compile("(?s)(\"(?:[^\"]|\"\")*\"|[^,\r\n\"]*)(,|\r\n)");

    @TempDir
    Path directory;

    private static MadeUpPatrons patrons() {
        return new MadeUpPatrons(7, SIZE, TODAY);
    }

    @Test
    void jsonLinesAreReadAsTheVeryPatrons() throws IOException {
        Path file = directory.resolve("patrons.jsonl");
        Consent consent = new Consent(Consent.SERVICE, "2018-05", TODAY, "import", true);

        MadeUpFile.vaultJsonl(patrons(), file);

        MadeUpPatrons expected = patrons();
        try (PatronReader reader =
                VaultJsonl.open(file, new PatronJson(new Phones("US")), new ImportOptions(Optional.empty(), consent))) {
            for (int n = 1; n <= SIZE; n++) {
                PatronDraft draft = reader.next().orElseThrow().match(ImportRow.Accepted::draft, refused -> {
                    throw new AssertionError(refused.reason());
                });
                assertThat(draft.equals(expected.patron(n).draft(consent)))
                        .as("patron %s", n)
                        .isTrue();
            }
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void kohaRowsHaveTheirColumnsAndTheSamePatrons() throws IOException {
        Path file = directory.resolve("borrowers.csv");

        MadeUpFile.kohaCsv(patrons(), file);

        List<List<String>> rows = csv(Files.readString(file));
        List<String> header = rows.get(0);
        assertThat(header).contains("cardnumber", "surname", "firstname", "branchcode", "categorycode", "dateexpiry");
        assertThat(rows).hasSize(SIZE + 1).allSatisfy(row -> assertThat(row).hasSameSizeAs(header));
        MadeUpPatrons expected = patrons();
        Phones phones = new Phones("US");
        for (int n = 1; n <= SIZE; n++) {
            MadeUpPatron patron = expected.patron(n);
            List<String> row = rows.get(n);
            assertThat(row.get(header.indexOf("cardnumber"))).isEqualTo(patron.card());
            assertThat(row.get(header.indexOf("surname")))
                    .startsWith(patron.name().family());
            assertThat(row.get(header.indexOf("address")))
                    .isEqualTo(patron.address().line1());
            assertThat(Stream.of("phone", "mobile")
                            .map(column -> row.get(header.indexOf(column)))
                            .filter(value -> !value.isEmpty())
                            .map(phones::canonical))
                    .isEqualTo(patron.canonicalPhones());
        }
    }

    private static List<List<String>> csv(String text) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        var matcher = VALUE.matcher(text);
        int end = 0;
        while (end < text.length() && matcher.find(end) && matcher.start() == end) {
            String value = matcher.group(1);
            row.add(
                    value.startsWith("\"")
                            ? value.substring(1, value.length() - 1).replace("\"\"", "\"")
                            : value);
            if (matcher.group(2).equals("\r\n")) {
                rows.add(row);
                row = new ArrayList<>();
            }
            end = matcher.end();
        }
        assertThat(end).as("where the CSV ends").isEqualTo(text.length());
        return rows;
    }
}
