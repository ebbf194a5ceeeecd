package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.cli.CommandHere;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;

/** A copy of the keys leaves the vault by two people, and is what brings a stolen home's keys back. */
final class KeyExportIT {
    private static final String[] TOGETHER = {"--second", "cust2", "--second-password-file", "../pw"};

    private static Ran export(RunningVault vault, String name, String... more) {
        List<String> words = new ArrayList<>(List.of("keys", "export", "--recipient", "../keeper.pem"));
        words.addAll(List.of(more));
        return vault.as(name, words.toArray(String[]::new));
    }

    private static Map<String, byte[]> unzip(byte[] zip) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        }
        return files;
    }

    @Test
    void keysExportedByTwoAndDecryptedByOpensslOpenACopyOfTheDatabase() throws IOException {
        try (RunningVault vault = RunningVault.create();
                RunningVault other = RunningVault.empty()) {
            vault.start();
            vault.register(vault.signIn("clerk"), SamplePatron.of(1));
            OpenSsl.certificate(vault.root(), "keeper", "-newkey", "rsa:2048");
            Path copy = vault.root().resolve("copy.p7m");

            assertThat(export(vault, "clerk", "--out", "../copy.p7m").exit()).isEqualTo(3);
            assertThat(export(vault, "cust1", "--json").exit())
                    .as("binary beside --json")
                    .isEqualTo(2);
            Ran alone = export(vault, "cust1", "--out", "../copy.p7m", "--json");
            assertThat(alone.exit()).as(alone.toString()).isEqualTo(3);
            String request = RunningVault.document(alone).path("id").asText();
            assertThat(vault.as("cust1", "approvals", "approve", request).exit())
                    .isEqualTo(3);
            assertThat(vault.as("admin", "approvals", "approve", request).exit())
                    .isNotZero();
            assertThat(copy).doesNotExist();
            vault.json("cust2", "approvals", "approve", request);

            JsonNode made = RunningVault.document(export(vault, "cust1", "--out", "../copy.p7m", "--json"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                    .isEqualTo("rw-------");
            assertThat(export(vault, "cust1", "--out", "../again.p7m").exit())
                    .as("leave is good once")
                    .isEqualTo(3);
            byte[] first = Files.readAllBytes(copy);
            List<String> over = new ArrayList<>(List.of(TOGETHER));
            over.addAll(List.of("--out", "../copy.p7m"));
            assertThat(export(vault, "cust1", over.toArray(String[]::new)).exit())
                    .isEqualTo(5);
            assertThat(copy).hasBinaryContent(first);

            JsonNode listed = vault.json("cust1", "keys", "status").path("copies");
            assertThat(listed).hasSize(1);
            assertThat(listed.at("/0/id")).isEqualTo(made.path("id"));
            assertThat(listed.at("/0/second").asText()).isEqualTo("cust2");
            assertThat(listed.at("/0/recipient")).isEqualTo(made.path("recipient"));
            assertThat(listed.at("/0/state").asText()).isEqualTo("held");
            assertThat(vault.call("GET", "/v1/keys", vault.signIn("cust1"))
                            .json()
                            .path("copies"))
                    .isEqualTo(listed);

            Path opened = vault.root().resolve("copy.zip");
            assertThat(OpenSsl.decrypt(vault.root(), "keeper", copy, opened)).isZero();
            Map<String, byte[]> files = unzip(Files.readAllBytes(opened));
            assertThat(files).containsOnlyKeys("ring.json", "slots.json", "ledger");
            vault.stop();

            other.copyHome(vault.home(), other.home());
            RunningVault.remove(other.home().resolve("keys"));
            Files.createDirectory(
                    other.home().resolve("keys"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            files.forEach((name, content) -> put(other.home().resolve("keys").resolve(name), content));
            other.start();
            assertThat(other.call("GET", "/v1/keys", other.signIn("cust1"))
                            .json()
                            .path("copies"))
                    .isEqualTo(listed);
            assertThat(other.json("cust1", "keys", "status").path("sealed").asBoolean())
                    .isFalse();
            assertThat(other.run("log", "verify").exit()).isZero();
        }
    }

    private static void put(Path file, byte[] content) {
        try {
            Files.write(file, content);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void copyOnStandardOutputIsTheBytesAloneAndNeverGoesUnregistered() throws IOException {
        try (RunningVault vault = RunningVault.create()) {
            OpenSsl.certificate(vault.root(), "keeper", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384");
            Path out = vault.root().resolve("copy.p7m");
            Path err = vault.root().resolve("said");
            int exit = CommandHere.run(
                    vault.environment("cust1"), vault.root(), out, err, "keys", "export", "--recipient", "keeper.pem");
            assertThat(exit).as(Files.readString(err)).isZero();
            Path opened = vault.root().resolve("copy.zip");
            assertThat(OpenSsl.decrypt(vault.root(), "keeper", out, opened)).isZero();
            assertThat(unzip(Files.readAllBytes(opened)).get("slots.json"))
                    .isEqualTo(Files.readAllBytes(vault.home().resolve("keys/slots.json")));
            assertThat(vault.json("cust1", "keys", "status")
                            .at("/copies/0/state")
                            .asText())
                    .isEqualTo("held");
        }
    }
}
