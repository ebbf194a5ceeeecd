package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.patronvault.model.Refused;
import org.patronvault.testing.ParserFuzz;

/** Bytes in place of a file of patrons: each row has its place, and whatever is no table is refused. */
final class CsvFuzzTest extends ParserFuzz {
    @Override
    protected String frequent() {
        return "\r\n,;\t\"";
    }

    @Override
    protected int made() {
        return 4_000;
    }

    @Override
    protected List<byte[]> right() {
        return List.of(
                "cardnumber,surname,firstname\r\n21234,\"Ames, the \"\"elder\"\"\",Kim\r\n"
                        .getBytes(StandardCharsets.UTF_8),
                "\ufeffsep=;\nb;a\n\"1\n2\";\u00e9\n;;\n".getBytes(StandardCharsets.UTF_8),
                "a\tb\n1\t2\n".getBytes(StandardCharsets.UTF_16LE));
    }

    @Override
    protected void check(byte[] input) {
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
