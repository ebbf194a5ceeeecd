package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.patron.record.ImportRow;

/** Tests that {@code import.md} describes the readers correctly. */
final class ImportDocumentTest {
    private static final Path DOCUMENT = Path.of("src/site/markdown/import.md");
    private static final Pattern CODE = Pattern.compile("`([A-Za-z0-9_]+)`");

    @Test
    void everyReasonIsExplained() throws IOException {
        String text = Files.readString(DOCUMENT);
        assertThat(Stream.of(ImportRow.Reason.values()).map(ImportRow.Reason::slug))
                .allMatch(slug -> text.contains("`" + slug + "`"));
    }

    @ParameterizedTest
    @CsvSource({"Koha,becomes", "Evergreen,becomes"})
    void everyColumnOfATableIsKeptOrReportedByItsName(String system, String heading) throws IOException {
        String section =
                Files.readString(DOCUMENT).split("### " + system + "\n", 2)[1].split("\n##", 2)[0];
        List<String> columns = section.lines()
                .filter(line -> line.startsWith("| `") && !line.contains(heading))
                .flatMap(line -> CODE.matcher(line.split("\\|", 3)[1]).results().map(MatchResult::group))
                .map(code -> code.replace("`", ""))
                .toList();
        assertThat(columns).hasSizeGreaterThan(15);
        boolean koha = system.equals("Koha");
        String required = koha ? "cardnumber,surname" : "cardnumber,family_name";
        for (String column : columns) {
            if (List.of(required.split(",", -1)).contains(column)) {
                continue;
            }
            String text = required + "," + column + "\n1,Ng,1\n";
            PatronReader file = koha ? CsvFiles.koha(text) : CsvFiles.evergreen(text, CsvTerms.PLAIN);
            assertThat(file.next().orElseThrow().dropped()).as(column).doesNotContain(ImportRow.OTHER);
        }
    }
}
