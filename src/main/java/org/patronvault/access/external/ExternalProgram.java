package org.patronvault.access.external;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program from {@code vault.yaml} that gets a message on its standard input. No shell reads its arguments. Its output
 * is discarded. It gets no environment variable that names the vault's secret files. After ten seconds it is killed.
 */
public final class ExternalProgram {
    private static final int SECONDS = 10;
    private static final String OUR_VARIABLES = "PATRON_VAULT_";

    private final List<String> words;
    private final Path directory;

    /**
     * Makes the program; starts nothing yet.
     *
     * @param words the program and its arguments
     * @param directory its working directory
     */
    public ExternalProgram(List<String> words, Path directory) {
        this.words = List.copyOf(words);
        this.directory = directory;
    }

    /** Thrown if the program did not run to its end. The reason holds nothing of its input. */
    public static final class Unended extends Exception {
        private static final long serialVersionUID = 1L;

        Unended(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Runs the program and waits for its end.
     *
     * @param input less than a pipe holds, so a program that does not read cannot block the vault
     * @return the fault; empty if it ended with exit code 0
     */
    public Optional<String> run(byte[] input) throws InterruptedException {
        try {
            int code = exitCode(input);
            return code == 0 ? Optional.empty() : Optional.of("it ends with exit code " + code);
        } catch (Unended e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Runs the program and returns its exit code, also if it is not 0. */
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
                // The program did not read its input; its exit code says whether it succeeded.
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
            // The children cannot be listed if no file can be opened.
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
