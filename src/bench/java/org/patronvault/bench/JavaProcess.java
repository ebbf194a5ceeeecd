package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, of the JDK that is measured; what it prints goes to two files. Ended when closed. */
final class JavaProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 3_600;
    private static final int TO_STOP_SECONDS = 30;
    private static final int POLL_MILLIS = 50;

    private final Process process;
    private final String label;
    private final Path out;
    private final Path err;

    private JavaProcess(Process process, String label, Path out, Path err) {
        this.process = process;
        this.label = label;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts it.
     *
     * @param label names the output files in {@code directory}
     * @param words what follows {@code java}
     */
    static JavaProcess start(Path directory, String label, List<String> words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program("java"));
        command.addAll(words);
        Path out = directory.resolve(label + ".out");
        Path err = directory.resolve(label + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.environment().keySet().removeIf(name -> name.startsWith("PATRON_VAULT_"));
        return new JavaProcess(builder.start(), label, out, err);
    }

    /** Where a program of the JDK that is measured is: of the one that {@code bench.java} names, or else of this one's. */
    static String program(String name) {
        return Options.jdk().resolve("bin").resolve(name).toString();
    }

    /** Its number. */
    long pid() {
        return process.pid();
    }

    /** How long it has kept a core busy since it began. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Waits for its end and gives what it printed; fails unless it ended well. */
    String finish() throws IOException, InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException(label + " did not end well: " + Files.readString(err));
        }
        return Files.readString(out);
    }

    /** Fails if it has ended. */
    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException(label + " has ended: " + Files.readString(err));
        }
    }

    /** Waits until it has printed that, to either output. */
    void await(String text) throws IOException, InterruptedException {
        while (!(Files.readString(out) + Files.readString(err)).contains(text)) {
            requireAlive();
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Kills it by SIGKILL, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(TO_STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
