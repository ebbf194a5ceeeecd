package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.LongRun;

/** Rotation and re-encryption as a custodian types them, beside a server that goes on with them. */
class RotationIT {
    private static final int PATRONS = 24;

    private static RunningVault vault;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().start();
        String clerk = vault.signIn("clerk");
        for (int n = 1; n <= PATRONS; n++) {
            vault.register(clerk, SamplePatron.of(n));
        }
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    @Tag(LongRun.TAG)
    void waitingShowsHowFarItIsOnStandardErrorAndOneDocumentOnStandardOutput() {
        VaultProcess.Ran ran = vault.as("cust1", "keys", "rotate", "phone", "--rate", "3", "--wait", "--json");
        assertThat(ran.exit()).isZero();
        assertThat(ran.err()).containsPattern("phone: \\d+ %, [1-9]\\d* a second, about \\d+ s left\\.");
        JsonNode rotated = RunningVault.document(ran).path("operations").path(0);
        assertThat(rotated.path("state").asText()).isEqualTo("done");
        assertThat(rotated.path("done").asInt()).isEqualTo(PATRONS);
        assertThat(rotated.at("/retired/0/field").asText()).isEqualTo("phone");
        assertThat(rotated.at("/retired/0/version").asInt()).isEqualTo(1);
    }

    @Test
    void withoutWaitingTheServerGoesOnAndTheStatusShowsIt() {
        VaultProcess.Ran begun = vault.as("cust1", "keys", "reencrypt", "email", "--rate", "4");
        assertThat(begun.exit()).isZero();
        assertThat(begun.out()).contains("email: under way, " + PATRONS + " to do; `keys status` shows");
        assertThat(vault.as("cust1", "keys", "status").out())
                .containsPattern("operation [0-9a-f]{16}: reencrypt email, \\d+ of " + PATRONS);
        JsonNode operation =
                vault.json("cust1", "keys", "status").path("operations").path(0);
        assertThat(operation.path("kind").asText()).isEqualTo("reencrypt");
        assertThat(operation.path("by").asText()).isEqualTo("cust1");
        assertThat(operation.path("total").asInt()).isEqualTo(PATRONS);

        VaultProcess.Ran second = vault.as("cust2", "keys", "rotate", "email");
        assertThat(second.exit()).isEqualTo(5);
        assertThat(second.err()).contains("cust1 began it at ");

        vault.server()
                .awaitUntil(
                        "the re-encryption has not ended",
                        () -> vault.json("cust1", "keys", "status")
                                .path("operations")
                                .isEmpty());
    }

    @Test
    void damagedValueIsAFindingAndNoVersionIsSaidToBeRetired() throws SQLException {
        moveGeneration(1);
        VaultProcess.Ran ran = vault.as("cust1", "keys", "rotate", "address", "--wait", "--json");
        assertThat(ran.exit()).isEqualTo(1);
        JsonNode failed = RunningVault.document(ran).path("operations").path(0);
        assertThat(failed.path("failed").asInt()).isEqualTo(1);
        assertThat(failed.path("retired")).isEmpty();
        assertThat(vault.as("cust1", "keys", "status").out())
                .contains("rotate address, failed. 1 could not be moved (address).");
        moveGeneration(-1);
        assertThat(vault.as("cust1", "keys", "rotate", "address", "--wait").exit())
                .isZero();
        assertThat(vault.as("cust1", "keys", "status").out()).doesNotContain("failed");
    }

    private static void moveGeneration(int by) throws SQLException {
        try (Connection connection = Databases.connect(vault.home());
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE cell SET generation = generation + " + by
                    + " WHERE field = 'address' AND patron = (SELECT min(id) FROM patron)");
        }
    }

    @Test
    void whatComesNextIsSaidAndShown() {
        VaultProcess.Ran ran = vault.as("cust1", "keys", "rotate", "name", "--wait");
        assertThat(ran.out())
                .contains("name: done, " + PATRONS + " of " + PATRONS + ".")
                .contains("Nothing hangs on name 1 any more: `keys destroy name 1`");
        assertThat(vault.as("cust1", "keys", "status").out())
                .containsPattern("name +1 retired .* 0  due since \\d{4}-.*: keys destroy name 1")
                .containsPattern("name +2 primary .* " + PATRONS + "  rotated again by itself \\d{4}-");
        assertThat(vault.as("cust1", "keys", "reencrypt", "name", "--wait").out())
                .contains("name: done, " + PATRONS + " of " + PATRONS);
        assertThat(vault.run("doctor").out()).containsPattern("fine +rotation +Keys are rotated every 30 days");
    }

    @Test
    void whatCannotBeIsRefused() {
        for (String[] wrong : new String[][] {
            {"keys", "rotate", "phone", "--rate", "-1"},
            {"keys", "reencrypt", "phone", "--rate", "1000001"},
            {"keys", "reencrypt", "phone", "--rate", "fast"},
            {"keys", "reencrypt", "search"},
            {"keys", "rotate", "nothing"}
        }) {
            assertThat(vault.as("cust1", wrong).exit()).isEqualTo(2);
        }
        assertThat(vault.as("clerk", "keys", "reencrypt", "all").exit()).isEqualTo(3);
    }
}
