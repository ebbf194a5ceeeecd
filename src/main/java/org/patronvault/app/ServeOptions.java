package org.patronvault.app;

import java.nio.file.Path;
import java.util.Optional;
import org.patronvault.web.http.WebSettings;

/**
 * The options that {@code serve} was started with, which no file of the home holds.
 *
 * @param settings vault.yaml at the start
 * @param web addresses and TLS, from options and vault.yaml together
 * @param passphraseFile the file that unseals it at each start, if any
 * @param exitOnSeal whether the process ends when the vault is sealed
 * @param hsmPin the file with an HSM's PIN, if an option names it
 */
public record ServeOptions(
        Optional<Settings> settings,
        Optional<WebSettings> web,
        Optional<Path> passphraseFile,
        boolean exitOnSeal,
        Optional<Path> hsmPin) {
    /** No server runs. */
    public static final ServeOptions NOTHING =
            new ServeOptions(Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty());

    /** Returns these options with the given files in place of their own. */
    ServeOptions with(Optional<Path> passphrase, Optional<Path> pin) {
        return new ServeOptions(settings, web, passphrase.or(this::passphraseFile), exitOnSeal, pin.or(this::hsmPin));
    }
}
