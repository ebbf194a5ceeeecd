package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** A backup is made while the vault serves, and patrons come back from it. */
final class BackupIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATRONS = 1_500;
    private static final String[] RESTORE = {"restore", "../b1", "--second", "cust2", "--second-password-file", "../pw"
    };

    private RunningVault vault;

    @BeforeEach
    void startAVaultOfTwoCustodians() {
        vault = RunningVault.create();
        vault.start();
    }

    @AfterEach
    void remove() {
        vault.close();
    }

    private Answer reveal(String token, String patron) {
        return reveal(vault, token, patron);
    }

    private static Answer reveal(RunningVault at, String token, String patron) {
        return at.call(
                "POST",
                "/v1/patrons/" + patron + "/reveal",
                token,
                json("{'fields':['name','phone'],'purpose':'account-service'}"));
    }

    private JsonNode found(String token, String typed) {
        Answer answer = vault.call(
                "POST", "/v1/patrons/search", token, json("{'q':'" + typed + "','purpose':'account-service'}"));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer.json().path("results");
    }

    private static JsonNode json(String singleQuoted) {
        try {
            return JSON.readTree(singleQuoted.replace('\'', '"'));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void change(String token, String patron, String phone) {
        Answer changed = vault.send(
                "PATCH",
                "/v1/patrons/" + patron,
                token,
                "{\"phone\":[\"" + phone + "\"]}",
                Map.of("If-Match", "\"1\""));
        assertThat(changed.status()).as("%s", changed).isEqualTo(200);
    }

    @Test
    void changedPatronIsBackAndErasedOneIsNotWhileDeskAndLogGoOn() throws IOException {
        String clerk = vault.signIn("clerk");
        String changed = vault.register(clerk, SamplePatron.of(1));
        String erased = vault.register(clerk, SamplePatron.of(2));
        JsonNode phone = reveal(clerk, changed).json().path("phone");
        JsonNode made = vault.json("cust1", "backup", "../b1").path("backup");
        assertThat(made.path("patrons").asInt()).isEqualTo(2);
        Files.writeString(
                vault.root().resolve("kept"),
                vault.as("dir", "log", "checkpoint").out());

        change(clerk, changed, "203-555-0177");
        assertThat(vault.call("DELETE", "/v1/patrons/" + erased, vault.signIn("boss"))
                        .status())
                .isEqualTo(200);
        String later = vault.register(clerk, SamplePatron.of(3));

        Ran alone = vault.as("cust1", "restore", "../b1", "--json");
        assertThat(alone.exit()).as(alone.toString()).isEqualTo(3);
        String request = RunningVault.document(alone).path("id").asText();
        assertThat(vault.as("cust1", "approvals", "approve", request).exit()).isEqualTo(3);
        assertThat(vault.as("admin", "approvals", "approve", request).exit()).isNotZero();
        assertThat(vault.json("cust2", "approvals", "show", request)
                        .path("what")
                        .asText())
                .startsWith("Bring patrons back as they were in backup "
                        + made.path("id").asText());
        vault.json("cust2", "approvals", "approve", request);
        assertThat(reveal(clerk, changed).json().path("phone")).isNotEqualTo(phone);

        JsonNode restored = vault.json("cust1", "restore", "../b1").path("restored");
        assertThat(restored.path("backup")).isEqualTo(made.path("id"));
        assertThat(restored.path("patrons").asInt()).isEqualTo(1);

        // The clerk's session of before goes on.
        assertThat(reveal(clerk, changed).json().path("phone")).isEqualTo(phone);
        assertThat(found(clerk, phone.get(0).asText())).hasSize(1);
        assertThat(found(clerk, "203-555-0177")).isEmpty();
        assertThat(reveal(clerk, erased).status()).isEqualTo(404);
        assertThat(found(clerk, SamplePatron.card(2))).isEmpty();
        assertThat(reveal(clerk, later).status()).isEqualTo(200);
        assertThat(vault.run("log", "verify", "--checkpoint", "../kept").exit()).isZero();
        vault.stop();

        // Without a server the command opens the vault itself.
        Ran again = vault.as("cust1", RESTORE);
        assertThat(again.exit()).as(again.toString()).isZero();
        assertThat(again.out()).startsWith("Patrons are as in backup ");
        assertThat(vault.as("clerk", RESTORE).exit()).isEqualTo(3);
        vault.start();
        assertThat(reveal(clerk, changed).json().path("phone")).isEqualTo(phone);
        assertThat(vault.run("log", "verify", "--checkpoint", "../kept").exit()).isZero();
    }

    /** A home with these keys and settings and no database, and those directories beside it. */
    private RunningVault onAnotherMachine(String... beside) throws IOException {
        RunningVault other = RunningVault.empty();
        Files.createDirectory(other.home());
        for (String part : List.of("keys", "vault.yaml", "policy.yaml")) {
            RunningVault.copy(vault.home().resolve(part), other.home().resolve(part));
        }
        if (Databases.ON_POSTGRES) {
            // What comes back is SQLite, whatever was backed up.
            Databases.unname(other.home());
        }
        for (String directory : beside) {
            RunningVault.copy(vault.root().resolve(directory), other.root().resolve(directory));
        }
        return other;
    }

    @Test
    @Tag(LongRun.TAG)
    void backupUnderALaterCopyOfTheLogIsTheVaultOfThenWithTheLogOfNow() throws IOException {
        String clerk = vault.signIn("clerk");
        String changed = vault.register(clerk, SamplePatron.of(1));
        String erased = vault.register(clerk, SamplePatron.of(2));
        JsonNode phone = reveal(clerk, changed).json().path("phone");
        assertThat(phone).hasSize(1);
        vault.json("cust1", "backup", "../b1");
        change(clerk, changed, "203-555-0177");
        assertThat(vault.call("DELETE", "/v1/patrons/" + erased, vault.signIn("boss"))
                        .status())
                .isEqualTo(200);
        vault.register(clerk, SamplePatron.of(3));
        assertThat(vault.as("officer", "log", "export", "../log").exit()).isZero();
        Ran there = vault.as("cust1", "restore", "../b1", "--log", "../log");
        assertThat(there.exit()).isEqualTo(5);
        assertThat(vault.stop()).isIn(0, 143);
        there = vault.as("cust1", "restore", "../b1", "--log", "../log");
        assertThat(there.err()).contains(Databases.ON_POSTGRES ? "name a new file with --open" : "leave out --log");
        try (RunningVault other = onAnotherMachine("b1", "log")) {
            Ran opened = other.run("restore", "../b1", "--log", "../log");
            assertThat(opened.exit()).as("%s", opened).isZero();
            assertThat(opened.out()).contains("two custodians");
            Ran early = other.as("cust1", RESTORE);
            assertThat(early.exit()).as("%s", early).isEqualTo(4);
            assertThat(early.err()).contains("log accept");
            // A try that counts as wrong is an entry behind the copy's, and changes nothing of what is to be accepted.
            Files.writeString(other.root().resolve("wrong"), "not the word");
            assertThat(other.as("cust1", "log", "accept", "--second", "cust2", "--second-password-file", "../wrong")
                            .exit())
                    .isNotZero();
            Ran accepted = other.as("cust1", "log", "accept", "--second", "cust2", "--second-password-file", "../pw");
            assertThat(accepted.exit()).as("%s", accepted).isZero();
            Ran restored = other.as("cust1", RESTORE);
            assertThat(restored.exit()).as("%s", restored).isZero();
            assertThat(restored.out()).contains("1 were brought back");
            assertThat(other.as("officer", "check").exit()).isZero();
            other.start();
            String again = other.signIn("clerk");
            assertThat(reveal(other, again, changed).json().path("phone")).isEqualTo(phone);
            assertThat(reveal(other, again, erased).status()).isEqualTo(404);
            assertThat(other.run("log", "verify", "--checkpoint", "../log/checkpoint")
                            .exit())
                    .isZero();
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void backupAndTheKeysMakeTheVaultOfThenOnAMachineThatHasNoDatabase() throws IOException {
        String patron = vault.register(vault.signIn("clerk"), SamplePatron.of(1));
        vault.json("cust1", "backup", "../b1");
        vault.stop();
        try (RunningVault other = onAnotherMachine("b1")) {
            Path database = other.home().resolve("data/vault.db");
            String[] opens = {"restore", "../b1", "--open", "../home/data/vault.db"};
            assertThat(other.command(Map.of("PATRON_VAULT_HOME", other.home().toString()), opens)
                            .err())
                    .contains("Give what opens the vault");
            assertThat(database).doesNotExist();
            Ran opened = other.run(opens);
            assertThat(opened.exit()).as(opened.toString()).isZero();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(database)))
                    .isEqualTo("rw-------");
            assertThat(other.run(opens).err()).contains("is there already");
            other.start();
            assertThat(other.run(opens).err()).contains("a server has those of this one open for others");
            Answer revealed = reveal(other, other.signIn("clerk"), patron);
            assertThat(revealed.status()).as("%s", revealed).isEqualTo(200);
            assertThat(other.run("log", "verify").exit()).isZero();
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void backupOfTheScheduleIsMadeWhileItServesAndItsAgeIsInMetricsAndDoctor() throws IOException {
        vault.stop();
        Path backups = Files.createDirectory(vault.root().resolve("backups"));
        Files.writeString(
                vault.home().resolve("vault.yaml"),
                "\nbackup: {directory: ../backups, ownDisk: true}\n",
                StandardOpenOption.APPEND);
        vault.start();
        assertThat(vault.call("GET", "/metrics").text()).contains("vault_backup_age_seconds NaN");
        assertThat(vault.run("doctor").out()).contains("makes one by itself");
        vault.server().awaitUntil("no backup", () -> manifests(backups) == 1);
        vault.server()
                .awaitUntil(
                        "its age is not told",
                        () -> vault.call("GET", "/metrics").text().matches("(?s).*vault_backup_age_seconds [0-9].*"));
        assertThat(vault.run("doctor").out()).contains("The last proved backup is 0 days old.");
        Path made;
        try (Stream<Path> all = Files.list(backups)) {
            made = all.findFirst().orElseThrow();
        }
        assertThat(vault.as("cust1", "restore", made.toString(), "--second", "cust2", "--second-password-file", "../pw")
                        .exit())
                .isZero();
    }

    private static long manifests(Path backups) {
        try (Stream<Path> all = Files.list(backups)) {
            return all.filter(one -> Files.exists(one.resolve("manifest.json"))).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path patrons() throws IOException {
        Path file = vault.root().resolve("patrons.jsonl");
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (int n = 1; n <= PATRONS; n++) {
                lines.write(String.format(
                        "{\"card\":\"2123%010d\",\"name\":{\"family\":\"Family%d\"},\"phone\":[\"203-555-%04d\"],"
                                + "\"library\":\"NC\"}%n",
                        n, n, n));
            }
        }
        return file;
    }

    private long stored(String... statements) {
        try (Connection connection = Databases.connect(vault.home());
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.executeUpdate(one);
            }
            try (ResultSet count = statement.executeQuery("SELECT count(*) FROM patron")) {
                return count.next() ? count.getLong(1) : 0;
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private long walBytes() {
        if (!Databases.ON_POSTGRES) {
            return vault.home().resolve("data/vault.db-wal").toFile().length();
        }
        try (Connection connection = Databases.connect(vault.home());
                Statement statement = connection.createStatement();
                ResultSet written = statement.executeQuery("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) {
            return written.next() ? written.getLong(1) : 0;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void killInTheMidstLeavesWhatWasThereAndTheNextRunBringsAllBack() throws IOException {
        Path file = patrons();
        vault.json(
                "boss", "patrons", "import", file.toString(), "--format", "vault-jsonl", "--consent-policy", "2018-05");
        vault.json("cust1", "backup", "../b1");
        vault.stop();
        // Patrons whom somebody deleted, but for what finds them.
        assertThat(stored("DELETE FROM patron")).isZero();

        for (long bytes : List.of(200_000L, 2_000_000L)) {
            long before = Databases.ON_POSTGRES ? walBytes() : 0;
            try (VaultProcess process = vault.process(
                    vault.environment("cust1"), List.of(), Stream.of(RESTORE).toArray(String[]::new))) {
                process.awaitUntil("no write of " + bytes, () -> walBytes() - before > bytes);
                process.kill();
            }
            assertThat(stored()).as("killed after %,d bytes", bytes).isIn(0L, (long) PATRONS);
        }

        Ran done = vault.as("cust1", RESTORE);
        assertThat(done.exit()).as(done.toString()).isZero();
        assertThat(stored()).isEqualTo(PATRONS);
        vault.start();
        String clerk = vault.signIn("clerk");
        assertThat(found(clerk, "21230000000777")).hasSize(1);
        assertThat(found(clerk, "203-555-1234")).hasSize(1);
        assertThat(vault.run("log", "verify").exit()).isZero();
    }
}
