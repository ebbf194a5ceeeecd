package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.patronvault.access.signon.OpenIdSettings;
import org.patronvault.testing.TestProvider;

/** Signing on at a vault that knows its provider from {@code vault.yaml} alone, and is served over TLS. */
final class OpenIdIT {
    private static final String DESK = "https://vault.library.lan";

    @AutoClose
    private final RunningVault vault = RunningVault.create().overTls();

    /** Has policy.yaml and vault.yaml say what sign-on.md has an administrator write. */
    private void nameInSettings(OpenIdSettings provider) throws IOException {
        Path policy = vault.home().resolve("policy.yaml");
        String text = Files.readString(policy);
        Files.writeString(policy, text.replace("signOn: {}", "signOn: {town-desk: [circulation]}"));
        Files.setPosixFilePermissions(provider.secretFile(), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(
                vault.home().resolve("vault.yaml"),
                """
                signOn:
                  issuer: %s
                  clientId: %s
                  clientSecretFile: %s
                  name: %s
                  deskUrl: %s
                """.formatted(
                                provider.issuer(),
                                provider.clientId(),
                                provider.secretFile().getFileName(),
                                provider.name(),
                                DESK),
                StandardOpenOption.APPEND);
    }

    private Answer get(String path, String cookie) {
        return vault.send("GET", path, "", null, Map.of("Cookie", cookie));
    }

    /** The cookie of that name, as a browser keeps it: one that says {@code __Host-} only with these, and over TLS. */
    private static String cookie(Answer answer, String name) {
        Optional<String> set = answer.response().headers().allValues("Set-Cookie").stream()
                .filter(cookie -> cookie.startsWith(name + "="))
                .findFirst();
        assertThat(set).as("%s", answer).isPresent();
        assertThat(set.get()).contains("; Path=/;", "; HttpOnly", "; Secure").doesNotContain("Domain");
        return set.get().split(";", 2)[0];
    }

    @Test
    void providerThatVaultYamlNamesLeadsToASessionAtTheDesk() throws IOException {
        try (TestProvider provider = TestProvider.start()) {
            OpenIdSettings named = provider.settings(vault.home(), DESK);
            nameInSettings(named);
            vault.start();
            assertThat(vault.address()).startsWith("https://");
            assertThat(vault.call("GET", "/").text()).contains("Sign in with the town");

            Answer begun = vault.call("GET", "/sign-on");
            assertThat(begun.status()).as("%s", begun).isEqualTo(303);
            URI there = URI.create(begun.header("Location"));
            assertThat(there.toString()).startsWith(provider.issuer());
            Map<String, List<String>> said =
                    provider.signOn(there, "1", Map.of("preferred_username", "kim", "groups", List.of("town-desk")));
            String callback = OpenIdSettings.CALLBACK + "?code="
                    + said.get("code").get(0) + "&state=" + said.get("state").get(0);
            Answer back = get(callback, cookie(begun, "__Host-vault-sign-on"));
            assertThat(back.status()).as("%s", back).isEqualTo(200);

            assertThat(get("/", cookie(back, "__Host-vault")).text())
                    .contains("Signed in as <strong>kim</strong>, acting as <strong>circulation</strong>");
        }
    }
}
