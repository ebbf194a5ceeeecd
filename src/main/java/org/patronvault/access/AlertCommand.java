package org.patronvault.access;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts a program for each alert, with the alert on its standard input. No shell reads the words; what the program
 * prints is not kept; it gets none of the variables that name the vault's secret files, and ends in time or is ended.
 */
final class AlertCommand implements AlertReceiver {
    private static final int SECONDS = 10;
    private static final String OUR_VARIABLES = "PATRON_VAULT_";

    private final List<String> words;
    private final Path directory;

    AlertCommand(List<String> words, Path directory) {
        this.words = words;
        this.directory = directory;
    }

    @Override
    public String name() {
        return "command";
    }

    @Override
    public void deliver(byte[] json) throws Undelivered, InterruptedException {
        Process process = start();
        try {
            // An alert is shorter than what a pipe holds, so a program that reads nothing does not stop us.
            try (OutputStream in = process.getOutputStream()) {
                in.write(json);
            } catch (IOException e) {
                // It did not want to read: whether it is content its exit code says.
            }
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new Undelivered("it does not end in time");
            }
            if (process.exitValue() != 0) {
                throw new Undelivered("it ends with exit code " + process.exitValue());
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private Process start() throws Undelivered {
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.startsWith(OUR_VARIABLES));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new Undelivered("it cannot be started");
        }
    }
}
