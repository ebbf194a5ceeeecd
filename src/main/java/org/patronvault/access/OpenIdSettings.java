package org.patronvault.access;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code vault.yaml} says of the identity provider that staff sign on by.
 *
 * @param issuer as the provider writes itself, to the letter
 * @param secretFile holds the client's secret, an absolute path
 * @param name what the page calls the account there
 * @param callback where the provider sends browsers back to
 * @param libraryClaim empty if the provider says nothing of libraries
 * @param secondFactorValue what stands in {@code acr} or {@code amr} where a second factor was proved; empty for never
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

    /** The same with the secret in another file. */
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
