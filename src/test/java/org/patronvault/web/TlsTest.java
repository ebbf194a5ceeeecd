package org.patronvault.web;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.app.Service;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.Skips;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.ServerTls;
import org.patronvault.web.http.WebSettings;

/** Tests of the server's TLS with {@code openssl s_client}, which accepts anything. */
final class TlsTest {
    private static final String ANYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

    @TempDir
    static Path directory;

    private static ServedVault served;
    private static WebServer server;
    private static ServerTls tls;

    @BeforeAll
    static void start() throws IOException {
        Skips.unless(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        OpenSsl.certificate(
                directory, "localhost", "-newkey", "rsa:2048", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1");
        served = new ServedVault();
        served.staff("kim", "circulation");
        tls = new ServerTls(
                directory.resolve("localhost.pem"), directory.resolve("localhost.key"), "--tls-cert and --tls-key");
        server = WebServer.start(
                Service.partsOf(served.vault().vault()),
                new WebSettings("127.0.0.1", 0, Optional.of(tls), false, OptionalInt.empty(), Proxies.NONE));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
            served.close();
        }
    }

    /** Returns openssl's output for a connection with {@code typed} as input. */
    private static String client(String typed, String... options) throws IOException {
        List<String> words = new ArrayList<>(
                List.of("openssl", "s_client", "-nameopt", "RFC2253", "-connect", "127.0.0.1:" + server.port()));
        words.addAll(List.of(options));
        Path input = Files.writeString(directory.resolve("typed"), typed);
        Process process = new ProcessBuilder(words)
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void requireRefused(String... options) throws IOException {
        assertThat(client("", options)).contains("Cipher is (NONE)").containsPattern("alert|no protocols available");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1", "-tls1_1"})
    void oldVersionIsRefused(String version) throws IOException {
        requireRefused(version, "-cipher", ANYTHING);
    }

    @Test
    void newVersionsAreSpokenWithAndWithoutAName() throws IOException {
        assertThat(client("", "-tls1_2")).containsPattern("New, TLSv1\\.2, Cipher is ECDHE-RSA-AES(256|128)-GCM");
        assertThat(client("", "-tls1_3")).contains("New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384");
        assertThat(client("", "-tls1_3", "-noservername")).contains("New, TLSv1.3");
        assertThat(client("", "-tls1_3", "-servername", "elsewhere.example")).contains("New, TLSv1.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kRSA", "aNULL", "eNULL", "SHA1", "AES:!AESGCM:!AESCCM", "CAMELLIA", "ARIA"})
    void weakSuiteIsRefused(String suites) throws IOException {
        requireRefused("-tls1_2", "-cipher", suites + ":@SECLEVEL=0");
    }

    @Test
    void filesThatChangeAreTakenAndThoseThatDoNotFitAreNot() throws IOException {
        byte[] certificate = Files.readAllBytes(directory.resolve("localhost.pem"));
        byte[] key = Files.readAllBytes(directory.resolve("localhost.key"));
        assertThat(tls.follow()).isFalse();
        OpenSsl.certificate(directory, "other", "-newkey", "rsa:2048");
        try {
            Files.copy(directory.resolve("other.pem"), directory.resolve("localhost.pem"), REPLACE_EXISTING);
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(tls::follow)
                    .withMessage("The files of --tls-cert and --tls-key do not belong together.");
            assertThat(client("")).contains("CN=localhost").doesNotContain("CN=other");
            Files.copy(directory.resolve("other.key"), directory.resolve("localhost.key"), REPLACE_EXISTING);
            assertThat(tls.follow()).isTrue();
            assertThat(client("")).contains("CN=other").doesNotContain("CN=localhost");
        } finally {
            Files.write(directory.resolve("localhost.pem"), certificate);
            Files.write(directory.resolve("localhost.key"), key);
            tls.follow();
        }
        assertThat(client("")).contains("CN=localhost");
    }

    @Test
    void endOfTheCertificateIsAMetric() throws IOException, GeneralSecurityException, InterruptedException {
        HttpClient http = HttpClient.newBuilder()
                .sslContext(OpenSsl.trusting(directory.resolve("localhost.pem")))
                .build();
        HttpResponse<String> metrics = http.send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/metrics"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(metrics.body())
                .containsPattern("(?m)^vault_tls_not_after_seconds [0-9.]+E9$")
                .contains("vault_tls_not_after_seconds " + (double) tls.end().getEpochSecond());
    }

    @Test
    void callerCannotHaveKeysAgreedOnAgain() throws IOException {
        Process process = new ProcessBuilder("openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:" + server.port())
                .redirectErrorStream(true)
                .start();
        StringBuilder said = new StringBuilder();
        try (BufferedReader out = process.inputReader();
                Writer in = process.outputWriter()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.append(line).append('\n');
                if (line.contains("Extended master secret")) {
                    // A line that is R asks for it.
                    in.write("R\n");
                    in.flush();
                } else if (line.equals("RENEGOTIATING")) {
                    in.write("GET /health/live HTTP/1.0\r\n\r\n");
                    in.flush();
                }
            }
        } catch (IOException ended) {
            // It has, before it was told the rest.
        }
        assertThat(said).contains("RENEGOTIATING").doesNotContain("HTTP/1.1 200");
    }

    @Test
    void browsersAreToldToStayWithTlsAndToSendTheCookieOverNothingElse()
            throws IOException, GeneralSecurityException, InterruptedException {
        HttpClient http = HttpClient.newBuilder()
                .sslContext(OpenSsl.trusting(directory.resolve("localhost.pem")))
                .build();
        URI base = URI.create("https://127.0.0.1:" + server.port());
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(base.resolve("/sign-in"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Origin", base.toString())
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "username=kim&password=" + ServedVault.PASSWORD.replace(' ', '+')))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.headers().firstValue("Strict-Transport-Security")).contains("max-age=31536000");
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .startsWith("__Host-vault=")
                .endsWith("; Path=/; HttpOnly; SameSite=Strict; Secure");
        HttpResponse<String> nonsense =
                http.send(HttpRequest.newBuilder(base.resolve("/%00")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(nonsense.statusCode()).isEqualTo(400);
        assertThat(nonsense.headers().firstValue("Strict-Transport-Security")).isPresent();
    }
}
