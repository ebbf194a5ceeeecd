package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.Skips;

/** Tests of the doctor's check of alert receivers. */
final class AlertsLookTest {
    @TempDir
    private Path directory;

    @Test
    void packagesMailProgramThatKnowsNoSenderIsWrong() throws IOException {
        Path settings = directory.resolve("mail");
        assertThat(AlertsLook.mail(AlertsLook.MAILER, settings))
                .hasValueSatisfying(says -> assertThat(says).contains("is not there"));
        Files.writeString(settings, "url = smtp://mail.example.org\n");
        assertThat(AlertsLook.mail(AlertsLook.MAILER, settings))
                .hasValueSatisfying(says -> assertThat(says).contains("has no mail-from"));
        assertThat(AlertsLook.mail("/usr/local/bin/tell", settings)).isEmpty();
    }

    @Test
    void packagesMailProgramThatKnowsItsSenderIsFine() throws IOException {
        Skips.unless(Doctor.isProgram("curl"), "curl is not installed");
        Path settings = Files.writeString(directory.resolve("mail"), "  mail-from = \"vault@example.org\"\n");
        assertThat(AlertsLook.mail(AlertsLook.MAILER, settings)).isEmpty();
    }
}
