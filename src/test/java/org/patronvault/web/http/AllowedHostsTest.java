package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.app.Service;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Skips;
import org.patronvault.web.WebServer;

/** Tests that a request reaches the vault under its own host names only, so that a rebound name reaches nothing. */
final class AllowedHostsTest {
    private static final String FOREIGN = "evil.example";
    private static final int PATIENCE_MILLIS = 20_000;
    private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");
    private static final Set<String> HOSTS = Set.of("vault.example.org", "2001:DB8::7");

    @TempDir
    static Path directory;

    private static OpenVault vault;
    private static WebServer direct;
    private static WebServer proxied;

    @BeforeAll
    static void serve() {
        vault = OpenVault.onSqlite();
        direct = serve("127.0.0.1", Optional.empty(), Proxies.NONE);
        proxied = serve("127.0.0.1", Optional.empty(), new Proxies(List.of("127.0.0.0/8")));
    }

    @AfterAll
    static void close() {
        direct.close();
        proxied.close();
        vault.close();
    }

    private static WebServer serve(String host, Optional<ServerTls> tls, Proxies proxies) {
        return WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings(host, 0, tls, !host.equals("127.0.0.1"), OptionalInt.empty(), proxies, HOSTS));
    }

    /** All that comes back until the server closes the connection. */
    private static String exchange(Socket socket, String head) {
        try (socket) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String exchange(WebServer server, String head) {
        try {
            return exchange(new Socket(InetAddress.getLoopbackAddress(), server.port()), head);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String ask(WebServer server, String line, String host, String more) {
        return exchange(server, line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more);
    }

    private static int status(String said) {
        List<String> all =
                ANSWER.matcher(said).results().map(found -> found.group(1)).toList();
        assertThat(all).as(said).hasSize(1);
        return Integer.parseInt(all.get(0));
    }

    private static void assertMisdirected(String said) {
        assertThat(status(said)).as(said).isEqualTo(421);
        assertThat(said)
                .contains("https://patronvault.org/problems/misdirected", "Content-Security-Policy: ")
                .contains("Connection: close")
                .doesNotContain("Set-Cookie");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                FOREIGN,
                "EVIL.example",
                "evil.example.",
                "evil.example:8080",
                "evil.example:80",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "evil-localhost",
                "x.vault.example.org",
                "vault.example.org.evil.example",
                "vault.example.orgx",
                "0.0.0.0",
                "[::]",
                "127.1",
                "2130706433",
                "0x7f.0.0.1",
                "0177.0.0.1.evil.example",
                "192.0.2.1",
                "[::ffff:192.0.2.1]",
                "[2001:db8::8]",
                "xn--lcalhost-q4a",
            })
    void foreignHostIsMisdirected(String host) {
        for (WebServer server : List.of(direct, proxied)) {
            String said = ask(server, "GET /", host, "");
            assertMisdirected(said);
            assertThat(said).doesNotContainIgnoringCase("evil");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LocalHost:9",
                "localhost.",
                "127.0.0.1",
                "127.0.0.1:65535",
                "127.200.3.4:80",
                "[::1]",
                "[::1]:8080",
                "[0:0:0:0:0:0:0:1]",
                "[::ffff:127.0.0.1]",
                "vault.example.org",
                "VAULT.Example.ORG:8443",
                "vault.example.org.",
                "[2001:db8::7]:8443",
                "[2001:DB8:0:0::7]",
            })
    void ownHostIsServedInEverySpellingAndAtEveryPort(String host) {
        assertThat(status(ask(direct, "GET /policy", host, ""))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /",
                "GET /metrics",
                "GET /unseal",
                "GET /v1/policy",
                "GET /static/vault.css",
                "GET /no-such-page",
                "HEAD /",
                "OPTIONS *",
                "POST /v1/unseal",
                "POST /v1/sessions",
                "GET /health",
                "GET /healthy/live",
                "GET /v1/health/live",
            })
    void everyAddressButHealthIsRefusedUnderAForeignHost(String line) {
        String said = ask(direct, line, FOREIGN, "Content-Type: application/json\r\nContent-Length: 0\r\n");
        assertThat(status(said)).isEqualTo(421);
    }

    @Test
    void pageOfAReboundNameNeitherSignsInNorReadsMetrics() {
        String form = "username=clerk&password=wrong";
        String posted = exchange(
                direct,
                "POST /sign-in HTTP/1.1\r\nHost: " + FOREIGN + ":8080\r\nOrigin: http://" + FOREIGN
                        + ":8080\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: " + form.length() + "\r\n\r\n" + form);
        assertMisdirected(posted);
        String metrics = ask(direct, "GET /metrics", FOREIGN, "Origin: http://" + FOREIGN + "\r\n");
        assertMisdirected(metrics);
        assertThat(metrics).doesNotContain("vault_sealed");
        assertThat(status(ask(direct, "GET /metrics", "localhost", ""))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-Host: %s", "Forwarded: host=%s", "X-Host: %s", "X-Original-Host: %s"})
    void noOtherHeaderCountsForTheHost(String header) {
        for (WebServer server : List.of(direct, proxied)) {
            assertMisdirected(ask(server, "GET /policy", FOREIGN, String.format(header, "localhost") + "\r\n"));
            assertThat(status(ask(server, "GET /policy", "localhost", String.format(header, FOREIGN) + "\r\n")))
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /policy HTTP/1.1|Host: localhost|Host: evil.example|",
                "GET /policy HTTP/1.1|Host: evil.example|Host: localhost|",
                "GET /policy HTTP/1.1|Host: localhost, evil.example|",
                "GET /policy HTTP/1.1|Host: localhost evil.example|",
                "GET /policy HTTP/1.1|Host: localhost@evil.example|",
                "GET /policy HTTP/1.1|Host: evil@localhost|",
                "GET /policy HTTP/1.1|Host: evil:x@localhost|",
                "GET /policy HTTP/1.1|Host: [::1%lo]|",
                "GET /policy HTTP/1.1|Host: [::1%25lo]|",
                "GET /policy HTTP/1.1|Host: [::1|",
                "GET /policy HTTP/1.1|Host: localhost:80:81|",
                "GET /policy HTTP/1.1|Host: localhost:port|",
                "GET /policy HTTP/1.1|Host: http://localhost|",
                "GET /policy HTTP/1.1|Host: localhost/evil.example|",
                "GET /policy HTTP/1.1|Host: localhost#evil.example|",
                "GET /policy HTTP/1.1|Host: localhost..|",
                "GET /policy HTTP/1.1|Host: .|",
                "GET /policy HTTP/1.1|Host:|",
                "GET /policy HTTP/1.1|X-Host: localhost|",
                "GET http://evil.example/policy HTTP/1.1|Host: localhost|",
                "GET http://localhost/policy HTTP/1.1|Host: evil.example|",
                "GET http://evil.example/policy HTTP/1.1|Host: evil.example|",
                "GET http://localhost@evil.example/policy HTTP/1.1|Host: localhost|",
                "GET //evil.example/policy HTTP/1.1|Host: evil.example|",
                "GET /policy HTTP/1.0|",
                "GET http://localhost/policy HTTP/1.0|",
                "GET /policy HTTP/1.0|Host: evil.example|",
                "GET /health/../policy HTTP/1.1|Host: evil.example|",
                "GET /health/%2e%2e/policy HTTP/1.1|Host: evil.example|",
                "GET /health/..;/policy HTTP/1.1|Host: evil.example|",
                "GET /health//../policy HTTP/1.1|Host: evil.example|",
            })
    void requestThatDoesNotNameOneOwnHostIsNotServed(String head) {
        String said = exchange(direct, head.replace("|", "\r\n") + "Connection: close\r\n");
        assertThat(status(said)).as(said).isIn(400, 404, 421);
        assertThat(said).doesNotContainIgnoringCase("evil");
    }

    @Test
    void healthIsAnsweredUnderEveryNameAndWithoutOne() {
        for (String head : List.of(
                "GET /health/live HTTP/1.1\r\nHost: " + FOREIGN + "\r\n",
                "GET /health/ready HTTP/1.1\r\nHost: 10.1.2.3:8080\r\n",
                "GET /health/live HTTP/1.0\r\n")) {
            assertThat(status(exchange(direct, head + "Connection: close\r\n"))).isEqualTo(200);
        }
    }

    @Test
    void refusalIsAPageWhereHtmlIsAskedFor() {
        String page = ask(direct, "GET /", FOREIGN, "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n");
        assertThat(status(page)).isEqualTo(421);
        assertThat(page)
                .containsIgnoringCase("Content-Type: text/html;charset=utf-8")
                .contains("<main id=\"main\"", "href=\"#main\"", "http.hosts", "Content-Security-Policy: ")
                .doesNotContain(FOREIGN);
        for (String accept : List.of("application/json", "*/*", "application/json, text/html", ";;;")) {
            assertMisdirected(ask(direct, "GET /", FOREIGN, "Accept: " + accept + "\r\n"));
        }
    }

    static Stream<String> addresses() throws IOException {
        return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(one -> one.getAddress().length == 4)
                .map(InetAddress::getHostAddress)
                .filter(one -> !one.equals("127.0.0.1"));
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void addressThatTheServerListensOnIsServedAndTheOthersOfTheMachineAreNot(String address) throws IOException {
        try (WebServer server = serve(address, Optional.empty(), Proxies.NONE)) {
            String head = "GET /policy HTTP/1.1\r\nConnection: close\r\nHost: ";
            assertThat(status(exchange(new Socket(address, server.port()), head + address + ":80\r\n")))
                    .isEqualTo(200);
        }
        try (WebServer everywhere = serve("0.0.0.0", Optional.empty(), Proxies.NONE)) {
            assertMisdirected(ask(everywhere, "GET /policy", address, ""));
            assertMisdirected(ask(everywhere, "GET /policy", "0.0.0.0", ""));
        }
    }

    @Test
    void namesOfTheCertificateInUseAreServed() throws Exception {
        Skips.unless(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        certificate("DNS:vault.library.lan,DNS:*.branch.example,IP:192.0.2.7,IP:2001:db8::9");
        ServerTls tls = new ServerTls(directory.resolve("vault.pem"), directory.resolve("vault.key"), "the files");
        try (WebServer server = serve("127.0.0.1", Optional.of(tls), Proxies.NONE)) {
            for (String host : List.of(
                    "vault.library.lan", "Vault.Library.Lan:8443", "a.branch.example", "192.0.2.7", "[2001:db8::9]")) {
                assertThat(status(overTls(server, host))).as(host).isEqualTo(200);
            }
            for (String host : List.of("library.lan", "a.b.branch.example", "branch.example", "192.0.2.8", "new.lan")) {
                assertMisdirected(overTls(server, host));
            }
            certificate("DNS:new.lan");
            assertThat(tls.follow()).isTrue();
            assertThat(status(overTls(server, "new.lan"))).isEqualTo(200);
            assertMisdirected(overTls(server, "vault.library.lan"));
        }
    }

    private static void certificate(String names) throws IOException {
        Path unused =
                OpenSsl.certificate(directory, "vault", "-newkey", "rsa:2048", "-addext", "subjectAltName=" + names);
    }

    private static String overTls(WebServer server, String host) throws Exception {
        Socket socket = OpenSsl.trusting(directory.resolve("vault.pem"))
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port());
        return exchange(socket, "GET /policy HTTP/1.1\r\nConnection: close\r\nHost: " + host + "\r\n");
    }
}
