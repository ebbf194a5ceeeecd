package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks that each figure of the README is in a table of benchmark.md or fault.md. */
final class ReadmeFiguresTest {
    private static final Pattern NUMBER = Pattern.compile("[0-9][0-9,.]*");

    @Test
    void eachRowOfFiguresIsARowOfTheFullTables() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        List<String> rows = readme.substring(readme.indexOf("\n## Figures\n"))
                .lines()
                .filter(line -> line.startsWith("| ") && NUMBER.matcher(line).find())
                .toList();
        String tables = Files.readString(Path.of("src/site/markdown/benchmark.md"))
                + Files.readString(Path.of("src/site/markdown/fault.md"));
        List<List<String>> measured = tables.lines()
                .filter(line -> line.startsWith("| "))
                .map(ReadmeFiguresTest::numbers)
                .toList();

        assertThat(rows).hasSize(5).allSatisfy(row -> {
            // The cells after the first: the vault's figure, and the peer's or the promised one.
            List<String> figures = numbers(row.substring(row.indexOf(" | ")));
            assertThat(figures).hasSizeGreaterThanOrEqualTo(2);
            // One row has these in this order, so that no other row can be meant.
            assertThat(measured)
                    .as(row)
                    .filteredOn(line -> hasInOrder(line, figures))
                    .hasSize(1);
        });
    }

    private static boolean hasInOrder(List<String> line, List<String> figures) {
        int next = 0;
        for (String number : line) {
            if (next < figures.size() && number.equals(figures.get(next))) {
                next++;
            }
        }
        return next == figures.size();
    }

    private static List<String> numbers(String line) {
        return NUMBER.matcher(line).results().map(MatchResult::group).toList();
    }
}
