package org.patronvault.app;

import java.nio.file.Path;
import java.util.Optional;
import org.patronvault.web.WebSettings;

/**
 * What {@code serve} was started with, which no file of the home says.
 *
 * @param web where and how it listens, by its options and vault.yaml together
 * @param passphraseFile what opens it at each start, if a file does
 * @param exitOnSeal whether it ends when it is sealed
 * @param hsmPin the file with the PIN of an HSM, if an option names it
 */
public record StartedWith(
        Optional<WebSettings> web, Optional<Path> passphraseFile, boolean exitOnSeal, Optional<Path> hsmPin) {
    /** Nothing is served. */
    public static final StartedWith NOTHING =
            new StartedWith(Optional.empty(), Optional.empty(), false, Optional.empty());
}
