package org.patronvault.access.signon;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The settings of the identity provider for staff sign-on, from {@code vault.yaml}.
 *
 * @param issuer exactly as the provider writes itself
 * @param secretFile holds the client's secret, an absolute path
 * @param name the name that the page gives the account there
 * @param callback the URL to which the provider sends browsers back
 * @param libraryClaim empty if the provider says nothing of libraries
 * @param secondFactorValue the value in {@code acr} or {@code amr} that proves a second factor; empty for never
 * @param maxAgeMinutes how long ago the password may have been typed there
 */
public record OpenIdSettings(
        URI issuer,
        String clientId,
        Path secretFile,
        String name,
        URI callback,
        List<String> scopes,
        String userNameClaim,
        String rolesClaim,
        Optional<String> libraryClaim,
        Optional<String> secondFactorValue,
        int maxAgeMinutes) {
    /** The path of {@link #callback}. */
    public static final String CALLBACK = "/sign-on/callback";

    /** Returns these settings with another secret file. */
    public OpenIdSettings withSecretFile(Path file) {
        return new OpenIdSettings(
                issuer,
                clientId,
                file,
                name,
                callback,
                scopes,
                userNameClaim,
                rolesClaim,
                libraryClaim,
                secondFactorValue,
                maxAgeMinutes);
    }
}
