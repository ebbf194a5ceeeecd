package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** A database of last week under a home that knows better: refused at every start, and taken by two custodians alone. */
@Tag(LongRun.TAG)
final class AcceptLogIT {
    private RunningVault vault;

    @BeforeEach
    void putAnOlderDatabaseBack() throws IOException {
        vault = RunningVault.create();
        Path older = vault.root().resolve("older");
        vault.copyHome(vault.home(), older);
        for (int i = 0; i < 3; i++) {
            vault.as("page", "staff", "list");
        }
        vault.as("dir", "log", "checkpoint");
        Databases.putBack(older, vault.home());
    }

    @AfterEach
    void remove() {
        vault.close();
    }

    private Ran accept(String by, String... second) {
        String[] words = new String[2 + (second.length == 0 ? 0 : 4)];
        words[0] = "log";
        words[1] = "accept";
        if (second.length > 0) {
            words[2] = "--second";
            words[3] = second[0];
            words[4] = "--second-password-file";
            words[5] = "../pw";
        }
        return vault.as(by, words);
    }

    @Test
    void twoCustodiansTakeItAndNobodyElse() throws IOException {
        Ran refused = vault.as("admin", "staff", "list");
        assertThat(refused.exit()).isEqualTo(4);
        assertThat(refused.err()).contains("is shorter than what this node has seen", "log accept");
        assertThat(vault.run("log", "verify").exit()).isEqualTo(1);
        for (String[] wrong : new String[][] {{"cust1"}, {"cust1", "cust1"}, {"cust1", "clerk"}, {"admin", "cust1"}}) {
            Ran alone = wrong.length == 1 ? accept(wrong[0]) : accept(wrong[0], wrong[1]);
            assertThat(alone.exit())
                    .as("%s %s", String.join(" beside ", wrong), alone)
                    .isEqualTo(3);
        }
        assertThat(vault.as("admin", "staff", "list").exit()).isEqualTo(4);

        Ran taken = accept("cust1", "cust2");
        assertThat(taken.exit()).as("%s", taken).isZero();
        assertThat(taken.err()).contains("is shorter than what this node has seen");

        vault.start();
        JsonNode entries = vault.call("GET", "/v1/log/entries?from=0&to=1000", vault.signIn("officer"))
                .json()
                .path("entries");
        JsonNode accepted = null;
        boolean told = false;
        for (JsonNode entry : entries) {
            if (entry.path("act").asText().equals("accept")
                    && entry.path("outcome").asText().equals("key")) {
                accepted = entry;
            }
            told |= entry.path("about").asText().equals("log-accepted");
        }
        assertThat(accepted).isNotNull();
        assertThat(accepted.path("actor").asText()).isEqualTo("cust1");
        assertThat(accepted.toString()).contains("cust2");
        assertThat(accepted.path("about").asText()).matches("\\d+ \\S{44}");
        assertThat(told).isTrue();
        assertThat(accept("cust1", "cust2").exit())
                .as("there is nothing to accept")
                .isEqualTo(5);
        vault.stop();
        Ran whole = vault.run("log", "verify");
        assertThat(whole.exit()).as("%s", whole).isZero();
        assertThat(accept("cust1", "cust2").exit())
                .as("there is nothing to accept")
                .isEqualTo(5);
    }
}
