package org.patronvault.access;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who is told of alerts; the file {@code vault.yaml} alone says so.
 *
 * @param webhook where they are posted
 * @param tokenFile holds the bearer token that is sent along
 * @param command a program and its arguments, started for each; empty for none
 * @param directory where the program is started
 */
public record AlertSettings(Optional<URI> webhook, Optional<Path> tokenFile, List<String> command, Path directory) {

    public AlertSettings {
        command = List.copyOf(command);
    }

    /** Whether anybody is told. */
    public boolean tellNobody() {
        return webhook.isEmpty() && command.isEmpty();
    }

    /** Whether what is posted leaves this machine unencrypted. */
    public boolean isOpenToTheNetwork() {
        return webhook.filter(ExternalEndpoint::isOpenToTheNetwork).isPresent();
    }
}
