package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.Skips;

/** A vault behind the nginx that proxy.md describes, by the very words of that page. */
final class ProxyIT {
    private static final Path PAGE = Path.of("src/site/markdown/proxy.md");
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final String STAFF = "vault.example.org";
    private static final String PUBLIC = "library.example.org";
    private static final int WRONG_OF_AN_ADDRESS = 100;
    private static final int PATIENCE_MILLIS = 30_000;

    private RunningVault vault;
    private Process nginx;
    private Path logs;
    private int port;
    private SSLSocketFactory tls;

    private record Reply(int status, String text) {
        String session() {
            Matcher cookie =
                    Pattern.compile("(?m)^Set-Cookie: ([^;]+); (.*)\r\n").matcher(text);
            assertThat(cookie.find()).as(text).isTrue();
            assertThat(cookie.group(1)).startsWith("__Host-vault=");
            assertThat(cookie.group(2)).isEqualTo("Path=/; HttpOnly; SameSite=Strict; Secure");
            return cookie.group(1);
        }
    }

    @BeforeEach
    void startBoth() throws IOException, GeneralSecurityException {
        Skips.unless(Files.isExecutable(NGINX), "nginx is not installed");
        vault = RunningVault.create();
        Files.writeString(vault.home().resolve("vault.yaml"), "\n" + block("yaml"), StandardOpenOption.APPEND);
        vault.startWith("--behind-proxy", "--public-port", "0");
        String behind = vault.server().awaitLine(Pattern.compile("Public pages on http://127\\.0\\.0\\.1:([0-9]+)/"));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        logs = Files.createDirectory(vault.root().resolve("nginx"));
        OpenSsl.certificate(
                logs, "vault", "-newkey", "rsa:2048", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1");
        String described = block("nginx")
                .replace("listen 443", "listen 127.0.0.1:" + port)
                .replace("127.0.0.1:8080", vault.address().substring("http://".length()))
                .replace("127.0.0.1:8081", "127.0.0.1:" + behind)
                .replace("/var/log/nginx", logs.toString())
                .replace("/etc/nginx", logs.toString());
        String debians = Files.readString(Path.of("/etc/nginx/nginx.conf"));
        assertThat(debians).contains("access_log /var/log/nginx/access.log;", "include /etc/nginx/conf.d/*.conf;");
        // What else Debian has it serve the page has removed.
        assertThat(block("sh")).contains("rm -f /etc/nginx/sites-enabled/default\n");
        assertThat(names(Path.of("/etc/nginx/sites-enabled"))).isSubsetOf("default");
        Path configuration = Files.writeString(
                logs.resolve("nginx.conf"),
                "daemon off;\n"
                        + debians.replaceAll("(?m)^user .*$|include /etc/nginx/(modules|sites)-enabled/.*", "")
                                .replace("/run/nginx.pid", logs + "/pid")
                                .replace("/var/log/nginx", logs.toString())
                                .replace(
                                        "include /etc/nginx/conf.d/*.conf;",
                                        temporary("client_body")
                                                + temporary("proxy")
                                                + temporary("fastcgi")
                                                + temporary("uwsgi")
                                                + temporary("scgi")
                                                + described));
        nginx = new ProcessBuilder(NGINX.toString(), "-e", "stderr", "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(logs.resolve("said").toFile())
                .start();
        tls = OpenSsl.trusting(logs.resolve("vault.pem")).getSocketFactory();
        vault.server().awaitUntil("nginx does not listen", this::isListening);
    }

    @AfterEach
    void stopBoth() throws InterruptedException {
        if (nginx != null) {
            nginx.destroy();
            assertThat(nginx.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        }
        if (vault != null) {
            vault.close();
        }
    }

    /** The one block of that language on the page. */
    private static String block(String language) throws IOException {
        String[] parts = Files.readString(PAGE).split("\n```" + language + "\n", -1);
        assertThat(parts).hasSize(2);
        return parts[1].substring(0, parts[1].indexOf("\n```\n") + 1);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private String temporary(String what) {
        return what + "_temp_path " + logs + "/" + what + ";\n";
    }

    private boolean isListening() {
        assertThat(nginx.isAlive()).as(read("said")).isTrue();
        try (Socket socket = new Socket(loopback(1), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private String read(String file) {
        try {
            return Files.readString(logs.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** 127.0.0.{@code last}. */
    private static InetAddress loopback(int last) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    }

    private Reply ask(int from, String host, String request, String headers, String body) {
        try (Socket socket = tls.createSocket(loopback(1), port, loopback(from), 0)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            String all = request + " HTTP/1.1\r\nHost: " + host + ":" + port
                    + "\r\nUser-Agent: TestedBrowser\r\nConnection: close\r\n" + headers + "Content-Length: "
                    + body.length() + "\r\n\r\n" + body;
            socket.getOutputStream().write(all.getBytes(StandardCharsets.UTF_8));
            String text =
                    new String(new BufferedInputStream(socket.getInputStream()).readAllBytes(), StandardCharsets.UTF_8);
            return new Reply(Integer.parseInt(text.substring(9, 12)), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Reply ask(String request, String headers, String body) {
        return ask(1, STAFF, request, headers, body);
    }

    private Reply signIn(int from, String forged, String user, String password) {
        return ask(
                from,
                STAFF,
                "POST /v1/sessions",
                "Content-Type: application/json\r\nX-Forwarded-For: " + forged + "\r\nX-Real-IP: " + forged
                        + "\r\nForwarded: for=" + forged + "\r\n",
                RunningVault.credentials(user, password).toString());
    }

    @Test
    void deskAndInterfaceWorkAndTheProxyPassesOnWhoCallsAndWritesNothingDown() throws IOException {
        String id = vault.register(vault.signIn("clerk"), SamplePatron.of(1));
        String form =
                "Content-Type: application/x-www-form-urlencoded\r\nOrigin: https://" + STAFF + ":" + port + "\r\n";
        Reply signedIn =
                ask("POST /sign-in", form, "username=clerk&password=" + RunningVault.PASSWORD.replace(' ', '+'));
        assertThat(signedIn.status()).as(signedIn.text()).isEqualTo(303);
        String cookie = "Cookie: " + signedIn.session() + "\r\n";
        Reply desk = ask("GET /", cookie, "");
        assertThat(desk.text())
                .contains("Find a patron", "\nStrict-Transport-Security: max-age=31536000\r\n")
                .contains("\nContent-Security-Policy: default-src 'none'; ", "\nCache-Control: no-store\r\n")
                .contains("\nX-Content-Type-Options: nosniff\r\n", "\nReferrer-Policy: no-referrer\r\n");
        Matcher token = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(desk.text());
        assertThat(token.find()).isTrue();
        Reply found = ask(
                "POST /find",
                form + cookie,
                "csrf=" + token.group(1) + "&purpose=account-service&q=" + SamplePatron.card(1));
        assertThat(found.status()).as(found.text()).isEqualTo(200);
        assertThat(found.text()).contains("Reveal phone");
        String bearer = "Authorization: Bearer " + vault.signIn("clerk") + "\r\n";
        assertThat(ask("GET /v1/patrons/" + id + "?zyzzyva=1", bearer, "").status())
                .isEqualTo(200);

        Reply large = ask("POST /v1/patrons/" + id + "/reveal", bearer, "x".repeat(70_000));
        assertThat(large.status()).isEqualTo(413);
        Reply policy = ask(1, PUBLIC, "GET /policy", "", "");
        assertThat(policy.status()).isEqualTo(200);
        assertThat(policy.text()).contains("\nContent-Security-Policy: default-src 'none'; ");
        assertThat(ask(1, PUBLIC, "GET /v1/patrons/" + id, bearer, "").status()).isEqualTo(404);
        vault.stop();
        assertThat(ask("GET /v1/patrons/" + id, bearer, "").status()).isEqualTo(502);
        assertThat(ask(1, PUBLIC, "GET /policy", "", "").status()).isEqualTo(502);

        String passedOn = passedOn();
        assertThat(passedOn.lines().filter(line -> line.startsWith("X-Forwarded-For:")))
                .as(passedOn)
                .containsExactly("X-Forwarded-For: 127.0.0.2");

        assertThat(read("vault-error.log")).isEmpty();
        assertThat(read("vault.log").lines())
                .hasSize(7)
                .allMatch(line -> line.matches("[-0-9T:+]+ 127\\.0\\.0\\.[12] [0-9]{3} [0-9]+ [0-9.]+"));
        // Debian's own, which every server writes into that does not say otherwise.
        assertThat(read("access.log")).isEmpty();
        assertThat(read("error.log")).isEmpty();
        assertThat(read("said")).doesNotContain(id, "/v1", "zyzzyva", "TestedBrowser");
        for (String kept : List.of("client_body", "proxy")) {
            assertThat(logs.resolve(kept)).isEmptyDirectory();
        }
    }

    /** What a vault is sent, where somebody says that he is somebody else. */
    private String passedOn() throws IOException {
        try (ServerSocket instead = new ServerSocket()) {
            instead.setReuseAddress(true);
            instead.bind(new InetSocketAddress(
                    loopback(1), URI.create(vault.address()).getPort()));
            instead.setSoTimeout(PATIENCE_MILLIS);
            CompletableFuture<Reply> asked = CompletableFuture.supplyAsync(
                    () -> ask(2, STAFF, "GET /", "X-Forwarded-For: 198.51.100.7\r\n", ""));
            StringBuilder head = new StringBuilder();
            try (Socket nginx = instead.accept()) {
                while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) nginx.getInputStream().read());
                }
                nginx.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(asked.join().status()).isEqualTo(204);
            }
            return head.toString();
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "fault.tools",
            matches = "[1-9][0-9]*",
            disabledReason = "a hundred passwords take a minute: run when it is asked for (fault.md)")
    void wrongPasswordsCountForWhoTypedThemWhateverHeSaysOfHimself() {
        IntStream.range(0, WRONG_OF_AN_ADDRESS)
                .forEach(n -> assertThat(signIn(2, "198.51.100." + n, "nobody" + n, "wrong")
                                .status())
                        .isEqualTo(401));
        assertThat(signIn(2, "203.0.113.1", "clerk", RunningVault.PASSWORD).status())
                .isEqualTo(429);
        assertThat(signIn(3, "127.0.0.2", "clerk", RunningVault.PASSWORD).status())
                .isEqualTo(201);
    }
}
