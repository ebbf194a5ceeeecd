package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.app.madeup.MadeUpFile;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** `leakage` as people type it, beside a server and without one. */
@Tag(LongRun.TAG)
class LeakageIT {
    private static final int PATRONS = 30;

    private static RunningVault vault;
    private static String token;

    @BeforeAll
    static void registerPatrons() {
        vault = RunningVault.create().start();
        token = vault.signIn("clerk");
        for (int n = 1; n <= PATRONS; n++) {
            vault.register(token, SamplePatron.of(n));
        }
    }

    @AfterAll
    static void remove() {
        vault.close();
    }

    @Test
    void custodianIsToldPlainlyWhatAThiefLearnsAndWhatNot() {
        Ran ran = vault.as("cust1", "leakage");
        assertThat(ran.exit()).as("%s", ran).isZero();
        assertThat(ran.out())
                .contains("holds       repeats", "holds       counts", "holds       lengths", "not played  ranks")
                .contains("A thief of this copy learns\n  how many there are: 3")
                .contains("each one's library: NC 3")
                .contains("what staff accounts did when, and not at whom", "register 3")
                .contains("The promise is that he does not learn\n  names, cards, addresses")
                .contains("Who watches the database while it is searched")
                .doesNotContain("BROKEN");
        assertThat(ran.out().contains("On PostgreSQL")).isEqualTo(Databases.ON_POSTGRES);
        assertThat(ran.out()).doesNotContain("clerk", "cust1");
    }

    @Test
    void documentHasStableMembersAndNoPatron() {
        JsonNode document = vault.json("officer", "leakage", "--sample", "100");
        assertThat(document.path("ok").asBoolean()).isTrue();
        assertThat(document.path("patronsOpened").asInt())
                .as("fewer than a hundred patrons")
                .isZero();
        assertThat(texts(document.path("games"), "game"))
                .containsExactly("repeats", "counts", "lengths", "named", "ranks", "pairs", "two-snapshots");
        assertThat(texts(document.path("games"), "verdict")).doesNotContain("broken");
        assertThat(texts(document.path("learns"), "what")).contains("patrons", "library", "written", "staff");
        assertThat(texts(document.path("columns"), "kind")).doesNotContain("unknown");
        assertThat(document.path("learnsNot")).isNotEmpty();
        assertThat(document.toString()).doesNotContain("O'Sullivan", "203-555", "+1203555");
    }

    private static List<String> texts(JsonNode array, String member) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(one -> one.path(member).asText())
                .toList();
    }

    @Test
    void olderBackupIsComparedWith() {
        vault.json("cust1", "backup", "../older");
        vault.register(token, SamplePatron.of(PATRONS + 1));
        List<JsonNode> games = new ArrayList<>();
        vault.json("cust1", "leakage", "--sample", "0", "--before", "../older")
                .path("games")
                .forEach(games::add);
        JsonNode twice = games.get(games.size() - 1);
        assertThat(twice.path("verdict").asText()).isEqualTo("holds");
        assertThat(twice.path("figures").path("came").asInt()).isEqualTo(1);
        assertThat(vault.as("cust1", "leakage", "--before", "../nowhere").exit())
                .isEqualTo(5);
    }

    @Test
    void othersAreRefusedAndAWrongSampleIsAMistake() {
        for (String user : List.of("clerk", "boss", "dir", "admin", "page")) {
            assertThat(vault.as(user, "leakage").exit()).as(user).isEqualTo(3);
        }
        for (String wrong : List.of("-1", "1", "99", "many")) {
            assertThat(vault.as("cust1", "leakage", "--sample", wrong).exit())
                    .as(wrong)
                    .isEqualTo(2);
        }
    }

    @Test
    void townOfAnEmptyVaultAndThenOfADemonstrationSaysWhatItShould() throws IOException {
        try (RunningVault alone = RunningVault.create()) {
            Map<String, String> custodian = alone.environment("cust1");
            Ran empty = alone.apart(custodian, "leakage");
            assertThat(empty.exit()).as("%s", empty).isZero();
            assertThat(empty.out()).contains("how many there are: 0", "not played  ranks", "not played  pairs");

            Path file = alone.root().resolve("town");
            try (MadeUpPatrons people = new MadeUpPatrons(2018, 500, LocalDate.of(2026, 11, 24))) {
                MadeUpFile.vaultJsonl(people, file);
            }
            alone.json(
                    "boss",
                    "patrons",
                    "import",
                    file.toString(),
                    "--format",
                    "vault-jsonl",
                    "--consent-policy",
                    "2018-05");
            Ran town = alone.as("cust1", "leakage");
            assertThat(town.exit()).as("%s", town).isZero();
            assertThat(town.out().lines().limit(6)).allMatch(line -> line.startsWith("holds "));
            assertThat(town.out()).contains("how many there are: 500", "supervisor import");
        }
    }
}
