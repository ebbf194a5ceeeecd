package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** A large import that dies in the middle and is run again. */
@Tag(LongRun.TAG)
class ResumedImportIT {
    private static final int PATRONS = 16_000;
    private static final int DIES_AFTER = 5_000;

    /** So that an import writes some 5,600 patrons at a time: each of the two runs ends within the file. */
    private static final String SMALL_HEAP = "-Xmx128m";

    private static final Duration PATIENCE = Duration.ofMinutes(8);

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private Path patrons(int count) {
        Random random = new Random(20261124);
        Path file = vault.root().resolve("patrons.jsonl");
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (int n = 1; n <= count; n++) {
                lines.write(String.format(
                        "{\"card\":\"2123%010d\",\"name\":{\"family\":\"Family%d\",\"given\":\"Given%d\"},"
                                + "\"address\":{\"line1\":\"%d Elm St\",\"city\":\"New Canaan\"},"
                                + "\"phone\":[\"203-555-%04d\"],\"email\":[\"p%d@example.org\"],\"library\":\"NC\"}%n",
                        n, random.nextInt(5_000), random.nextInt(500), n, random.nextInt(10_000), n));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return file;
    }

    private VaultProcess importing(Path file) {
        return vault.process(
                vault.environment("boss"),
                List.of(SMALL_HEAP),
                "patrons",
                "import",
                file.toString(),
                "--format",
                "vault-jsonl",
                "--consent-policy",
                "2018-05",
                "--json");
    }

    /** What the import came to, however long it takes. */
    private static Ran ended(VaultProcess process) {
        Awaitility.await().atMost(PATIENCE).until(() -> !process.isAlive());
        return process.await();
    }

    /** How many patrons the database holds, looked at from outside. */
    private long stored() {
        try (Connection connection = Databases.connect(vault.home());
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM patron")) {
            return count.next() ? count.getLong(1) : 0;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitStored(long least) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> stored() >= least);
    }

    private static void assertReport(JsonNode report, long created, long unchanged) {
        assertThat(report.path("created").asLong()).as("created: %s", report).isEqualTo(created);
        assertThat(report.path("unchanged").asLong())
                .as("unchanged: %s", report)
                .isEqualTo(unchanged);
        assertThat(report.path("updated").asLong()).as("updated: %s", report).isZero();
        assertThat(report.path("refused")).isEmpty();
    }

    @Test
    void importKilledInTheMiddleIsFinishedByRunningItAgainEvenOnAFileThatIsWrittenToMeanwhile() throws IOException {
        Path file = patrons(PATRONS);
        try (VaultProcess process = importing(file)) {
            awaitStored(DIES_AFTER);
            assertThat(process.isAlive()).as(process.printed()).isTrue();
            process.kill();
        }
        long kept = stored();
        assertThat(kept).isBetween((long) DIES_AFTER, (long) PATRONS - 1);

        Ran second;
        try (VaultProcess process = importing(file)) {
            awaitStored(kept + 1);
            // As if the export were still under way.
            Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
            second = ended(process);
        }

        assertThat(second.exit()).as("%s", second).isEqualTo(1);
        JsonNode report = RunningVault.document(second);
        assertReport(report, PATRONS - kept, kept);
        assertThat(report.path("remarks"))
                .extracting(JsonNode::asText)
                .containsExactly("The file changed while it was read: import it again once it is written completely.");
        assertThat(stored()).isEqualTo(PATRONS);
        JsonNode log = RunningVault.document(vault.run("log", "verify", "--json"));
        assertThat(log.path("ok").asBoolean()).as("%s", log).isTrue();
        assertThat(log.path("problems")).isEmpty();
    }
}
