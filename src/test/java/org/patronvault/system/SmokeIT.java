package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.Skips;

/** The main job, checked by a program that shares no code with the vault. */
class SmokeIT {
    private static final Path CHECKS = Path.of("../shared/checks/smoke.py");

    @Test
    void smokeChecksFindNothingWrong() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isRegularFile(CHECKS), "../shared is not beside this checkout");
        Skips.unless(pythonRuns(), "python3 is not installed");

        Process checks = new ProcessBuilder(
                        "python3",
                        CHECKS.toAbsolutePath().toString(),
                        VaultProcess.jar().toString())
                .redirectErrorStream(true)
                .start();
        String printed = new String(checks.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(checks.waitFor()).as(printed).isZero();
    }

    private static boolean pythonRuns() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
