package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** The posted policy by command: the default, another version, and the change from one to the other (P12). */
final class PolicyVersionsIT {

    @Test
    void aVersionIsPostedAndPutInForceAndEntriesSayWhich() throws IOException {
        try (RunningVault vault = RunningVault.create()) {
            Path policies = vault.home().resolve("policies");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(policies)))
                    .isEqualTo("rwx------");
            String text = Files.readString(policies.resolve("2018-05.md"));
            Files.writeString(
                    vault.root().resolve("new.md"),
                    text.replace("\"2018-05\"", "\"2026-11\"").replace("approved: 2018-05-01", "approved: 2026-11-20"));
            Files.writeString(
                    vault.home().resolve("vault.yaml"),
                    "policy:\n  library: Elm & Oak *Library*\n",
                    StandardOpenOption.APPEND);
            vault.start();

            assertThat(vault.as("clerk", "policy", "post", "../new.md").exit()).isEqualTo(3);
            Ran posted = vault.as("dir", "policy", "post", "../new.md");
            assertThat(posted.exit()).as("%s", posted).isZero();
            assertThat(posted.out()).contains("It comes into force when policy.yaml says posted: \"2026-11\".");
            Files.writeString(
                    vault.root().resolve("new.md"),
                    Files.readString(vault.root().resolve("new.md")) + "More.\n");
            assertThat(vault.as("dir", "policy", "post", "../new.md").exit()).isEqualTo(5);

            JsonNode versions = RunningVault.document(vault.run("policy", "versions", "--json"))
                    .path("versions");
            assertThat(versions).extracting(v -> v.path("version").asText()).containsExactly("2026-11", "2018-05");
            assertThat(versions).extracting(v -> v.path("current").asBoolean()).containsExactly(false, true);

            Path yaml = vault.home().resolve("policy.yaml");
            Files.writeString(yaml, Files.readString(yaml).replace("posted: \"2018-05\"", "posted: \"2026-11\""));
            vault.server()
                    .awaitUntil(
                            "the other version is not in force",
                            () -> vault.call("GET", "/v1/policy")
                                    .json()
                                    .path("version")
                                    .asText()
                                    .equals("2026-11"));
            assertThat(vault.call("GET", "/policy").text())
                    .contains("This policy says what Elm &amp; Oak *Library* knows");
            vault.register(vault.signIn("clerk"), SamplePatron.of(1));

            assertThat(vault.as("dir", "log", "search", "--act", "policy", "--unfold")
                            .out())
                    .containsSubsequence(
                            "policy configuration", "policy 2018-05", "policy configuration", "policy 2026-11");
            JsonNode registered = vault.json("officer", "log", "search", "--act", "register");
            assertThat(registered.at("/visits/0/entries/0/policy").asText()).isEqualTo("2026-11");

            assertThat(vault.run("doctor").out())
                    .contains("Version 2026-11, approved on 2026-11-20.")
                    .contains("Nothing is said in vault.yaml (policy) for law, contact");
            Ran unknown = vault.as(
                    "boss", "patrons", "import", "../new.md", "--format", "vault-jsonl", "--consent-policy", "1999-01");
            assertThat(unknown.exit()).isEqualTo(2);
            assertThat(unknown.err()).contains("--consent-policy must be a version of the policy that was posted");
        }
    }
}
