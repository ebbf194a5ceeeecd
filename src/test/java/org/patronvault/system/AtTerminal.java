package org.patronvault.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.patronvault.testing.Skips;

/** The jar at a terminal of its own, which {@code script} makes, and somebody who types. */
final class AtTerminal implements AutoCloseable {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final long PATIENCE_SECONDS = 60;
    private static final long LONGEST_SECONDS = 300;

    private final Process process;
    private final StringBuilder seen = new StringBuilder();
    private int from;

    private AtTerminal(Process process) {
        this.process = process;
        // Whoever waits for what is never shown learns of it.
        CompletableFuture.delayedExecutor(LONGEST_SECONDS, TimeUnit.SECONDS).execute(this::close);
    }

    /** Starts a command there. */
    static AtTerminal start(Path directory, Map<String, String> environment, String... args) {
        List<String> words = new ArrayList<>(VaultProcess.java());
        words.addAll(List.of("-jar", VaultProcess.jar().toString()));
        words.addAll(List.of(args));
        return start(directory, environment, words);
    }

    /** Starts any command there. */
    static AtTerminal start(Path directory, Map<String, String> environment, List<String> words) {
        Skips.unless(Files.isExecutable(SCRIPT), "script (util-linux) is missing");
        String line = words.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        ProcessBuilder builder = new ProcessBuilder(
                        SCRIPT.toString(), "-qefc", "stty cols 200; exec " + line, "/dev/null")
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PATRON_VAULT_"));
        builder.environment().putAll(environment);
        builder.environment().put("SHELL", "/bin/sh");
        try {
            return new AtTerminal(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads on until this was shown, and gives it; what was shown before counts no more. */
    String await(String pattern) {
        Pattern wanted = Pattern.compile(pattern, Pattern.DOTALL);
        InputStream shown = process.getInputStream();
        byte[] buffer = new byte[4_096];
        try {
            while (true) {
                Matcher matcher = wanted.matcher(seen.substring(from));
                if (matcher.find()) {
                    String found = matcher.group();
                    from += matcher.end();
                    return found;
                }
                int read = shown.read(buffer);
                if (read < 0) {
                    throw new AssertionError("never shown: " + pattern + " in " + seen);
                }
                seen.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(seen.toString(), e);
        }
    }

    /** Types a line. */
    void type(String line) {
        try {
            OutputStream keys = process.getOutputStream();
            keys.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            keys.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that was shown so far. */
    String shown() {
        return seen.toString();
    }

    /** Reads to the end; gives the exit code. */
    int end() {
        try {
            seen.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("does not end: " + seen);
            }
            return process.exitValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
