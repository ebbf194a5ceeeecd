package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests that the known kinds of rows are those in the description of the format. */
final class KnownColumnsTest {
    private static final Path FORMAT = Path.of("src/site/markdown/format.md");

    @Test
    void kindsOfAuthorityAreThoseOfTheFormat() throws IOException {
        String rows = Files.readString(FORMAT).split("\\| kind \\| name \\| members of the body \\|\n", 2)[1];
        String[] table = rows.split("\n\n", 2);
        assertThat(words(table[0], Pattern.compile("^\\| `([a-z-]+)`", Pattern.MULTILINE)))
                .containsExactlyInAnyOrderElementsOf(KnownColumns.kindsOf("authority"));
    }

    @Test
    void factsAreInTheFormat() throws IOException {
        String format = Files.readString(FORMAT);
        assertThat(KnownColumns.kindsOf("vault_fact"))
                .allSatisfy(fact -> assertThat(format).contains("`" + fact + "`"));
    }

    private static Stream<String> words(String text, Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        return matcher.results().map(found -> found.group(1));
    }
}
