package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the doctor's check of the running program. */
final class ProgramLookTest {
    @TempDir
    private Path directory;

    @Test
    void whatRunsAsItWasInstalledIsFineWithItsJava() {
        Doctor.Line line = ProgramLook.here().line();
        assertThat(line.verdict()).as(line.says()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(line.says()).contains("Java " + Runtime.version());
    }

    @Test
    void fileThatAPackagePutInItsPlaceSinceIsNamedThoughItsOwnDateIsOlder() throws IOException {
        Path jar = Files.writeString(directory.resolve("patron-vault.jar"), "0.1.0");
        Instant started = Instant.now().plusSeconds(1);
        assertThat(new ProgramLook(List.of(jar), started).line().verdict()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(new ProgramLook(List.of(jar, directory.resolve("removed")), started)
                        .line()
                        .verdict())
                .isEqualTo(Doctor.Verdict.NOTE);

        Path next = Files.writeString(directory.resolve("next"), "0.2.0");
        Files.setLastModifiedTime(next, FileTime.from(started.minusSeconds(1_000_000)));
        Files.move(next, jar, StandardCopyOption.REPLACE_EXISTING);
        Doctor.Line line = new ProgramLook(List.of(jar), Instant.now().minusSeconds(60)).line();
        assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(line.says()).contains("systemctl restart patron-vault");
    }
}
