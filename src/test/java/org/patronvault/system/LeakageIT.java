package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
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
    void listSaysWhatACopyShowsAndWhatItNeverShows() {
        Ran ran = vault.as("cust1", "leakage");
        assertThat(ran.exit()).as("%s", ran).isZero();
        assertThat(ran.out())
                .startsWith("A stolen copy shows")
                .contains("the number of patrons: 3")
                .contains("each patron's library: NC 3")
                .contains("what staff accounts did and when, but not to which patron", "register 3")
                .contains("A stolen copy never shows\n  names, cards, addresses")
                .contains("A person who watches the running database")
                .contains("patron.name ", "repeats 0")
                .doesNotContain("FOUND");
        assertThat(ran.out().contains("On PostgreSQL")).isEqualTo(Databases.ON_POSTGRES);
        assertThat(ran.out()).doesNotContain("clerk", "cust1");
    }

    @Test
    void documentHasStableMembersAndNoPatron() {
        JsonNode document = vault.json("officer", "leakage");
        assertThat(document.path("ok").asBoolean()).isTrue();
        assertThat(document.path("faults").isArray()).isTrue();
        assertThat(document.path("faults")).isEmpty();
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
    void othersAreRefused() {
        for (String user : List.of("clerk", "boss", "dir", "admin", "page")) {
            assertThat(vault.as(user, "leakage").exit()).as(user).isEqualTo(3);
        }
    }

    @Test
    void townOfAnEmptyVaultAndThenOfADemonstrationSaysWhatItShould() throws IOException {
        try (RunningVault alone = RunningVault.create()) {
            Map<String, String> custodian = alone.environment("cust1");
            Ran empty = alone.apart(custodian, "leakage");
            assertThat(empty.exit()).as("%s", empty).isZero();
            assertThat(empty.out()).contains("the number of patrons: 0");

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
            assertThat(town.out())
                    .contains("the number of patrons: 500", "supervisor import")
                    .doesNotContain("FOUND");
        }
    }
}
