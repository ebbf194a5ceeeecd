package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.testing.Skips;

/** A running server whose calls to the system are traced, and made to fail, until this is closed. */
final class Strace implements AutoCloseable {
    private static final String INJECTED = "(INJECTED)";
    private static final Pattern MADE = Pattern.compile("\\b([0-9]{10})\\.([0-9]{6}) ");

    private final Process process;
    private final Path trace;

    private Strace(Process process, Path trace) {
        this.process = process;
        this.trace = trace;
    }

    /** As many calls of that name as the thread made that made most: strace counts those of each by themselves. */
    static int mostOfAThread(Path trace, String call) throws IOException {
        return Files.readAllLines(trace, StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.contains(" " + call + "("))
                .collect(Collectors.groupingBy(line -> line.split(" ", 2)[0], Collectors.counting()))
                .values()
                .stream()
                .mapToInt(Long::intValue)
                .max()
                .orElseThrow();
    }

    /** Skips the test, with the reason, where there is no such program. */
    static void require() {
        Skips.unless(isInstalled(), "strace is not installed");
    }

    private static boolean isInstalled() {
        try {
            return new ProcessBuilder("strace", "-V")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Traces all threads that the server has, and will have, into that file. */
    static Strace attach(RunningVault vault, Path trace, String... options) {
        return attach(
                vault, trace, List.of("-f", "-p", Long.toString(vault.server().pid())), options);
    }

    /** The words that name the threads of that name that the server has now. */
    static List<String> threads(RunningVault vault, String name) {
        List<String> words = new ArrayList<>();
        try (Stream<Path> all =
                Files.list(Path.of("/proc", Long.toString(vault.server().pid()), "task"))) {
            for (Path one : all.toList()) {
                if (Files.readString(one.resolve("comm")).strip().equals(name)) {
                    words.addAll(List.of("-p", one.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(words).as("threads " + name).isNotEmpty();
        return words;
    }

    /** Traces those threads that the server has now into that file. */
    static Strace attach(RunningVault vault, Path trace, List<String> threads, String... options) {
        assertThat(vault.server().isAlive()).as(vault.server().printed()).isTrue();
        try {
            List<String> words = new ArrayList<>(List.of("strace", "-ttt", "-o", trace.toString()));
            words.addAll(List.of(options));
            words.addAll(threads);
            Path said = Files.createTempFile(vault.root(), "strace", ".txt");
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            long asked = words.stream().filter("-p"::equals).count();
            vault.server()
                    .awaitUntil("nothing is traced", () -> !process.isAlive() || count(said, " attached") >= asked);
            assertThat(vault.server().isAlive()).as(vault.server().printed()).isTrue();
            Skips.unless(process.isAlive(), "this machine lets nobody trace");
            return new Strace(process, trace);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long count(Path file, String text) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(text)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isTracing() {
        return process.isAlive();
    }

    /** Whether a call was made to fail. */
    boolean hasInjected() {
        return count(trace, INJECTED) > 0;
    }

    /** When the first call was made that was made to fail, as {@link System#nanoTime} was then. */
    long injectedNanos() {
        Matcher made = MADE.matcher(injected());
        assertThat(made.find()).as("when a call failed: %s", injected()).isTrue();
        Instant now = Instant.now();
        Instant then = Instant.ofEpochSecond(
                Long.parseLong(made.group(1)), TimeUnit.MICROSECONDS.toNanos(Long.parseLong(made.group(2))));
        return System.nanoTime() - Duration.between(then, now).toNanos();
    }

    /** The calls that were made to fail, with {@code -y -Y} each with its thread and its file. */
    String injected() {
        try (Stream<String> lines = Files.lines(trace)) {
            return lines.filter(line -> line.contains(INJECTED)).toList().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the tracing, unless it ended with the server. */
    @Override
    public void close() {
        try {
            process.destroy();
            int unused = process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
