package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.patronvault.model.Refused;
import org.patronvault.testing.FuzzInputs;

/** Bytes in place of a file of patrons: each row has its place, and whatever is no table is refused. */
final class CsvFuzzTest {
    private static final FuzzInputs INPUTS = new FuzzInputs("\r\n,;\t\"");

    @FuzzTest(maxDuration = "")
    void parser(byte[] input) {
        INPUTS.count();
        check(input);
    }

    @AfterAll
    static void triedAsManyAsAskedFor() {
        INPUTS.requireAsManyAsAskedFor();
    }

    @Test
    void parserHoldsForOthersMadeOfRightOnes() {
        INPUTS.holdsFor(right(), 4_000, CsvFuzzTest::check);
    }

    private static List<byte[]> right() {
        return List.of(
                "cardnumber,surname,firstname\r\n21234,\"Ames, the \"\"elder\"\"\",Kim\r\n"
                        .getBytes(StandardCharsets.UTF_8),
                "\ufeffsep=;\nb;a\n\"1\n2\";\u00e9\n;;\n".getBytes(StandardCharsets.UTF_8),
                "a\tb\n1\t2\n".getBytes(StandardCharsets.UTF_16LE));
    }

    private static void check(byte[] input) {
        for (CsvTerms.Encoding encoding : CsvTerms.Encoding.values()) {
            try (CsvRows rows = new CsvRows(new CsvText(new ByteArrayInputStream(input), encoding))) {
                long line = 0;
                for (Optional<CsvRows.Row> row = rows.next(); row.isPresent(); row = rows.next()) {
                    assertThat(row.get().line()).isGreaterThan(line);
                    line = row.get().line();
                }
            } catch (Refused e) {
                assertThat(e.getMessage()).endsWith(".");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
