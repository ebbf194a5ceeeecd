package org.patronvault.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The certificate file of {@code --recipient}. */
public final class RecipientFile {
    private static final int MAX_BYTES = 64 * 1024;

    private RecipientFile() {}

    /** Returns the certificate's recipient. Refuses a file that is unreadable or names no key for encryption. */
    public static CmsRecipient read(Path file) {
        return CmsRecipient.ofPem(text(file).getBytes(StandardCharsets.ISO_8859_1), Clock.systemUTC());
    }

    /** Returns the unchecked text of the file, or refuses an unreadable one. */
    public static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES + 1), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "The file of --recipient cannot be read.");
        }
    }
}
