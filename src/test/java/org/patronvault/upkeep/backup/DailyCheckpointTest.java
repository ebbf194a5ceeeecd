package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.testing.OpenVault;

/** Tests of the daily export of a checkpoint, by a real program. */
final class DailyCheckpointTest {
    private final AtomicLong nanos = new AtomicLong();

    @TempDir
    Path directory;

    private OpenVault vault;
    private Path taken;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        taken = directory.resolve("taken");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private DailyCheckpoint daily(List<String> command) {
        return new DailyCheckpoint(vault.vault().log(), command, directory, directory, vault.clock(), nanos::get);
    }

    /** A program that keeps what it is given, and its environment, and ends with that exit code. */
    private List<String> keeping(int exit) throws IOException {
        Path script = directory.resolve("keep");
        Files.writeString(script, "#!/bin/sh\ncat > \"$1\"\nenv > \"$1.env\"\npwd >> \"$1.env\"\nexit " + exit + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return List.of(script.toString(), taken.toString());
    }

    private void later(DailyCheckpoint daily, Duration time) {
        nanos.addAndGet(time.toNanos());
        vault.clock().advance(time);
        daily.turn();
    }

    /** The file's time is the machine's; the vault's clock stands where a test put it. */
    private void sentNow() throws IOException {
        Files.setLastModifiedTime(
                directory.resolve(DailyCheckpoint.SENT),
                FileTime.from(vault.clock().instant()));
    }

    private List<String> alerts() {
        return vault.logSince(0).stream()
                .filter(event -> event.outcome() == Outcome.ALERT)
                .map(event -> event.about().orElse(""))
                .toList();
    }

    @Test
    void checkpointIsHandedOverOnceADayAndTheLogGrowsFromIt() throws IOException {
        DailyCheckpoint daily = daily(keeping(0));
        daily.turn();
        String first = Files.readString(taken);
        assertThat(Files.readString(directory.resolve(DailyCheckpoint.SENT))).isEqualTo(first);
        sentNow();
        Files.delete(taken);
        vault.register("'card':'K1','name':{'family':'Doe'}");
        later(daily, Duration.ofHours(23));
        assertThat(taken).doesNotExist();
        later(daily, Duration.ofHours(1));
        String second = Files.readString(taken);
        assertThat(second).isNotEqualTo(first);
        assertThat(LogVerifier.verify(
                                vault.vault().store(),
                                List.of(
                                        new LogVerifier.SavedCheckpoint("monday", first),
                                        new LogVerifier.SavedCheckpoint("tuesday", second)))
                        .ok())
                .isTrue();
        assertThat(Files.readString(Path.of(taken + ".env"))).doesNotContain("PATRON_VAULT_");
        // A restart does not send it again, and a clock that was wrong does not keep it from being sent.
        sentNow();
        Files.delete(taken);
        daily(keeping(0)).turn();
        assertThat(taken).doesNotExist();
        later(daily, Duration.ofDays(-40));
        assertThat(taken).exists();
        assertThat(alerts()).isEmpty();
    }

    @Test
    void whatCouldNotBeHandedOverIsTriedEachHourAndSaidAfterADay() throws IOException {
        DailyCheckpoint daily = daily(keeping(3));
        daily.turn();
        assertThat(taken).exists();
        assertThat(directory.resolve(DailyCheckpoint.SENT)).doesNotExist();
        Files.delete(taken);
        later(daily, Duration.ofMinutes(59));
        assertThat(taken).doesNotExist();
        later(daily, Duration.ofMinutes(1));
        assertThat(taken).exists();
        later(daily, Duration.ofHours(22));
        assertThat(alerts()).isEmpty();
        later(daily, Duration.ofHours(1));
        assertThat(alerts()).containsExactly("checkpoint-unsent");
        later(daily, Duration.ofHours(1));
        assertThat(alerts()).hasSize(1);
        keeping(0);
        later(daily, Duration.ofHours(1));
        assertThat(directory.resolve(DailyCheckpoint.SENT)).exists();
    }

    @Test
    void withoutAProgramNothingIsHandedOverAndOneThatCannotBeStartedIsSaidInTime() {
        DailyCheckpoint none = daily(List.of());
        none.turn();
        DailyCheckpoint missing = daily(List.of(directory.resolve("no-such").toString()));
        missing.turn();
        later(missing, Duration.ofHours(24));
        assertThat(alerts()).containsExactly("checkpoint-unsent");
        assertThat(directory.resolve(DailyCheckpoint.SENT)).doesNotExist();
    }
}
