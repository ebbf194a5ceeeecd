package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;

/** Patrons leave by two people, through a running server and without one, and another vault takes them in. */
@Tag(LongRun.TAG)
final class PatronsExportIT {
    private static final String[] TOGETHER = {"--second", "officer", "--second-password-file", "../pw"};

    private static Ran export(RunningVault vault, String name, String out, String... more) {
        List<String> words = new ArrayList<>(List.of("patrons", "export", "--format", "vault-jsonl", "--recipient"));
        words.addAll(List.of("../next.pem", "--out", out));
        words.addAll(List.of(more));
        return vault.as(name, words.toArray(String[]::new));
    }

    private static List<Path> beside(Path file) throws IOException {
        try (Stream<Path> all = Files.list(file.getParent())) {
            return all.filter(one -> one.getFileName()
                            .toString()
                            .startsWith(file.getFileName().toString()))
                    .toList();
        }
    }

    @Test
    void patronsLeaveByTwoPeopleOrAloneAsTheirOwnPackageAndComeIntoAnotherVault() throws IOException {
        try (RunningVault vault = RunningVault.create();
                RunningVault other = RunningVault.create()) {
            vault.start();
            String clerk = vault.signIn("clerk");
            for (int i = 1; i <= 3; i++) {
                vault.register(clerk, SamplePatron.of(i));
            }
            OpenSsl.certificate(vault.root(), "next", "-newkey", "rsa:2048");
            Path out = vault.root().resolve("out.p7m");

            assertThat(export(vault, "officer", "../out.p7m", TOGETHER).exit()).isEqualTo(3);
            Ran alone = export(vault, "dir", "../out.p7m", "--json");
            assertThat(alone.exit()).as(alone.toString()).isEqualTo(3);
            String request = RunningVault.document(alone).path("id").asText();
            for (String name : List.of("dir", "admin", "cust1", "boss")) {
                assertThat(vault.as(name, "approvals", "approve", request).exit())
                        .as(name)
                        .isNotZero();
            }
            JsonNode seen = vault.json("officer", "approvals", "show", request);
            assertThat(seen.path("terms").path("format").path(0).asText()).isEqualTo("vault-jsonl");
            vault.json("officer", "approvals", "approve", request);
            assertThat(export(vault, "dir", "../west.p7m", "--library", "WEST").exit())
                    .as("leave is for exactly what was asked")
                    .isEqualTo(3);
            assertThat(out).doesNotExist();

            JsonNode report = RunningVault.document(export(vault, "dir", "../out.p7m", "--json"));
            assertThat(report.path("exported").asInt()).isEqualTo(3);
            assertThat(report.path("libraries").path("NC").asInt()).isEqualTo(3);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
                    .isEqualTo("rw-------");
            assertThat(beside(out)).containsExactly(out);
            byte[] first = Files.readAllBytes(out);
            assertThat(export(vault, "dir", "../again.p7m").exit())
                    .as("leave is good once")
                    .isEqualTo(3);
            assertThat(export(vault, "dir", "../out.p7m", TOGETHER).exit()).isEqualTo(5);
            assertThat(out).hasBinaryContent(first);

            String id = vault.call(
                            "POST",
                            "/v1/patrons/search",
                            clerk,
                            com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                                    .objectNode()
                                    .put("card", SamplePatron.card(1))
                                    .put("purpose", "checkout"))
                    .json()
                    .at("/results/0/id")
                    .asText();
            assertThat(vault.as("boss", "patrons", "package", id).exit()).isEqualTo(3);
            assertThat(vault.json("officer", "patrons", "package", id)
                            .path("card")
                            .asText())
                    .isEqualTo(SamplePatron.card(1));
            vault.json("officer", "patrons", "package", id, "--out", "../package.html");
            Path page = vault.root().resolve("package.html");
            assertThat(page).content().contains("<style>", "Everything the library holds of you", SamplePatron.card(1));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(page)))
                    .isEqualTo("rw-------");
            assertThat(vault.as("dir", "patrons", "package", id, "--recipient", "../next.pem")
                            .exit())
                    .isEqualTo(2);
            vault.json("dir", "patrons", "package", id, "--recipient", "../next.pem", "--out", "../package.p7m");
            Path opened = vault.root().resolve("opened.html");
            assertThat(OpenSsl.decrypt(vault.root(), "next", vault.root().resolve("package.p7m"), opened))
                    .isZero();
            assertThat(opened).content().contains(SamplePatron.card(1));

            vault.stop();
            Ran ran = export(vault, "dir", "../in-process.p7m", TOGETHER);
            assertThat(ran.exit()).as(ran.toString()).isZero();
            assertThat(ran.out()).startsWith("3 patrons exported.");

            Path clear = vault.root().resolve("clear.jsonl");
            assertThat(OpenSsl.decrypt(vault.root(), "next", out, clear)).isZero();
            JsonNode taken = other.json(
                    "admin",
                    "patrons",
                    "import",
                    clear.toString(),
                    "--format",
                    "vault-jsonl",
                    "--consent-policy",
                    "2018-05");
            assertThat(taken.path("created").asInt()).isEqualTo(3);
            assertThat(taken.path("refused")).isEmpty();
            other.start();
            assertThat(other.call(
                                    "POST",
                                    "/v1/patrons/search",
                                    other.signIn("clerk"),
                                    com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                                            .objectNode()
                                            .put("card", SamplePatron.card(2))
                                            .put("purpose", "checkout"))
                            .json()
                            .path("results"))
                    .hasSize(1);
        }
    }
}
