package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.patronvault.app.madeup.MadeUpFile;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.system.VaultProcess.Ran;

/** A server with many patrons that is killed under work: {@code mvn -B -Pfault verify -Dit.test=ManyPatronsIT -Dfault.patrons=1000000}. */
@EnabledIfSystemProperty(
        named = "fault.patrons",
        matches = "[0-9]+",
        disabledReason = "to take in so many takes long: run when it is asked for (fault.md)")
final class ManyPatronsIT {
    /** Near to what it grows to before it is written back, if so many are written of. */
    private static final long LONG_LOG_BYTES = 32L << 20;

    private static final int LONG_LOG_BYTES_OF_ONE = 200;

    private static final int LEAST_SECONDS = 180;

    @AutoClose
    private final RunningVault vault = RunningVault.create().withoutLimits();

    @Test
    void killedUnderWorkItIsReadyInTenSeconds() throws IOException {
        int patrons = Integer.getInteger("fault.patrons");
        Path file = vault.root().resolve("patrons.jsonl");
        MadeUpFile.vaultJsonl(new MadeUpPatrons(1, patrons, LocalDate.now(ZoneOffset.UTC)), file);
        String client = UnderFault.client(vault);
        // Which has the vault to itself so, and is several times as fast.
        Ran taken = vault.as(
                "boss", "patrons", "import", file.toString(), "--format", "vault-jsonl", "--consent-policy", "2018-05");
        assertThat(taken.exit()).as("%s", taken).isZero();
        vault.start();
        try (UnderFault work =
                UnderFault.begin(vault, client, "kill of one with " + patrons + " patrons at work on its keys", true)) {
            int times = UnderFault.times("many", 5);
            Path log = vault.home().resolve("data/vault.db-wal");
            // So slowly that it outlasts them.
            vault.json("cust1", "keys", "rotate", "phone", "--rate", Integer.toString(patrons / LEAST_SECONDS));
            long isLong = Math.min(LONG_LOG_BYTES, (long) patrons * LONG_LOG_BYTES_OF_ONE);
            vault.server().awaitUntil("the write-ahead log stays short", () -> size(log) > isLong);
            for (int n = 0; n < Math.max(2, times); n++) {
                assertThat(rotations()).as("under way at kill %d", n).hasSize(1);
                work.killAndGoOn(1);
            }
            work.endLoad();
            rotations().forEach(id -> vault.json("cust1", "keys", "pace", id, "--rate", "0"));
            vault.server()
                    .awaitUntil("the rotation does not end", () -> rotations().isEmpty());
            work.prove(Math.max(2, times));
        }
    }

    /** Those that run, and those that failed. */
    private List<String> rotations() {
        return vault.json("cust1", "keys", "status").path("operations").findValuesAsText("id");
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
