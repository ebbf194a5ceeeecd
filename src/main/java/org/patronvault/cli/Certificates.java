package org.patronvault.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** Reads the file of {@code --recipient}. */
final class Certificates {
    private static final int MAX_BYTES = 64 * 1024;

    private Certificates() {}

    /** What is in it, as far as it may be a certificate in PEM. */
    static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES + 1), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "The file of --recipient cannot be read.");
        }
    }
}
