package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tests of the one stylesheet, to which every section adds its part. */
final class StylesheetTest {
    @Test
    void everyPartBeginsWhereTheOneBeforeItIsClosed() throws IOException {
        int open = 0;
        for (String line : Files.readAllLines(Path.of("src/main/resources/static/vault.css"))) {
            if (line.startsWith("/*")) {
                assertThat(open).as(line).isZero();
            }
            open += (int) (line.chars().filter(c -> c == '{').count()
                    - line.chars().filter(c -> c == '}').count());
        }
        assertThat(open).isZero();
    }
}
