package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** A log that was changed while nobody looked, and the command that finds it. */
class VerifyLogIT {
    @AutoClose
    private final RunningVault vault = RunningVault.create();

    @Test
    void changedLogIsFoundByVerify() throws IOException, SQLException {
        Ran kept = vault.apart(vault.environment("dir"), "log", "checkpoint");
        Files.writeString(vault.root().resolve("kept"), kept.out());
        assertThat(vault.run("log", "verify", "--checkpoint", "../kept").exit()).isZero();

        try (Connection database = Databases.connect(vault.home());
                Statement statement = database.createStatement()) {
            statement.executeUpdate(
                    "UPDATE access_log SET leaf = (SELECT leaf FROM access_log WHERE idx = 2) WHERE idx = 1");
        }

        Ran found = vault.apart(vault.environment(), "log", "verify", "--checkpoint", "../kept", "--json");
        assertThat(found.exit()).as("%s", found).isEqualTo(1);
        JsonNode report = RunningVault.document(found);
        assertThat(report.path("ok").asBoolean()).isFalse();
        assertThat(report.path("problems")).isNotEmpty();
        assertThat(report.at("/problems/0/what").asText()).matches("[a-z-]+");
    }

    @Test
    void rewrittenLogIsFoundByACheckpointKeptElsewhere() throws IOException {
        Path before = vault.root().resolve("before");
        vault.copyHome(vault.home(), before);
        vault.as("page", "staff", "list");
        Ran kept = vault.as("dir", "log", "checkpoint");
        Files.writeString(vault.root().resolve("kept"), kept.out());

        Ran found = vault.run("log", "verify", "--home", before.toString(), "--checkpoint", "../kept");

        assertThat(found.exit()).as("%s", found).isEqualTo(1);
        assertThat(found.out()).contains("NOT");
    }

    @Test
    @Tag(LongRun.TAG)
    void checkpointKeptFromBeforeIsGoodAfterTheSigningKeyWasRotated() throws IOException {
        Ran kept = vault.as("dir", "log", "checkpoint");
        Files.writeString(vault.root().resolve("kept"), kept.out());

        Ran rotated = vault.as("cust1", "keys", "rotate", "log", "--wait");
        assertThat(rotated.exit()).as("%s", rotated).isZero();
        Ran after = vault.as("dir", "log", "checkpoint");
        assertThat(after.out().lines().toList().get(4))
                .isNotEqualTo(kept.out().lines().toList().get(4));
        Files.writeString(vault.root().resolve("after"), after.out());

        String[] verify = {"log", "verify", "--checkpoint", "../kept", "--checkpoint", "../after"};
        Ran good = vault.run(verify);
        assertThat(good.exit()).as("%s", good).isZero();
        Path handOver = vault.home().resolve("published/handover-2");
        Files.writeString(handOver, Files.readString(handOver).replace("hand-over ", "hand-over  "));
        Ran found = vault.run(verify);
        assertThat(found.exit()).as("%s", found).isEqualTo(1);
        assertThat(found.out()).contains("published-handover-signature");
    }

    @Test
    @Tag(LongRun.TAG)
    void exportAndReceiptAreCheckedWithoutTheVault() throws IOException {
        vault.start();
        Ran exported = vault.as("officer", "log", "export", "../export");
        assertThat(exported.exit()).as("%s", exported).isZero();
        Ran receipt = vault.as("officer", "log", "receipt", "3");
        Files.writeString(vault.root().resolve("receipt"), receipt.out());
        for (String[] wrong : new String[][] {{"log", "export", "../other"}, {"log", "receipt", "3"}}) {
            assertThat(vault.as("clerk", wrong).exit()).isEqualTo(3);
        }
        assertThat(vault.as("officer", "log", "receipt", "100000").exit()).isEqualTo(2);
        vault.stop();
        assertThat(vault.run("log", "verify", "--receipt", "../receipt").exit()).isZero();
        Files.copy(vault.home().resolve("published/log.vkey"), vault.root().resolve("key"));
        RunningVault.remove(vault.home());

        Ran whole = vault.run("log", "verify", "--export", "../export", "--key", "../key", "--receipt", "../receipt");
        assertThat(whole.exit()).as("%s", whole).isZero();
        assertThat(whole.out()).contains("The log is whole: ");
        Ran alone = vault.run("log", "verify", "--receipt", "../receipt", "--key", "../key");
        assertThat(alone.exit()).as("%s", alone).isZero();
        assertThat(alone.out()).startsWith("Entry 3 was in the log when it had ");

        Path tile = vault.root().resolve("export/tile/entries/000.p");
        try (Stream<Path> partial = Files.list(tile)) {
            Path bundle = partial.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(bundle);
            bytes[bytes.length / 2] ^= 1;
            Files.write(bundle, bytes);
        }
        Ran found = vault.run("log", "verify", "--export", "../export");
        assertThat(found.exit()).as("%s", found).isEqualTo(1);
        assertThat(found.out()).contains("NOT");
        Files.writeString(vault.root().resolve("receipt"), receipt.out().replace("index 3\n", "index 4\n"));
        Ran wrong = vault.run("log", "verify", "--receipt", "../receipt", "--key", "../key", "--json");
        assertThat(wrong.exit()).as("%s", wrong).isEqualTo(1);
        assertThat(RunningVault.document(wrong).path("ok").asBoolean()).isFalse();
    }
}
