package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** A vault and its witness, each a process of its own. */
final class WitnessIT {
    private static final Pattern URL = Pattern.compile("- url: (http://\\S+)");
    private static final Pattern KEY = Pattern.compile("key: (\\S+)");

    private RunningVault vault;
    private VaultProcess witness;

    @BeforeEach
    void startAWitnessThatKnowsTheLog() {
        vault = RunningVault.create();
        vault.as("dir", "log", "checkpoint");
        witness = witness(
                "--port",
                "0",
                "--name",
                "witness.example.org/w1",
                "--log",
                vault.home().resolve("published/log.vkey").toString());
    }

    private VaultProcess witness(String... more) {
        List<String> args = new java.util.ArrayList<>(List.of("witness", "--state", "witness"));
        args.addAll(List.of(more));
        return VaultProcess.start(vault.root(), List.of(), Map.of(), args);
    }

    @AfterEach
    void remove() {
        witness.close();
        vault.close();
    }

    private void settle(String yaml) throws IOException {
        Files.writeString(vault.home().resolve("vault.yaml"), yaml, StandardOpenOption.APPEND);
    }

    private String published() {
        try {
            return Files.readString(vault.home().resolve("published/checkpoint"));
        } catch (IOException e) {
            return "";
        }
    }

    private String metric(String name) {
        return vault.call("GET", "/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .findFirst()
                .orElse("none");
    }

    @Test
    @Tag(LongRun.TAG)
    void everyCheckpointIsSignedByTheWitnessAndARewrittenLogIsNot() throws IOException {
        assertThat(vault.run("doctor").out()).contains("No checkpoint is kept elsewhere");
        String url = witness.awaitLine(URL);
        String key = witness.awaitLine(KEY);
        Path before = vault.root().resolve("before");
        vault.copyHome(vault.home(), before);
        settle("log: {witnesses: [{url: '" + url + "', key: '" + key + "'}]}\n");
        Files.writeString(vault.root().resolve("w1.vkey"), key + "\n");

        vault.start();
        String name = "\u2014 witness.example.org/w1 ";
        vault.server().awaitUntil("no cosignature", () -> published().contains(name));
        vault.server()
                .awaitUntil(
                        "the witness is behind",
                        () -> metric("vault_log_witness_behind_entries").endsWith(" 0.0"));
        assertThat(metric("vault_log_witness_behind_seconds")).contains("w1\"} 0.0");
        vault.stop();
        String kept = published();
        Ran whole = vault.run("log", "verify", "--witness", "../w1.vkey");
        assertThat(whole.exit()).as("%s", whole).isZero();
        assertThat(whole.out()).contains("witness.example.org/w1 has signed the first ");
        assertThat(vault.run("doctor").out()).containsPattern("fine +witness +witness.example.org/w1 has signed ");

        // The database of before, and a log that went on from there otherwise, by the vault's own key.
        RunningVault.remove(vault.home());
        vault.copyHome(before, vault.home());
        settle("log: {witnesses: [{url: '" + url + "', key: '" + key + "'}]}\n");
        for (int i = 0; i < 4; i++) {
            vault.as("page", "staff", "list");
        }
        assertThat(vault.run("log", "verify").exit()).isZero();
        vault.start();
        vault.server()
                .awaitUntil(
                        "the witness does not refuse",
                        () -> vault.server()
                                .printed()
                                .contains("witness.example.org/w1 has not signed the log: it has"));
        JsonNode entries = vault.call("GET", "/v1/log/entries?from=0&to=1000", vault.signIn("officer"))
                .json()
                .path("entries");
        assertThat(entries.toString()).contains("witness-refused");
        assertThat(published()).doesNotContain(name);
        vault.stop();
        assertThat(vault.run("log", "verify", "--witness", "../w1.vkey").exit()).isEqualTo(1);
        Files.writeString(vault.root().resolve("kept"), kept);
        assertThat(vault.run("log", "verify", "--checkpoint", "../kept").exit()).isEqualTo(1);
    }

    @Test
    void witnessSaysWhatIsWrongWithHowItIsStarted() throws IOException {
        witness.awaitLine(KEY);
        Ran second = witness("--port", "0").await();
        assertThat(second.exit()).isEqualTo(5);
        assertThat(second.err()).contains("Another witness runs on that directory.");
        assertThat(witness.terminate()).isEqualTo(143);
        Ran renamed = witness("--port", "0", "--name", "other").await();
        assertThat(renamed.exit()).isEqualTo(2);
        Ran wrong = witness(
                        "--port",
                        "0",
                        "--log",
                        vault.home().resolve("vault.yaml").toString())
                .await();
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("something other than verifier keys of logs");
        settle("log: {witnesses: [{url: 'ftp://x', key: 'y'}]}\n");
        assertThat(vault.run("doctor").out()).contains("log.witnesses");
    }
}
