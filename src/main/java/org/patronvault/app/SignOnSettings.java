package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.external.ExternalEndpoint;
import org.patronvault.access.signon.OpenIdSettings;

/** The settings in {@code vault.yaml} for the provider of staff sign-on. */
final class SignOnSettings {
    static final Set<String> MEMBERS = Set.of(
            "issuer",
            "clientId",
            "clientSecretFile",
            "name",
            "deskUrl",
            "scopes",
            "userNameClaim",
            "rolesClaim",
            "libraryClaim",
            "secondFactorValue",
            "maxAgeMinutes");

    private static final String OPENID = "openid";
    private static final int LONGEST_MINUTES = 720;
    private static final int MAX_TEXT = 200;

    private SignOnSettings() {}

    /** Returns the provider, or empty if none is named. The path of its secret stays as written. */
    static Optional<OpenIdSettings> read(JsonNode node, Optional<String> publicUrl) {
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        return Optional.of(new OpenIdSettings(
                issuer(required(node, "issuer")),
                required(node, "clientId"),
                Path.of(required(node, "clientSecretFile")),
                text(node, "name").orElse("your library account"),
                callback(node, publicUrl),
                scopes(node.path("scopes")),
                text(node, "userNameClaim").orElse("preferred_username"),
                text(node, "rolesClaim").orElse("groups"),
                text(node, "libraryClaim"),
                text(node, "secondFactorValue"),
                Settings.number(node.path("maxAgeMinutes"), 0, 0, LONGEST_MINUTES, "signOn.maxAgeMinutes")));
    }

    private static Optional<String> text(JsonNode node, String member) {
        JsonNode said = node.path(member);
        if (said.isMissingNode() || said.isNull()) {
            return Optional.empty();
        }
        if (!said.isTextual() || said.textValue().isBlank() || said.textValue().length() > MAX_TEXT) {
            throw Settings.wrong("must give signOn." + member + " as text of 1 to " + MAX_TEXT + " characters");
        }
        return Optional.of(said.textValue());
    }

    private static String required(JsonNode node, String member) {
        return text(node, member)
                .orElseThrow(() -> Settings.wrong(
                        "must give signOn.issuer, clientId and clientSecretFile: it names no " + member));
    }

    /** The issuer as written, because it is compared with the provider's own spelling. */
    private static URI issuer(String text) {
        URI url = WebAddress.of(text, "signOn.issuer");
        if (ExternalEndpoint.isOpenToTheNetwork(url) || url.getQuery() != null || url.getFragment() != null) {
            throw Settings.wrong("must give signOn.issuer as an https address, as the provider writes it itself");
        }
        return url;
    }

    private static URI callback(JsonNode node, Optional<String> publicUrl) {
        String base = text(node, "deskUrl")
                .map(text -> WebAddress.ofVault(text, "signOn.deskUrl"))
                .or(() -> publicUrl)
                .orElseThrow(() -> Settings.wrong(
                        "must say where the provider sends desks back to: http.publicUrl, or signOn.deskUrl, such as"
                                + " https://vault.example.org"));
        return URI.create(base + OpenIdSettings.CALLBACK);
    }

    private static List<String> scopes(JsonNode node) {
        List<String> scopes = node.isMissingNode() ? List.of(OPENID, "profile") : Settings.texts(node, "signOn.scopes");
        boolean words = scopes.stream().allMatch(scope -> scope.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,100}"));
        if (!words || !scopes.contains(OPENID)) {
            throw Settings.wrong("must give signOn.scopes as a list of words, openid among them");
        }
        return scopes;
    }
}
