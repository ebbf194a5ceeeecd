package org.patronvault.cli.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.patronvault.cli.terminal.Terminal;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A secret named by a file, or {@code -} for standard input, which a terminal reads without echo. It is read on first
 * use. A final line break is not part of it.
 */
public final class SecretSource {
    private static final int MAX_BYTES = 64 * 1024;

    private final String name;
    private final Invocation invocation;
    private String what = "Secret";
    private byte[] supplied;

    public SecretSource(String name, Invocation invocation) {
        this.name = name;
        this.invocation = invocation;
    }

    /** Names the option, so that the prompt says which secret it asks for. */
    void askedAs(String option) {
        String words = option.replaceAll("^--|-file$", "").replace('-', ' ');
        what = Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    /** The name on the command line. */
    String name() {
        return name;
    }

    /** The file that it names, or empty for standard input. */
    public Optional<Path> file() {
        return name.equals("-") ? Optional.empty() : Optional.of(invocation.path(name));
    }

    /** Gives it the content that was already read for its option. */
    public void supply(byte[] content) {
        supplied = content;
    }

    public byte[] bytes() {
        if (supplied != null) {
            return supplied;
        }
        if (invocation.handedOver().isPresent()) {
            throw new Refused(Problem.INVALID, "A secret file was not handed over.");
        }
        byte[] read = name.equals("-") ? readInput() : readFile();
        int length = read.length;
        while (length > 0 && (read[length - 1] == '\n' || read[length - 1] == '\r')) {
            length--;
        }
        if (length == 0) {
            throw new Refused(Problem.INVALID, "A secret file is empty.");
        }
        return Arrays.copyOf(read, length);
    }

    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    private byte[] readFile() {
        Path file = invocation.path(name);
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new Refused(Problem.INVALID, "A secret file is larger than 64 KiB.");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "A secret file cannot be read; check its name and permissions.");
        }
    }

    private byte[] readInput() {
        if (Terminal.console().isPresent()) {
            return Terminal.ask(what + ": ").orElse("").getBytes(StandardCharsets.UTF_8);
        }
        // One line each, so that several secrets can come from one standard input.
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            InputStream in = invocation.in();
            for (int c = in.read(); c >= 0 && c != '\n' && line.size() < MAX_BYTES; c = in.read()) {
                line.write(c);
            }
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "Standard input cannot be read.");
        }
        return line.toByteArray();
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
