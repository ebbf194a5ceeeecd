package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.testing.OpenVault;

/** A starter of {@link DyingVault}s on the class path of this JVM. */
public final class DyingJvm {
    private static final int KILLED = 128 + 9;

    private final List<String> java = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xlog:disable"));

    /** Starts each process without preparation, which is faster for a few processes. */
    public DyingJvm() {
        java.addAll(List.of("-cp", System.getProperty("java.class.path")));
        // Class files that are verified in this JVM are not verified again.
        java.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote"));
    }

    /**
     * Prepares an archive of classes in that directory, which halves the time in which each process starts. The archive
     * costs as much as several starts. It accepts jars only, so the directories of classes become a jar.
     */
    DyingJvm(Path directory) {
        Path archive = directory.resolve("classes.jsa");
        java.addAll(List.of("-cp", jars(directory.resolve("classes.jar"))));
        java.add("-XX:ArchiveClassesAtExit=" + archive);
        try (OpenVault vault = OpenVault.onSqlite()) {
            vault.register("'card':'A1','name':{'family':'Doe'}");
            vault.whileStopped(() -> liveAndEnd(vault));
        }
        assertThat(archive).isNotEmptyFile();
        java.set(java.size() - 1, "-XX:SharedArchiveFile=" + archive);
    }

    private void liveAndEnd(OpenVault vault) {
        try {
            Process process = start(vault, "search", OperationProbe.Stage.BEGUN, "2", DyingVault.HALT);
            BufferedReader printed = process.inputReader(StandardCharsets.UTF_8);
            assertThat(printed.lines()).contains(DyingVault.NEVER_THERE);
            assertThat(process.waitFor()).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String jars(Path jar) {
        List<String> jars = new ArrayList<>(List.of(jar.toString()));
        List<String> making = new ArrayList<>(List.of("--create", "--no-compress", "--file", jar.toString()));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (Files.isDirectory(Path.of(entry))) {
                making.addAll(List.of("-C", entry, "."));
            } else {
                jars.add(entry);
            }
        }
        int ended =
                ToolProvider.findFirst("jar").orElseThrow().run(System.err, System.err, making.toArray(String[]::new));
        assertThat(ended).isZero();
        return String.join(File.pathSeparator, jars);
    }

    private Process start(OpenVault vault, String asked, OperationProbe.Stage stage, String nth, String how)
            throws IOException {
        List<String> words = new ArrayList<>(java);
        words.addAll(List.of(
                DyingVault.class.getName(), vault.home().directory().toString(), asked, stage.name(), nth, how));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try (OutputStream out = process.getOutputStream()) {
            out.write(OpenedKeys.told(vault.home().keys()).getBytes(StandardCharsets.UTF_8));
        }
        return process;
    }

    /**
     * Runs a process on a stopped vault that dies at the n-th time of that stage.
     *
     * @param asked the rotation or destruction to begin, or {@link DyingVault#RESUME}
     * @param outside whether it waits there and is killed, instead of halting while its other threads run
     */
    public void die(OpenVault vault, String asked, OperationProbe.Stage stage, String nth, boolean outside) {
        try {
            Process process = start(vault, asked, stage, nth, outside ? DyingVault.WAIT : DyingVault.HALT);
            BufferedReader printed = process.inputReader(StandardCharsets.UTF_8);
            assertThat(printed.readLine())
                    .as(() -> stage + "." + nth + "\n" + printed.lines().collect(Collectors.joining("\n")))
                    .isEqualTo(DyingVault.THERE);
            if (outside) {
                process.destroyForcibly();
            }
            assertThat(process.waitFor()).isEqualTo(outside ? KILLED : DyingVault.HALTED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
