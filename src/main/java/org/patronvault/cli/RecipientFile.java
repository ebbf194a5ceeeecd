package org.patronvault.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.patronvault.crypto.CmsRecipient;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** The file of {@code --recipient}. */
final class RecipientFile {
    private static final int MAX_BYTES = 64 * 1024;

    private RecipientFile() {}

    /** Whom its certificate names; refused if it cannot be read, or is none to seal to. */
    static CmsRecipient read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return CmsRecipient.ofPem(in.readNBytes(MAX_BYTES + 1), Clock.systemUTC());
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "The file of --recipient cannot be read.");
        }
    }
}
