package org.patronvault.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of the jar in a JVM of its own; what it prints goes to two files. */
final class VaultProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 20;

    private final Process process;
    private final Path out;
    private final Path err;

    private VaultProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** What one command came to. */
    record Ran(int exit, String out, String err) {}

    /** Any command, with nothing to read; what it printed, errors too, is in {@code out}. */
    static Ran command(Map<String, String> environment, String... words) {
        try {
            ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ran(process.waitFor(), printed, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The jar under test: system property {@code vault.jar}, else where the build puts it. */
    static Path jar() {
        return Path.of(System.getProperty("vault.jar", "target/patron-vault.jar"))
                .toAbsolutePath();
    }

    /** The program that runs the jar, with options for processes that end soon. */
    static List<String> java() {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String options = System.getProperty("vault.jvm", "");
        if (!options.isBlank()) {
            words.addAll(List.of(options.split(" +")));
        }
        // An archive of classes that does not fit is left alone without a word.
        words.addAll(List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
        return words;
    }

    /**
     * Starts the jar in {@code directory}, which also gets the output files.
     *
     * @param jvm options of the JVM
     * @param environment variables beside those of this process; variables of the vault are not inherited
     */
    static VaultProcess start(Path directory, List<String> jvm, Map<String, String> environment, List<String> args) {
        return startUnder(List.of(), directory, jvm, environment, args);
    }

    /** The same under another program, which is given the JVM's command line as its last words. */
    static VaultProcess startUnder(
            List<String> program,
            Path directory,
            List<String> jvm,
            Map<String, String> environment,
            List<String> args) {
        try {
            List<String> words = new ArrayList<>(program);
            words.addAll(java());
            // Classes that were loaded and verified once, if such an archive was made for this jar and this JVM.
            if (Files.exists(PreparedHome.classes())) {
                words.add(PreparedHome.ARCHIVE_OPTION + PreparedHome.classes());
            }
            words.addAll(jvm);
            words.addAll(List.of("-jar", jar().toString()));
            words.addAll(args);
            Path out = Files.createTempFile(directory, "run", ".out");
            Path err = Files.createTempFile(directory, "run", ".err");
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PATRON_VAULT_"));
            builder.environment().putAll(environment);
            return new VaultProcess(builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it ends. */
    Ran await() {
        awaitUntil("the command does not end", () -> !process.isAlive());
        return new Ran(process.exitValue(), read(out), read(err));
    }

    /** Waits for a line in the output or the error output and gives its first group. */
    String awaitLine(Pattern line) {
        String[] found = new String[1];
        awaitUntil("nothing printed like " + line, () -> {
            Matcher matcher = line.matcher(printed());
            if (matcher.find()) {
                found[0] = matcher.group(1);
            }
            return found[0] != null;
        });
        return found[0];
    }

    /** Polls for a condition until it holds; fails when patience or this process ends before. */
    void awaitUntil(String otherwise, BooleanSupplier condition) {
        Instant end = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            boolean last = Instant.now().isAfter(end) || endsSoon();
            if (last && !condition.getAsBoolean()) {
                throw new AssertionError(otherwise + ": " + printed());
            }
        }
    }

    private boolean endsSoon() {
        try {
            return process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Everything printed so far. */
    String printed() {
        return read(out) + read(err);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its number to the system. */
    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to end (SIGTERM) and waits; gives the exit code. */
    int terminate() {
        process.destroy();
        return await().exit();
    }

    /** Ends it without asking (SIGKILL). */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        await();
    }

    /** The same after that time, whatever it is doing then. */
    void killAfter(int millis) {
        try {
            boolean unused = process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        kill();
    }

    /** Whether it has started another process that still runs. */
    boolean hasChildren() {
        return process.children().findAny().isPresent();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
