package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.testing.OpenVault;

/** Tests of automatic backups by one of two nodes, while the other cannot make any. */
final class ScheduledBackupOnPostgresTest {
    private final AtomicLong nanos = new AtomicLong();

    @TempDir
    private Path directory;

    private OpenVault here;
    private OpenVault there;

    @BeforeEach
    void open() {
        here = OpenVault.onPostgres();
        there = here.another();
        here.register("'card':'A1','name':{'family':'Ann'}");
    }

    @AfterEach
    void close() {
        if (there != null) {
            there.close();
        }
        if (here != null) {
            here.close();
        }
    }

    private ScheduledBackup schedule(OpenVault node, Path backups) {
        return new ScheduledBackup(
                Optional.of(new BackupPlan(backups, 1, 37, true)),
                node.backup(),
                node.home().node(),
                node.clock(),
                nanos::get);
    }

    private static void turn(ScheduledBackup scheduled) throws Exception {
        scheduled.turn();
        scheduled.settle();
    }

    private void later(Duration time) {
        nanos.addAndGet(time.toNanos());
        here.clock().advance(time);
    }

    private long logged(Outcome outcome, String about) {
        return here.logSince(0).stream()
                .filter(event -> event.act() == ActKind.BACKUP
                        && event.outcome() == outcome
                        && event.about().equals(Optional.of(about)))
                .count();
    }

    private static List<Path> in(Path backups) throws IOException {
        try (var all = Files.list(backups)) {
            return all.toList();
        }
    }

    /** One fails each hour, and the other asks a quarter later. */
    private void failingDoesNotKeepTheOtherFromIt(Path failing) throws Exception {
        Path backups = Files.createDirectory(directory.resolve("backups"));
        try (ScheduledBackup fails = schedule(here, failing);
                ScheduledBackup makes = schedule(there, backups)) {
            for (int day = 1; day <= 3; day++) {
                turn(fails);
                assertThat(logged(Outcome.FAILED, "schedule")).isEqualTo(day);
                later(Duration.ofMinutes(15));
                turn(makes);
                assertThat(in(backups)).hasSize(day);
                later(Duration.ofHours(25));
            }
        }
    }

    @Test
    void nodeWhoseDirectoryIsMissingTakesNoTurn() throws Exception {
        failingDoesNotKeepTheOtherFromIt(directory.resolve("missing"));
        assertThat(logged(Outcome.CONFIGURATION, "schedule")).as("turns").isEqualTo(3);
    }

    @Test
    void nodeThatFailsEachTimeGivesItsTurnBack() throws Exception {
        // In the home, where none may be made: it fails once it has its turn.
        failingDoesNotKeepTheOtherFromIt(
                Files.createDirectory(here.home().directory().resolve("backups")));
        assertThat(logged(Outcome.CONFIGURATION, "schedule"))
                .as("turns and given back")
                .isEqualTo(3 * 3);
    }
}
