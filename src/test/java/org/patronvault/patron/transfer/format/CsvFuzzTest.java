package org.patronvault.patron.transfer.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.ParserFuzz;

/**
 * A fuzz test with random bytes as a patron file. Each row keeps its place, and a file that is no table is refused.
 * Each row of a table is a patron or refused for a listed reason.
 */
final class CsvFuzzTest extends ParserFuzz {
    private static final String SLUGS =
            Arrays.stream(ImportRow.Reason.values()).map(ImportRow.Reason::slug).collect(Collectors.joining("|"));

    @Override
    protected String frequent() {
        return "\r\n,;\t\"";
    }

    @Override
    protected int made() {
        return LongRun.times(1_000, 4_000);
    }

    @Override
    protected List<byte[]> right() {
        return List.of(
                "cardnumber,surname,firstname\r\n21234,\"Ames, the \"\"elder\"\"\",Kim\r\n"
                        .getBytes(StandardCharsets.UTF_8),
                "\ufeffsep=;\nb;a\n\"1\n2\";\u00e9\n;;\n".getBytes(StandardCharsets.UTF_8),
                "a\tb\n1\t2\n".getBytes(StandardCharsets.UTF_16LE),
                ("cardnumber,surname,firstname,streetnumber,address,city,zipcode,phone,email,branchcode,categorycode,"
                                + "dateexpiry,debarred,lost\n21234,Ames,Kim,12,High Street,Pittsboro,27312,919-555-0102,"
                                + "k@example.org,NC,PT,2029-01-31,2026-01-01,0\n,Doe,,,,,,,,,,31/01/2029,x,1\n")
                        .getBytes(StandardCharsets.UTF_8),
                ("cardnumber,family_name,first_given_name,add1_street1,add1_city,add1_post_code,day_phone,email,"
                                + "home_library,juvenile,active,barred,expire_date\n21235,Ames,Kim,\"12, High Street\","
                                + "Pittsboro,27312,9195550102,k@example.org,NC,t,t,f,2029-01-31\n1,Doe,,,,,,,,,,,,\n")
                        .getBytes(StandardCharsets.UTF_8));
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
        checkPatrons(KohaCsv.of(new ByteArrayInputStream(input), CsvTerms.PLAIN, CsvFiles.TERMS, CsvFiles.JSON));
        checkPatrons(EvergreenCsv.of(new ByteArrayInputStream(input), CsvTerms.PLAIN, CsvFiles.TERMS, CsvFiles.JSON));
    }

    private static void checkPatrons(PatronReader patrons) {
        try (patrons) {
            long line = 0;
            for (Optional<ImportRow> row = patrons.next(); row.isPresent(); row = patrons.next()) {
                assertThat(row.get().line()).isGreaterThan(line);
                line = row.get().line();
                String refused = row.get().match(accepted -> "", ImportRow.RefusedRow::reason);
                assertThat(refused).matches("|" + SLUGS);
            }
        } catch (Refused e) {
            assertThat(e.getMessage()).endsWith(".");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
