package org.patronvault.privacy.entitlement;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.external.ExternalEndpoint;

/**
 * The settings of the system that verifies PINs; only the file {@code vault.yaml} has them.
 *
 * @param url the address that card and PIN are posted to
 * @param tokenFile holds the bearer token that is sent along
 * @param command a program and its arguments, started for each check; empty for none
 * @param directory the program's working directory
 */
public record PinSettings(Optional<URI> url, Optional<Path> tokenFile, List<String> command, Path directory) {
    /** Whether card and PIN leave this machine unencrypted. */
    public boolean isOpenToTheNetwork() {
        return url.filter(ExternalEndpoint::isOpenToTheNetwork).isPresent();
    }

    public PinSettings {
        command = List.copyOf(command);
    }
}
