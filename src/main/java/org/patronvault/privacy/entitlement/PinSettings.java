package org.patronvault.privacy.entitlement;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.ExternalEndpoint;

/**
 * Who says whether a PIN is right; the file {@code vault.yaml} alone says so.
 *
 * @param url where card and PIN are posted
 * @param tokenFile holds the bearer token that is sent along
 * @param command a program and its arguments, started for each check; empty for none
 * @param directory where the program is started
 */
public record PinSettings(Optional<URI> url, Optional<Path> tokenFile, List<String> command, Path directory) {
    /** Whether what is posted leaves this machine unencrypted. */
    public boolean isOpenToTheNetwork() {
        return url.filter(ExternalEndpoint::isOpenToTheNetwork).isPresent();
    }

    public PinSettings {
        command = List.copyOf(command);
    }
}
