package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** Erasure by command: one field, a patron, at once by two custodians, and by retention. */
final class ErasureIT {
    private static final String[] TOGETHER = {"--second", "cust2", "--second-password-file", "../pw"};

    private static Ran erase(RunningVault vault, String name, String patron, String... more) {
        List<String> words = new ArrayList<>(List.of("erase", patron));
        words.addAll(List.of(more));
        return vault.as(name, words.toArray(String[]::new));
    }

    private static JsonNode erased(RunningVault vault, String name, String patron, String... more) {
        List<String> words = new ArrayList<>(List.of(more));
        words.add("--json");
        Ran ran = erase(vault, name, patron, words.toArray(String[]::new));
        assertThat(ran.exit()).as(ran.toString()).isZero();
        return RunningVault.document(ran).path("certificate");
    }

    @Test
    void aPatronIsErasedByHandAtOnceOrByRetentionAndTheCertificatesSaySo() throws IOException {
        try (RunningVault vault = RunningVault.create()) {
            Path policy = vault.home().resolve("policy.yaml");
            String rule = "  accessLog: 24\n  patrons: {expired: {expiredMonths: 36}}\n";
            Files.writeString(policy, Files.readString(policy).replace("  accessLog: 24\n", rule));
            vault.start();
            String clerk = vault.signIn("clerk");
            List<String> ids = new ArrayList<>();
            for (int i = 1; i <= 30; i++) {
                ids.add(vault.register(clerk, SamplePatron.of(i)));
            }
            String old = vault.register(clerk, SamplePatron.of(31).put("expires", "2001-01-31"));

            assertThat(erased(vault, "boss", ids.get(0), "--field", "phone")
                            .path("field")
                            .asText())
                    .isEqualTo("phone");
            JsonNode certificate = erased(vault, "boss", ids.get(0), "--certificate", "../paper.html");
            assertThat(certificate.path("keysDestroyed").asText()).isEqualTo("due");
            Path paper = vault.root().resolve("paper.html");
            assertThat(Files.readString(paper))
                    .contains("Certificate of erasure")
                    .contains(ids.get(0));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(paper)))
                    .isEqualTo("rw-------");
            assertThat(erase(vault, "boss", ids.get(0)).exit()).isEqualTo(5);
            assertThat(erase(vault, "clerk", ids.get(1)).exit()).isEqualTo(3);

            assertThat(erase(vault, "cust1", ids.get(0), "--now").exit())
                    .as("alone it is filed")
                    .isEqualTo(3);
            Ran early = erase(vault, "cust1", ids.get(0), withTogether("--now"));
            assertThat(early.exit()).as(early.toString()).isEqualTo(5);
            assertThat(early.err()).contains("backup");
            JsonNode done = erased(vault, "cust1", ids.get(0), withTogether("--now", "--backup", "../b1"));
            assertThat(done.path("keysDestroyed").asText()).isEqualTo("done");
            assertThat(done.path("entry")).isEqualTo(certificate.path("entry"));
            assertThat(erased(vault, "cust1", ids.get(1), withTogether("--now", "--backup", "../b2"))
                            .path("second")
                            .asText())
                    .isEqualTo("cust2");

            assertThat(vault.json("officer", "retention", "list")
                            .at("/rules/0/matching")
                            .asInt())
                    .isEqualTo(1);
            String review = vault.json("officer", "retention", "review", "expired", "--out", "../review.csv")
                    .path("id")
                    .asText();
            assertThat(Files.readString(vault.root().resolve("review.csv"))).contains(old + ",NC,");
            Ran wrong = vault.as("officer", "retention", "run", review, "--today", "2001-01-01");
            assertThat(wrong.exit()).as(wrong.toString()).isEqualTo(2);
            JsonNode run = vault.json(
                    "officer",
                    "retention",
                    "run",
                    review,
                    "--today",
                    LocalDate.now(Clock.systemUTC()).toString(),
                    "--certificates",
                    "../certificates.jsonl");
            assertThat(run.path("state").asText()).isEqualTo("done");
            assertThat(run.path("erased").asInt()).isEqualTo(1);
            assertThat(Files.readAllLines(vault.root().resolve("certificates.jsonl")))
                    .singleElement()
                    .asString()
                    .contains(old);
            assertThat(vault.as("officer", "check").exit()).isZero();
        }
    }

    private static String[] withTogether(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(TOGETHER));
        return all.toArray(String[]::new);
    }
}
