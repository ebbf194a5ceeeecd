package org.patronvault.patron.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.patronvault.patron.record.ImportRow.RefusedRow;
import org.patronvault.patron.transfer.ImportReport.Outcome;
import org.patronvault.patron.transfer.ImportReport.Refusal;

final class ImportReportTest {
    private final ImportReport report = new ImportReport();

    @Test
    void jsonHasTheShapeOfTheCommand() throws JsonProcessingException {
        report.count(Outcome.CREATED, Set.of("dateOfBirth"));
        report.count(Outcome.CREATED, Set.of("dateOfBirth", "(other)"));
        report.count(Outcome.UPDATED, Set.of());
        report.refuse(new RefusedRow(3, "name-missing", Set.of("dateOfBirth")));
        JsonNode expected = new JsonMapper().readTree("""
                        {"created":2,"updated":1,"unchanged":0,"refused":[{"line":3,"reason":"name-missing"}],
                         "dropped":{"(other)":1,"dateOfBirth":3}}
                        """);
        assertThat(report.toJson().toString()).isEqualTo(expected.toString());
    }

    @Test
    void emptyReportHasAllMembers() {
        assertThat(report.toJson().toString())
                .isEqualTo("{\"created\":0,\"updated\":0,\"unchanged\":0,\"refused\":[],\"dropped\":{}}");
        assertThat(report.toText()).isEqualTo("0 rows read: 0 new, 0 changed, 0 already up to date, 0 refused.\n");
    }

    @Test
    void refusalsBeyondTheLimitAreCountedOnly() {
        for (int line = 1; line <= ImportReport.MAX_LISTED_REFUSALS + 5; line++) {
            report.refuse(line, "card-missing", Set.of());
        }
        assertThat(report.refused()).hasSize(10_000).contains(new Refusal(10_000, "card-missing"));
        assertThat(report.refusedCount()).isEqualTo(10_005);
        assertThat(report.toJson().get("refused")).hasSize(10_000);
        assertThat(report.toJson().get("refusedMore").longValue()).isEqualTo(5);
        assertThat(report.toText()).contains("there is no card number (lines 1, 2, 3,", "20 and 9985 more)");
    }

    @Test
    void textSaysWhatToDoInWords() {
        report.count(Outcome.UNCHANGED, Set.of("dateOfBirth"));
        report.refuse(7, "email-malformed", Set.of("dateOfBirth"));
        report.refuse(4, "email-malformed", Set.of());
        report.refuse(9, "card-in-use", Set.of("notes"));
        assertThat(report.toText()).isEqualTo("""
                        4 rows read: 0 new, 0 changed, 1 already up to date, 3 refused.

                        Refused; correct these rows and import the file again:
                          1 row: card-in-use (line 9)
                          2 rows: an e-mail address is malformed (lines 4, 7)

                        Left out, because the policy does not let the vault hold it:
                          dateOfBirth, in 2 rows
                          notes, in 1 row
                        """);
    }
}
