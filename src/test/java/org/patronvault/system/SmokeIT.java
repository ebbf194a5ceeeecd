package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.Skips;

/** The main job, checked by a program that shares no code with the vault. */
class SmokeIT {
    private static final Path CHECKS = Path.of("../shared/checks/smoke.py");

    @TempDir
    private Path directory;

    @Test
    void smokeChecksFindNothingWrong() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isRegularFile(CHECKS), "../shared is not beside this checkout");
        Skips.unless(pythonRuns(), "python3 is not installed");

        ProcessBuilder builder = new ProcessBuilder(
                        "python3",
                        CHECKS.toAbsolutePath().toString(),
                        VaultProcess.jar().toString())
                .redirectErrorStream(true);
        builder.environment().put("PATH", javaFirst() + ":" + System.getenv("PATH"));
        Process checks = builder.start();
        String printed = new String(checks.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(checks.waitFor()).as(printed).isZero();
    }

    /** A directory whose {@code java} is the one that runs every other test of the jar, with the same options. */
    private Path javaFirst() throws IOException {
        Path java = directory.resolve("java");
        String words =
                VaultProcess.java().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Path archive = PreparedHome.classes();
        Files.writeString(
                java,
                "#!/bin/sh\n" + "[ -f '" + archive + "' ] && set -- '" + PreparedHome.ARCHIVE_OPTION + archive
                        + "' \"$@\"\n" + "exec " + words + " \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        return directory;
    }

    private static boolean pythonRuns() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
