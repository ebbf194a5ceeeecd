package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.Skips;

/** Files of Koha and Evergreen through the command, handed to a running server: what a librarian gets to read. */
class ImportFilesIT {
    private static final Path EVERGREEN = Path.of("../shared/data/evergreen-patrons.csv");
    private static final Path HAND_MADE = Path.of("src/test/resources/import");
    /** Stands in every broken file, and must not come back in a message. */
    private static final String CANARY = "vroqblenth";

    private static RunningVault vault;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().start();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static Ran importing(Path file, String format, String... more) {
        List<String> words = new ArrayList<>(
                List.of("patrons", "import", file.toAbsolutePath().toString(), "--format", format));
        words.addAll(List.of("--consent-policy", "2018-05"));
        words.addAll(List.of(more));
        return vault.as("boss", words.toArray(String[]::new));
    }

    private static JsonNode found(String card) {
        Answer answer = vault.call(
                "POST",
                "/v1/patrons/search",
                vault.signIn("clerk"),
                JsonNodeFactory.instance.objectNode().put("card", card).put("purpose", "account-service"));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer.json().at("/results/0");
    }

    @Test
    void evergreenFileGoesInWholeAndTheSameAgainChangesNothing() {
        Skips.unless(Files.exists(EVERGREEN), "the file of Evergreen patrons is not beside the project");

        Ran first = importing(EVERGREEN, "evergreen-csv");

        assertThat(first.exit()).as("%s", first).isZero();
        assertThat(first.out()).isEqualTo("""
                        2 rows read: 2 new, 0 changed, 0 already up to date, 0 refused.

                        Left out, because the policy does not let the vault hold it:
                          (other), in 2 rows
                          dob, in 2 rows
                          passwd, in 1 row
                          profile, in 2 rows
                          statcat_name1, in 2 rows
                          usrname, in 2 rows
                        """);
        JsonNode again = RunningVault.document(importing(EVERGREEN, "evergreen-csv", "--json"));
        assertThat(again.path("unchanged").asInt()).isEqualTo(2);
        assertThat(again.path("created").asInt() + again.path("updated").asInt())
                .isZero();
        assertThat(again.at("/dropped/dob").asInt()).isEqualTo(2);
        assertThat(found("77").path("library").asText()).isEqualTo("BR1");
        assertThat(found("77").path("category").asText()).isEqualTo("juvenile");
        Answer byEmail = vault.call(
                "POST",
                "/v1/patrons/search",
                vault.signIn("clerk"),
                JsonNodeFactory.instance
                        .objectNode()
                        .put("email", "grinch@whoville.seuss")
                        .put("purpose", "account-service"));
        assertThat(byEmail.json().at("/results/0/id")).isEqualTo(found("99").path("id"));
    }

    @Test
    void kohaFileGoesInButForTheRowWithoutACardAndTheReportSaysWhatToDo() {
        Path file = HAND_MADE.resolve("koha-starter.csv");
        assertThat(importing(file, "koha-csv", "--dry-run").out()).startsWith("5 rows read: 4 new,");
        assertThat(found("21234000000018").isMissingNode()).isTrue();

        Ran first = importing(file, "koha-csv");

        assertThat(first.exit()).as("%s", first).isZero();
        assertThat(first.out()).startsWith("""
                        5 rows read: 4 new, 0 changed, 0 already up to date, 1 refused.

                        Refused; correct these rows and import the file again:
                          1 row: there is no card number (line 7)

                        Left out, because the policy does not let the vault hold it:
                          borrowernotes, in 1 row
                        """).endsWith("""
                          userid, in 1 row

                        1 row has a category code that is not known here and became other; say what it means with \
                        --category CODE=adult, and import the file again.
                        """);
        JsonNode report =
                RunningVault.document(importing(file, "koha-csv", "--json", "--category", "HOMESCH=juvenile"));
        assertThat(report.path("updated").asInt()).isEqualTo(1);
        assertThat(report.path("unchanged").asInt()).isEqualTo(3);
        assertThat(report.at("/refused/0/line").asInt()).isEqualTo(7);
        assertThat(report.at("/refused/0/reason").asText()).isEqualTo("card-missing");
        assertThat(report.has("remarks")).isFalse();
        assertThat(found("21234000000042").path("category").asText()).isEqualTo("juvenile");
        assertThat(found("21234000000042").path("status").asText()).isEqualTo("blocked");
    }

    @Test
    void latin1FileStopsAtItsLineAndGoesInOnceItsEncodingIsStated() {
        Path file = HAND_MADE.resolve("koha-latin1.csv");

        Ran refused = importing(file, "koha-csv");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err())
                .isEqualTo("The file is not UTF-8 and looks like Windows-1252 or Latin-1 (line 3): save it as UTF-8, or"
                        + " import it with --encoding windows-1252. Rows read before that: 1; what they brought stays,"
                        + " and a second import goes on after them.\n");
        JsonNode report = RunningVault.document(importing(file, "koha-csv", "--encoding", "windows-1252", "--json"));
        assertThat(report.path("unchanged").asInt()).isEqualTo(1);
        assertThat(report.path("created").asInt()).isEqualTo(1);
    }

    static Stream<Arguments> broken() {
        String koha = "cardnumber,surname,branchcode\n";
        String row = "1," + CANARY + ",NC\n";
        return Stream.of(
                Arguments.of("koha-csv", "", "empty (line 1)"),
                Arguments.of("evergreen-csv", koha + row, "no column named family_name"),
                Arguments.of("koha-csv", "surname," + koha + row, "two columns named surname"),
                Arguments.of(
                        "koha-csv",
                        koha + "1,\"" + CANARY + ",NC\n",
                        "never closed (in the row that starts on line 2)"),
                Arguments.of("koha-csv", koha + "1," + CANARY + "\0,NC\n", "NUL bytes, which no text has (line 2)"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void brokenFileIsRefusedInOneSentenceWithoutItsValues(String format, String text, String saying)
            throws IOException {
        Path file = Files.write(vault.root().resolve("broken"), text.getBytes(StandardCharsets.UTF_8));

        Ran ran = importing(file, format);

        assertThat(ran.exit()).as("%s", ran).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err().lines()).hasSize(1);
        assertThat(ran.err()).contains(saying).endsWith(".\n").doesNotContain(CANARY);
    }

    @Test
    void wrongOptionsForAFileAreRefused() {
        Path file = HAND_MADE.resolve("koha-latin1.csv");
        for (List<String> words : List.of(
                List.of("koha-csv", "--encoding", CANARY),
                List.of("koha-csv", "--category", "X=" + CANARY),
                List.of("vault-jsonl", "--encoding", "utf-16"))) {
            Ran ran = importing(file, words.get(0), words.subList(1, 3).toArray(String[]::new));
            assertThat(ran.exit()).as("%s: %s", words, ran).isEqualTo(2);
            assertThat(ran.err().lines()).hasSize(1);
            assertThat(ran.err()).endsWith(".\n").doesNotContain(CANARY);
        }
    }
}
