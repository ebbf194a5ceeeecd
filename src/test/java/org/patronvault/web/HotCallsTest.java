package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.app.Service;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/**
 * Tests that the handler in front of Javalin answers the hot calls exactly as Javalin's routes do. Javalin answers a
 * call whose path has a question mark behind it.
 */
final class HotCallsTest {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int MAX_BODY = 64 * 1024;
    private static final int PAGE = 20;
    private static final int UNREAD = 4;
    private static final int UNREAD_EACH = 100;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");
    private static final String HOST = "Host: localhost";
    private static final String JSON = "Content-Type: application/json";
    private static final String SEARCH = "/v1/patrons/search";
    private static final String CHECK = "/v1/entitlements/check";
    private static final String LISTED =
            body("'name':'Quimperle','purpose':'account-service'," + "'reveal':['name','address','phone','email']");

    private static OpenVault vault;
    private static WebServer server;
    private static PatronId patron;
    private static String clerk;
    private static String custodian;
    private static String vendor;
    private static String ils;

    @BeforeAll
    static void serve() throws IOException {
        vault = OpenVault.onSqlite();
        vault.employ("kim", ServedVault.PASSWORD, "circulation");
        vault.employ("kit", ServedVault.PASSWORD, "custodian");
        vendor = client("hoopla", "entitlement");
        ils = client("folio", "ils");
        for (int n = 0; n < PAGE; n++) {
            patron =
                    vault.register("'card':'HOT" + (100 + n) + "','name':{'family':'Quimperle'},'expires':'2029-01-31',"
                            + "'address':{'line1':'" + "1437 South Elm St ".repeat(4) + "'},'phone':['203-555-0100'],"
                            + "'email':['" + "kat".repeat(20) + n + "@example.org']");
        }
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(0), Proxies.NONE));
        clerk = token("kim");
        custodian = token("kit");
    }

    @AfterAll
    static void close() {
        server.close();
        vault.close();
    }

    private static String token(String user) throws IOException {
        Browser browser = new Browser(server.port());
        String said = browser.send(browser.request("/v1/sessions")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(ServedVault.credentials(user, ServedVault.PASSWORD)
                                .toString())))
                .body();
        return bearer(new ObjectMapper().readTree(said).path("token").textValue());
    }

    private static String client(String name, String scope) {
        return bearer(vault.vault()
                .access()
                .clients()
                .add(
                        Approvals.Requester.alone(ServedVault.ADMIN),
                        name,
                        ClientGrant.parse(List.of(scope), List.of(), List.of(), "none", "", "none"))
                .secret()
                .orElseThrow());
    }

    private static String bearer(String secret) {
        return "Authorization: Bearer " + secret;
    }

    private static String body(String members) {
        return ("{" + members + "}").replace('\'', '"');
    }

    /** A request, and the status of its answer. */
    private record Request(String what, int status, String path, String body, List<String> headers) {
        private String text(String spelling) {
            List<String> lines = new ArrayList<>(List.of("POST " + spelling + " HTTP/1.1"));
            lines.addAll(headers);
            if (!headers.contains("Transfer-Encoding: chunked")) {
                lines.add("Content-Length: " + body.length());
            }
            return String.join("\r\n", lines) + "\r\n\r\n" + body;
        }

        private Request with(String header) {
            return new Request(
                    what,
                    status,
                    path,
                    body,
                    Stream.concat(headers.stream(), Stream.of(header)).toList());
        }

        @Override
        public String toString() {
            return path + " " + what;
        }
    }

    private static Request request(String what, int status, String path, String body, String... headers) {
        return new Request(what, status, path, body, List.of(headers));
    }

    private static Stream<Request> ofEachCall(String path, String token, String body) {
        String chunked = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
        int ofKey = path.equals(CHECK) ? 422 : 200;
        return Stream.of(
                request("as it should be", 200, path, body, HOST, JSON, token),
                request("in chunks", 200, path, chunked, HOST, JSON, token, "Transfer-Encoding: chunked"),
                request("with a charset", 200, path, body, HOST, JSON + "; charset=x", token),
                request("repeated by its key", 200, path, body, HOST, JSON, token, "Idempotency-Key: again"),
                request("with two words for a key", ofKey, path, body, HOST, JSON, token, "Idempotency-Key: a b"),
                request("without a token", 401, path, body, HOST, JSON),
                request("with a wrong token", 401, path, body, HOST, JSON, "Authorization: Bearer pvk_any"),
                request("by one who may not", 403, path, body, HOST, JSON, custodian),
                request("as text", 415, path, body, HOST, "Content-Type: text/plain", token),
                request("without a media type", 415, path, body, HOST, token),
                request("without a body", 400, path, "", HOST, JSON, token),
                request("malformed", 400, path, "{", HOST, JSON, token),
                request("with another member", 422, path, body.replaceFirst("\\{", "{\"x\":1,"), HOST, JSON, token),
                request("too large", 413, path, " ".repeat(MAX_BODY) + body, HOST, JSON, token),
                request("for another host", 421, path, body, "Host: elsewhere.example", JSON, token),
                request("for two hosts", 400, path, body, HOST, HOST, JSON, token),
                request("for no host", 400, path, body, JSON, token));
    }

    static Stream<Request> requests() {
        String reveal = "/v1/patrons/" + patron + "/reveal";
        String fields = body("'fields':['name','phone'],'purpose':'account-service'");
        String card = body("'card':'HOT100','purpose':'account-service','reveal':['phone']");
        return Stream.of(
                        ofEachCall(SEARCH, clerk, card),
                        ofEachCall(reveal, clerk, fields),
                        ofEachCall(CHECK, vendor, body("'card':'HOT100','service':'ebooks'")),
                        Stream.of(
                                request("of a page of patrons", 200, SEARCH, LISTED, HOST, JSON, ils),
                                request("of a card unknown", 200, SEARCH, card.replace("100", "99"), HOST, JSON, clerk),
                                request("without purpose", 422, SEARCH, body("'card':'HOT100'"), HOST, JSON, clerk),
                                request(
                                        "unknown",
                                        404,
                                        "/v1/patrons/0123456789abcdef/reveal",
                                        fields,
                                        HOST,
                                        JSON,
                                        clerk),
                                request("no id", 404, "/v1/patrons/0123456789ABCDEF/reveal", fields, HOST, JSON, clerk),
                                request(
                                        "of a field not allowed",
                                        403,
                                        reveal,
                                        fields.replace("account-service", "checkout"),
                                        HOST,
                                        JSON,
                                        clerk)))
                .flatMap(each -> each);
    }

    /** All that comes back until the server closes the connection. */
    private static String exchange(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
                    .replaceAll("Date: [^\r]*", "Date: now")
                    .replaceAll("X-Request-Id: [0-9a-f]{32}", "X-Request-Id: random")
                    .replaceAll("\"entry\":[0-9]+", "\"entry\":next");
        }
    }

    private static void assertAnsweredAlike(int port, Request request, int status) throws IOException {
        Request last = request.with("Connection: close");
        String exact = exchange(port, last.text(request.path()));
        assertThat(exact).startsWith("HTTP/1.1 " + status + " ");
        assertThat(exact).isEqualTo(exchange(port, last.text(request.path() + "?")));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void hotCallIsAnsweredAsByItsRoute(Request request) throws IOException {
        assertAnsweredAlike(server.port(), request, request.status());
    }

    @ParameterizedTest
    @MethodSource("requests")
    void hotCallIsNotOnThePublicListener(Request request) throws IOException {
        // Jetty and AllowedHosts refuse a wrong host first.
        boolean isHostWrong = request.headers().stream().filter(HOST::equals).count() != 1;
        int status = isHostWrong ? request.status() : 404;
        assertAnsweredAlike(server.publicPort().orElseThrow(), request, status);
    }

    @Test
    void hotCallOfASealedVaultIsRefusedAsByItsRoute() throws IOException {
        List<Request> good =
                requests().filter(request -> request.status() == 200).toList();
        vault.vault().custody().seal();
        try {
            for (Request request : good) {
                assertAnsweredAlike(server.port(), request, 503);
            }
        } finally {
            vault.unseal();
        }
    }

    @Test
    void hotCallReachesNoServlet() throws IOException {
        ServletContextHandler servlets = server.jetty().getDescendant(ServletContextHandler.class);
        servlets.setAvailable(false);
        try {
            for (Request request : requests().filter(one -> one.status() == 200).toList()) {
                Request last = request.with("Connection: close");
                assertThat(exchange(server.port(), last.text(request.path()))).startsWith("HTTP/1.1 200 ");
                assertThat(exchange(server.port(), last.text(request.path() + "?")))
                        .startsWith("HTTP/1.1 503 ");
            }
        } finally {
            servlets.setAvailable(true);
        }
    }

    @Test
    void requestsOfOneConnectionAreAnsweredInTurn() throws IOException {
        String said = exchange(server.port(), pipeline(SEARCH));
        assertThat(STATUS.matcher(said).results().map(status -> status.group(1)))
                .containsExactly("200", "401", "413");
        assertThat(said).isEqualTo(exchange(server.port(), pipeline(SEARCH + "?")));
    }

    private static String pipeline(String spelling) {
        String card = body("'card':'HOT100','purpose':'account-service'");
        return request("", 200, SEARCH, card, HOST, JSON, clerk).text(spelling)
                + request("", 401, SEARCH, card, HOST, JSON).text(spelling)
                + request("", 413, SEARCH, " ".repeat(MAX_BODY) + card, HOST, JSON, clerk)
                        .with("Connection: close")
                        .text(spelling);
    }

    /** There are fewer threads that open values than connections here that read none of their answers. */
    @ParameterizedTest
    @ValueSource(strings = {SEARCH, SEARCH + "?"})
    void callerWhoReadsNothingHoldsNobodyUp(String spelling) throws IOException {
        Request page = request("", 200, SEARCH, LISTED, HOST, JSON, ils);
        long before = vault.logSize();
        List<Socket> silent = new ArrayList<>();
        try {
            for (int n = 0; n < UNREAD; n++) {
                Socket socket = new Socket();
                silent.add(socket);
                socket.setReceiveBufferSize(4_096);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
                socket.getOutputStream()
                        .write(page.text(spelling).repeat(UNREAD_EACH).getBytes(StandardCharsets.ISO_8859_1));
            }
            for (int n = 0; n < UNREAD_EACH; n++) {
                assertThat(exchange(
                                server.port(), page.with("Connection: close").text(spelling)))
                        .startsWith("HTTP/1.1 200 ");
            }
            // Some answers still wait for their readers.
            assertThat(vault.logSize() - before).isLessThan((long) (UNREAD + 1) * UNREAD_EACH);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }
}
