package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;

/** A desk PC that trusts the library's own CA, and the vault that {@code tls init} made it for. */
final class TlsIT {
    private static final Pattern ADDRESS = Pattern.compile("Listening on (https://0\\.0\\.0\\.0:[0-9]+)/");

    private final RunningVault vault = RunningVault.create();

    @AfterEach
    void remove() {
        vault.close();
    }

    private JsonNode init(String... more) {
        String[] words = new String[more.length + 5];
        System.arraycopy(new String[] {"tls", "init", "--json", "--name", "vault.library.lan"}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        Ran ran = vault.run(words);
        assertThat(ran.exit()).as("%s", ran).isZero();
        return RunningVault.document(ran);
    }

    /** The status with which {@code /health/ready} is answered to who believes that authority. */
    private static int status(String address, Path authority)
            throws IOException, GeneralSecurityException, InterruptedException {
        HttpClient http =
                HttpClient.newBuilder().sslContext(OpenSsl.trusting(authority)).build();
        URI ready = URI.create(address.replace("0.0.0.0", "127.0.0.1") + "/health/ready");
        return http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void deskPcThatTrustsTheAuthorityReachesTheVaultOverTheNetworkAndNobodyElseIsBelieved() throws Exception {
        Ran refused = vault.apart(vault.environment(), "serve", "--port", "0", "--host", "0.0.0.0");
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("tls init");
        JsonNode made = init();
        Path authority = Path.of(made.path("authority").asText());
        assertThat(vault.run("tls", "show").out())
                .contains("vault.library.lan, localhost, 127.0.0.1")
                .contains(made.path("fingerprint").asText());
        OpenSsl.certificate(vault.root(), "localhost", "-addext", "subjectAltName=IP:127.0.0.1");
        try (VaultProcess server =
                vault.process(vault.environment(), List.of(), "serve", "--port", "0", "--host", "0.0.0.0")) {
            String address = server.awaitLine(ADDRESS);
            assertThat(status(address, authority)).isIn(200, 503);
            assertThatThrownBy(() -> status(address, vault.root().resolve("localhost.pem")))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void serverBehindAProxyStartsOnlyIfVaultYamlNamesItsHost() throws IOException {
        Ran refused = vault.apart(vault.environment(), "serve", "--port", "0", "--behind-proxy");
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("http.hosts", "http.publicUrl");
        Path settings = vault.home().resolve("vault.yaml");
        String before = Files.readString(settings);
        for (String named : List.of("hosts: [vault.example.org]", "publicUrl: 'https://library.example.org'")) {
            Files.writeString(settings, before + "http: {" + named + "}\n");
            try (VaultProcess server =
                    vault.process(vault.environment(), List.of(), "serve", "--port", "0", "--behind-proxy")) {
                assertThat(server.awaitLine(Pattern.compile("Listening on (http://127\\.0\\.0\\.1:[0-9]+)/")))
                        .isNotEmpty();
            }
        }
    }

    @Test
    void pageForDeskPcsHasThePortThatVaultYamlNames() throws IOException {
        Files.writeString(vault.home().resolve("vault.yaml"), "http: {port: 8443}\n", StandardOpenOption.APPEND);
        Path authority = Path.of(init().path("authority").asText());
        assertThat(authority.resolveSibling("desk-pcs.html")).content().contains("https://vault.library.lan:8443 in");
    }

    @Test
    @Tag(LongRun.TAG)
    void renewedWhileItServesItIsTakenWithoutAnInterruption() throws Exception {
        JsonNode made = init();
        Path authority = Path.of(made.path("authority").asText());
        Path certificate = authority.resolveSibling("server.crt");
        try (VaultProcess server =
                vault.process(vault.environment(), List.of(), "serve", "--port", "0", "--host", "0.0.0.0")) {
            String address = server.awaitLine(ADDRESS);
            int port = URI.create(address).getPort();
            String before = shown(port);
            assertThat(Files.readString(certificate)).startsWith(before);
            assertThat(vault.run("tls", "renew").exit()).isZero();
            assertThat(Files.readString(certificate)).doesNotStartWith(before);
            server.awaitUntil(
                    "the new certificate is not used", () -> !shown(port).equals(before));
            assertThat(Files.readString(certificate)).startsWith(shown(port));
            assertThat(status(address, authority)).isIn(200, 503);
        }
    }

    /** The certificate that a caller is shown, as PEM. */
    private String shown(int port) {
        try {
            int unused = OpenSsl.run(vault.root(), "s_client", "-connect", "127.0.0.1:" + port);
            String said = Files.readString(vault.root().resolve("openssl.out"));
            int begin = said.indexOf("-----BEGIN CERTIFICATE-----");
            return said.substring(begin, said.indexOf("-----END CERTIFICATE-----", begin));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void anotherAuthorityIsMadeOnlyWhenItIsMeant() {
        JsonNode made = init();
        Ran over = vault.run("tls", "init", "--name", "vault.library.lan");
        assertThat(over.exit()).isEqualTo(5);
        assertThat(over.err()).contains("--again");
        assertThat(init("--again").path("fingerprint")).isNotEqualTo(made.path("fingerprint"));
        assertThat(vault.run("tls", "init", "--name", "https://vault").exit()).isEqualTo(2);
    }
}
