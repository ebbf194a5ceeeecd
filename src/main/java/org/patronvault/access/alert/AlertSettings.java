package org.patronvault.access.alert;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.external.ExternalEndpoint;

/**
 * The receivers of alerts, as {@code vault.yaml} alone names them.
 *
 * @param webhook the URL that alerts are posted to
 * @param tokenFile holds the bearer token that is sent along
 * @param command a program and its arguments, started for each alert; empty for none
 * @param directory the program's working directory
 */
public record AlertSettings(Optional<URI> webhook, Optional<Path> tokenFile, List<String> command, Path directory) {

    public AlertSettings {
        command = List.copyOf(command);
    }

    /** Whether there is no receiver. */
    public boolean tellNobody() {
        return webhook.isEmpty() && command.isEmpty();
    }

    /** Whether posted alerts leave this machine unencrypted. */
    public boolean isOpenToTheNetwork() {
        return webhook.filter(ExternalEndpoint::isOpenToTheNetwork).isPresent();
    }
}
