package org.patronvault.access;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program that {@code vault.yaml} names, given something on its standard input. No shell reads its words; what it prints
 * is not kept; it gets none of the variables that name the vault's secret files, and ends in ten seconds or is ended.
 */
public final class ExternalProgram {
    private static final int SECONDS = 10;
    private static final String OUR_VARIABLES = "PATRON_VAULT_";

    private final List<String> words;
    private final Path directory;

    /**
     * Starts nothing yet.
     *
     * @param words the program and its arguments
     * @param directory where it is started
     */
    public ExternalProgram(List<String> words, Path directory) {
        this.words = List.copyOf(words);
        this.directory = directory;
    }

    /** That it did not run to its end, and why, in words that hold nothing of what was sent. */
    public static final class Unended extends Exception {
        private static final long serialVersionUID = 1L;

        Unended(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Starts it and waits for its end.
     *
     * @param input less than what a pipe holds, so that a program that reads nothing does not stop us
     * @return what is wrong, unless it ended with exit code 0
     */
    public Optional<String> run(byte[] input) throws InterruptedException {
        try {
            int code = exitCode(input);
            return code == 0 ? Optional.empty() : Optional.of("it ends with exit code " + code);
        } catch (Unended e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The same; returns the exit code, whichever it is. */
    public int exitCode(byte[] input) throws Unended, InterruptedException {
        Process process;
        try {
            process = start();
        } catch (IOException e) {
            throw new Unended("it cannot be started");
        }
        try {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            } catch (IOException e) {
                // It did not want to read: whether it is content its exit code says.
            }
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new Unended("it does not end in time");
            }
            return process.exitValue();
        } finally {
            end(process);
        }
    }

    private static void end(Process process) {
        try {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
        } catch (RuntimeException e) {
            // Who they are cannot be read where no file can be opened just now.
        }
        process.destroyForcibly();
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.startsWith(OUR_VARIABLES));
        return builder.start();
    }
}
