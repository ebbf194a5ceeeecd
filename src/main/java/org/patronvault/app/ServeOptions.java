package org.patronvault.app;

import java.nio.file.Path;
import java.util.Optional;
import org.patronvault.web.WebSettings;

/**
 * What {@code serve} was started with, which no file of the home says.
 *
 * @param settings what vault.yaml said then
 * @param web where and how it listens, by its options and vault.yaml together
 * @param passphraseFile what opens it at each start, if a file does
 * @param exitOnSeal whether it ends when it is sealed
 * @param hsmPin the file with the PIN of an HSM, if an option names it
 */
public record ServeOptions(
        Optional<Settings> settings,
        Optional<WebSettings> web,
        Optional<Path> passphraseFile,
        boolean exitOnSeal,
        Optional<Path> hsmPin) {
    /** Nothing is served. */
    public static final ServeOptions NOTHING =
            new ServeOptions(Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty());

    /** The same with those files in place of its own, where they are named. */
    ServeOptions with(Optional<Path> passphrase, Optional<Path> pin) {
        return new ServeOptions(settings, web, passphrase.or(this::passphraseFile), exitOnSeal, pin.or(this::hsmPin));
    }
}
