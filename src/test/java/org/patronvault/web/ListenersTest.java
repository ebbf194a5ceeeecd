package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.app.Service;
import org.patronvault.log.witness.Witness;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.ServerTls;
import org.patronvault.web.http.WebSettings;

/** Tests of requests that are no plain HTTP/1.1, on each listener: the usual and the public one, with TLS, a witness's. */
final class ListenersTest {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int AT_ONCE = 4;
    private static final long MOST_GROWTH_BYTES = 5_000_000;
    private static final String HOST = "Host: localhost|";
    private static final String UPGRADE =
            "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==|";
    private static final String CANARY = "zqcanary";
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3})");

    @TempDir
    static Path directory;

    private static ServedVault served;
    private static WebServer plain;
    private static WebServer secure;
    private static Witness witness;
    private static WitnessServer witnessServer;
    private static List<Listener> listeners;

    /** A port, and the sockets that speak to it. */
    private record Listener(String name, int port, SocketFactory sockets, boolean secure) {
        /** Returns all that comes back until the server closes the connection. */
        private String exchange(String request) throws IOException {
            try (Socket socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                send(socket, request);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            }
        }

        private static void send(Socket socket, String request) throws IOException {
            socket.getOutputStream().write(request.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        served = new ServedVault();
        served.staff("kim", "circulation");
        OpenSsl.certificate(
                directory, "localhost", "-newkey", "rsa:2048", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1");
        plain = serve(Optional.empty());
        secure = serve(Optional.of(new ServerTls(
                directory.resolve("localhost.pem"), directory.resolve("localhost.key"), "--tls-cert and --tls-key")));
        witness = Witness.open(directory, Optional.of("witness.example.net/w1"), Optional.empty(), Clock.systemUTC());
        witnessServer = WitnessServer.start(witness, "127.0.0.1", 0);
        SocketFactory tls = OpenSsl.trusting(directory.resolve("localhost.pem")).getSocketFactory();
        listeners = List.of(
                new Listener("plain", plain.port(), SocketFactory.getDefault(), false),
                new Listener("public", plain.publicPort().orElseThrow(), SocketFactory.getDefault(), false),
                new Listener("TLS", secure.port(), tls, true),
                new Listener("public with TLS", secure.publicPort().orElseThrow(), tls, true),
                new Listener("witness", witnessServer.port(), SocketFactory.getDefault(), false));
    }

    private static WebServer serve(Optional<ServerTls> tls) {
        return WebServer.start(
                Service.partsOf(served.vault().vault()),
                new WebSettings("127.0.0.1", 0, tls, false, OptionalInt.of(0), Proxies.NONE));
    }

    @AfterAll
    static void stop() {
        witnessServer.close();
        witness.close();
        secure.close();
        plain.close();
        served.close();
    }

    static List<Listener> listeners() {
        return listeners;
    }

    @Test
    void noServerHasASessionHandler() {
        for (WebServer server : List.of(plain, secure)) {
            assertThat(server.jetty().getDescendants(SessionHandler.class)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("listeners")
    void requestsToUpgradeLeaveNothingInMemoryAndSetNoCookie(Listener listener) throws Exception {
        int times = listener.secure() ? LongRun.times(80, 100_000) : LongRun.times(8_000, 100_000);
        upgrade(listener, times / 10);
        long before = liveHeap();
        upgrade(listener, times);
        assertThat(liveHeap() - before).as("bytes of live heap").isLessThan(MOST_GROWTH_BYTES);
    }

    /** Half of them are answered 404 where nothing refuses an upgrade. */
    private static void upgrade(Listener listener, int times) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            Callable<Object> some = () -> {
                for (int n = 0; n < times / AT_ONCE; n++) {
                    String path = n % 2 == 0 ? "/" : "/nothing";
                    String said = listener.exchange("GET " + path + " HTTP/1.1|" + HOST + UPGRADE + "|");
                    assertThat(said).startsWith("HTTP/1.1 400 ").doesNotContainIgnoringCase("Set-Cookie");
                }
                return null;
            };
            List<Callable<Object>> all = new ArrayList<>();
            for (int n = 0; n < AT_ONCE; n++) {
                all.add(some);
            }
            for (Future<Object> one : threads.invokeAll(all)) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static long liveHeap() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** A request that is refused, and the status of its answer. */
    private record Refused(int status, String request) {}

    private static List<Refused> refused() {
        String get = "GET /policy HTTP/1.1|" + HOST;
        String post = "POST /v1/patrons/search HTTP/1.1|" + HOST + "Content-Length: 2|";
        return List.of(
                new Refused(400, get + UPGRADE + "|"),
                new Refused(400, "GET /health/live HTTP/1.1|" + HOST + UPGRADE + "|"),
                new Refused(400, "GET /static/vault.css HTTP/1.1|" + HOST + UPGRADE + "|"),
                new Refused(400, "GET /" + CANARY + " HTTP/1.1|" + HOST + UPGRADE + "|"),
                new Refused(400, "GET /policy HTTP/1.0|" + HOST + UPGRADE + "|"),
                new Refused(400, "GET /policy HTTP/1.1|Host: " + CANARY + "|" + UPGRADE + "|"),
                new Refused(400, post + UPGRADE + "|{}"),
                new Refused(400, post.replace("search", "search?") + UPGRADE + "|{}"),
                new Refused(400, post.replace("patrons/search", "entitlements/check") + UPGRADE + "|{}"),
                new Refused(400, get + "uPGRADE: WebSocket|cONNECTION: uPGRADE||"),
                new Refused(400, get + "Upgrade: websocket||"),
                new Refused(400, get + "Upgrade: h2c, websocket|Connection: Upgrade||"),
                new Refused(400, get + "Upgrade: h2c|Upgrade: websocket|Connection: Upgrade||"),
                new Refused(400, get + "Upgrade: TLS/1.0, HTTP/1.1|Connection: Upgrade||"),
                new Refused(400, get + "Upgrade: " + CANARY + "/2|Connection: keep-alive, Upgrade||"),
                new Refused(400, get + "Upgrade:|Connection: Upgrade||"),
                new Refused(400, get + UPGRADE + "Expect: 100-continue||"),
                new Refused(400, get + "Connection: " + CANARY + "||"),
                new Refused(400, get + "Connection: close, " + CANARY + "||"),
                new Refused(400, get + "Connection: keep-alive|Connection: " + CANARY + "||"),
                new Refused(400, get + "Connection: close, Authorization||"),
                new Refused(400, get + "Connection: \"close\"||"),
                new Refused(400, get + "Connection: keep alive||"),
                new Refused(400, get + "Connection: close; " + CANARY + "=1||"),
                new Refused(400, get + "Connection: cl\u00f6se||"),
                new Refused(400, get + "Connection: " + CANARY + ",".repeat(3_000) + "||"),
                new Refused(426, "PRI * HTTP/2.0||SM||\0\0\0\4\0\0\0\0\0"),
                new Refused(426, "GET /" + CANARY + " HTTP/2.0|" + HOST + "|"),
                new Refused(505, "GET /" + CANARY + " HTTP/3.0|" + HOST + "|"),
                new Refused(417, get + "Expect: " + CANARY + "||"),
                new Refused(417, get + "Expect: 100-continue, " + CANARY + "||"),
                new Refused(417, get + "Expect: 100-continue|Expect: " + CANARY + "||"),
                new Refused(417, post + "Expect: 200-ok||{}"),
                new Refused(405, "TRACE / HTTP/1.1|" + HOST + "X-Secret: " + CANARY + "||"),
                new Refused(405, "TRACE /" + CANARY + " HTTP/1.1|" + HOST + "|"),
                new Refused(405, "TRACE /v1/patrons/search HTTP/1.1|" + HOST + "Content-Length: 2||{}"),
                new Refused(405, "TRACE / HTTP/1.0|" + HOST + "|"));
    }

    @ParameterizedTest
    @MethodSource("listeners")
    void requestThatIsNoPlainExchangeGetsOneProblemAndTheConnectionIsClosed(Listener listener) throws IOException {
        String behind = ("GET /health/live?" + CANARY + " HTTP/1.1|" + HOST + "|");
        for (Refused one : refused()) {
            String said = listener.exchange(one.request() + behind);
            assertThat(said)
                    .as(one.request())
                    .startsWith("HTTP/1.1 " + one.status() + " ")
                    .contains("application/problem+json", "\"status\":" + one.status(), "Connection: close")
                    .doesNotContain(CANARY, "Exception", "\tat ", "Set-Cookie");
            assertThat(STATUS.matcher(said).results()).as(one.request()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("listeners")
    void problemOfAnUpgradeSaysWhatToLeaveOut(Listener listener) throws IOException {
        assertThat(listener.exchange("GET /policy HTTP/1.1|" + HOST + UPGRADE + "|"))
                .contains("\"detail\":\"The vault changes to no other protocol. Leave out the field Upgrade.\"");
        assertThat(listener.exchange("PRI * HTTP/2.0||SM||")).contains("Upgrade: HTTP/1.1|".replace("|", "\r\n"));
    }

    static Stream<String> served() {
        return Stream.of(
                "Connection: keep-alive, close|",
                "Connection: upgrade|Connection: close|",
                "Connection: TE, close|TE: trailers|",
                "Connection:|Connection: close|",
                "Connection: ,,close|",
                "Sec-WebSocket-Version: 13|Connection: close|",
                "Upgrade: h2c|Connection: Upgrade, HTTP2-Settings, close|HTTP2-Settings: AAMAAABkAAQAAP__|");
    }

    @ParameterizedTest
    @MethodSource("served")
    void whatClientsAndProxiesSendIsServed(String fields) throws IOException {
        for (Listener listener : listeners) {
            String path = listener.name().equals("witness") ? "/" : "/health/live";
            assertThat(listener.exchange("GET " + path + " HTTP/1.1|" + HOST + fields + "|"))
                    .as("%s", listener)
                    .startsWith("HTTP/1.1 200 ")
                    .doesNotContain("Set-Cookie");
        }
    }

    /** It asks to change to HTTP/2 with each request. */
    @Test
    void clientOfJavaIsServedWithItsUsualSettings() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + plain.port() + "/health/live"))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    /** As curl does with a large body: it sends the body only once it may. */
    @ParameterizedTest
    @MethodSource("listeners")
    void bodyThatWaitsForItsPermissionIsAskedFor(Listener listener) throws IOException {
        for (String path : List.of("/v1/patrons/search", "/v1/patrons/search?", "/v1/sessions", "/add-checkpoint")) {
            try (Socket socket = listener.sockets().createSocket(InetAddress.getLoopbackAddress(), listener.port())) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                Listener.send(
                        socket,
                        "POST " + path + " HTTP/1.1|" + HOST
                                + "Connection: close|Content-Type: application/json|Expect: 100-Continue|"
                                + "Content-Length: 2||");
                String permission = "HTTP/1.1 100 Continue\r\n\r\n";
                assertThat(new String(
                                socket.getInputStream().readNBytes(permission.length()), StandardCharsets.ISO_8859_1))
                        .isEqualTo(permission);
                Listener.send(socket, "{}");
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                        .as(path)
                        .containsPattern("^HTTP/1.1 4(00|01|04|22) ");
            }
        }
    }
}
