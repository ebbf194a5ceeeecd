package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.patronvault.app.DemoHome;
import org.patronvault.app.Service;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.page.SessionCookie;

/**
 * Tests that hold for every answer of the server, for any request and caller. New routes are included automatically.
 */
final class EveryRouteTest {
    private static final String FOREIGN = "https://elsewhere.example";
    private static final String FROM_ELSEWHERE = "That came from a page of another site; nothing was done.";
    private static final String OF_NO_SESSION = "That page belongs to an earlier session; nothing was done. Try again.";
    private static final String COOKIE = "__Host-vault";

    /** Mail programs post there without a cookie, with the token alone (RFC 8058). */
    private static final String ONE_CLICK = "POST /unsubscribe/{token}";

    /** These are posted without a session. */
    private static final Set<String> BEFORE_SESSION = Set.of("POST /sign-in", "POST /password", "POST /unseal");

    /** Shows what to say to an officer, whatever is wrong; that it is refused only its status tells. */
    private static final String SCRIPT = "POST /officer";

    /** The routes of the public listener. */
    private static final Set<String> PUBLIC = Set.of(
            "GET /policy",
            "GET /v1/policy",
            "GET /v1/policy/versions",
            "GET /v1/policy/versions/{version}",
            "GET /transparency",
            "GET /v1/transparency",
            "GET /health/live",
            "GET /static/vault.css",
            "GET /static/vault.svg",
            "GET /unsubscribe/{token}",
            ONE_CLICK);

    @RegisterExtension
    static final ServedDemo DEMO = new ServedDemo();

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Map<String, String> SESSIONS = new HashMap<>();

    private static WebServer server;

    @BeforeAll
    static void signEverybodyIn() {
        server = WebServer.start(
                Service.partsOf(DEMO.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.of(0), Proxies.NONE));
        for (String user : DemoHome.users().keySet()) {
            HttpResponse<String> answer = send("POST /sign-in", Map.of("Sec-Fetch-Site", "same-origin"), form(user));
            assertThat(answer.statusCode()).as("%s: %s", user, answer.body()).isEqualTo(303);
            String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
            assertThat(cookie.split("; ", -1))
                    .contains("Path=/", "HttpOnly", "SameSite=Strict", "Secure")
                    .noneMatch(part -> part.startsWith("Domain="));
            assertThat(cookie).startsWith(COOKIE + "=pvs_");
            SESSIONS.put(user, cookie.substring(COOKIE.length() + 1, cookie.indexOf(';')));
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String form(String user) {
        return "username=" + user + "&password="
                + java.net.URLEncoder.encode(DemoHome.passwordOf(user), StandardCharsets.UTF_8);
    }

    /** Returns every route. Sign-out is last, because it ends the session. */
    private static List<String> routes() {
        List<String> routes = new ArrayList<>(server.routes().stream()
                .filter(route -> !route.contains("BEFORE") && !route.contains("AFTER"))
                .sorted()
                .toList());
        assertThat(routes).hasSizeGreaterThan(100).contains("DELETE /v1/sessions/current", "POST /find", "GET /policy");
        routes.remove("DELETE /v1/sessions/current");
        routes.add("DELETE /v1/sessions/current");
        return routes;
    }

    /** Forms of pages that change something, or show what is not for everybody. */
    private static List<String> forms() {
        return routes().stream()
                .filter(route -> route.startsWith("POST ") && !route.startsWith("POST /v1/"))
                .filter(route -> !route.equals(ONE_CLICK))
                .toList();
    }

    private static HttpResponse<String> send(String route, Map<String, String> headers, String body) {
        return send(server.port(), route, headers, body);
    }

    private static HttpResponse<String> send(int port, String route, Map<String, String> headers, String body) {
        String[] words = route.split(" ", 2);
        String path = words[1].replaceAll("\\{[^}]*}", "0123456789abcdef").replaceAll("<[^>]*>", "0/000");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(words[0], HttpRequest.BodyPublishers.ofString(body));
        request.setHeader(
                "Content-Type", path.startsWith("/v1/") ? "application/json" : "application/x-www-form-urlencoded");
        headers.forEach(request::setHeader);
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(route, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> as(String user, String... more) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Cookie", COOKIE + "=" + SESSIONS.get(user));
        headers.put("Authorization", "Bearer " + SESSIONS.get(user));
        for (int i = 0; i < more.length; i += 2) {
            headers.put(more[i], more[i + 1]);
        }
        return headers;
    }

    private static void requireSafe(String asked, HttpResponse<?> answer) {
        Map<String, List<String>> headers = answer.headers().map();
        assertThat(headers)
                .as("%s: %s", asked, answer)
                .containsEntry(
                        "content-security-policy",
                        List.of(
                                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                                        + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"))
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .containsEntry("referrer-policy", List.of("no-referrer"))
                .containsEntry("cross-origin-opener-policy", List.of("same-origin"))
                .containsEntry("cross-origin-resource-policy", List.of("same-origin"))
                .doesNotContainKeys("server", "x-powered-by", "strict-transport-security");
        boolean file = answer.uri().getPath().startsWith("/static/") && answer.statusCode() == 200;
        assertThat(headers.get("cache-control"))
                .as("%s: %s", asked, answer)
                .isEqualTo(List.of(file ? "max-age=3600" : "no-store"));
        assertThat(headers.keySet()).as(asked).noneMatch(name -> name.startsWith("access-control-"));
        assertThat(answer.statusCode()).as(asked).isLessThan(500);
    }

    @Test
    void everyAnswerTellsTheBrowserToBeCarefulAndNoneLetsAnotherOriginIn() {
        for (String route : routes()) {
            boolean api = route.contains(" /v1/");
            requireSafe(route, send(route, Map.of("Origin", FOREIGN), api ? "{}" : ""));
            String path = route.split(" ", 2)[1];
            for (String method : List.of("OPTIONS", "TRACE")) {
                requireSafe(
                        method + " " + path,
                        send(
                                method + " " + path,
                                Map.of("Origin", FOREIGN, "Access-Control-Request-Method", "POST"),
                                ""));
            }
            // The routes that would end the test or its session were not called above.
            if (!route.equals("POST /v1/seal") && !route.equals("POST /v1/unseal")) {
                for (String user : api ? List.of("clerk") : List.of("clerk", "director", "custodian", "admin")) {
                    requireSafe(user + ": " + route, send(route, as(user, "Origin", FOREIGN), api ? "{}" : ""));
                }
            }
        }
        for (String path :
                List.of("/nothing", "/static/vault.css", "/static/htmx.min.js", "/static/none", "/static/")) {
            requireSafe(path, send("GET " + path, Map.of("Origin", FOREIGN), ""));
        }
    }

    @Test
    void publicListenerHasThePublicPagesAndNoOtherRouteWhoeverAsks() {
        int outside = server.publicPort().orElseThrow();
        List<String> routes = routes();
        assertThat(routes).containsAll(PUBLIC);
        for (String route : routes) {
            for (Map<String, String> headers : List.of(
                    Map.<String, String>of(), as("director", "Sec-Fetch-Site", "same-origin", "Origin", "null"))) {
                HttpResponse<String> answer = send(outside, route, headers, route.contains(" /v1/") ? "{}" : "");
                if (PUBLIC.contains(route)) {
                    assertThat(answer.statusCode())
                            .as("%s: %s", route, answer.body())
                            .isLessThan(500);
                } else {
                    assertThat(answer.statusCode())
                            .as("%s: %s", route, answer.body())
                            .isEqualTo(404);
                    assertThat(answer.body()).as(route).contains("/not-found\"");
                }
            }
        }
        for (String path : List.of("/nothing", "/static/htmx.min.js", "/static/desk.js", "/static/")) {
            assertThat(send(outside, "GET " + path, Map.of(), "").statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
        for (String path : List.of("/policy", "/v1/policy", "/transparency", "/health/live", "/static/vault.css")) {
            assertThat(send(outside, "GET " + path, Map.of(), "").statusCode())
                    .as(path)
                    .isEqualTo(200);
        }
    }

    @Test
    void whatCannotBeReadAsARequestIsAnsweredAsCarefully() {
        requireSafe("long header", send("GET /", Map.of("X-Long", "x".repeat(10_000)), ""));
        requireSafe("bad path", send("GET /v1/patrons/%00", Map.of(), ""));
    }

    @Test
    void textThatNotEveryDatabaseCanStoreIsRefusedUnread() {
        for (String route : List.of(
                "GET /v1/patrons/%00",
                "GET /v1/operations/a%00b",
                "GET /policy?version=%00",
                "GET /admin/policy?before=%00",
                "GET /v1/statistics?by=%00")) {
            requireMalformed(route, as("admin"), "");
        }
        for (String said :
                List.of("{\"actor\":\"\\u0000\"}", "{\"a\":[{\"b\":\"c\\u0000\"}]}", "{\"actor\":\"\\ud800\"}")) {
            requireMalformed("POST /v1/log/search", as("officer"), said);
        }
        for (String route : forms()) {
            requireMalformed(route, as("admin", "Sec-Fetch-Site", "same-origin"), "id=%00");
        }
    }

    private static void requireMalformed(String route, Map<String, String> headers, String body) {
        HttpResponse<String> answer = send(route, headers, body);
        requireSafe(route, answer);
        assertThat(answer.statusCode()).as("%s: %s", route, answer.body()).isEqualTo(400);
    }

    @Test
    void everyFormIsRefusedFromAPageOfAnotherSite() {
        for (Map<String, String> elsewhere : List.of(
                Map.of("Origin", FOREIGN),
                Map.of("Origin", FOREIGN, "Sec-Fetch-Site", "same-origin"),
                Map.of("Origin", "null", "Sec-Fetch-Site", "cross-site"),
                Map.<String, String>of())) {
            for (String route : forms()) {
                requireRefused(route, elsewhere, "csrf=%s", FROM_ELSEWHERE);
            }
        }
    }

    @Test
    void everyFormOfASessionIsRefusedWithoutItsToken() {
        for (String route : forms()) {
            if (!BEFORE_SESSION.contains(route)) {
                requireRefused(route, Map.of("Origin", "null", "Sec-Fetch-Site", "same-origin"), "", OF_NO_SESSION);
            }
        }
    }

    /** Posts until the refusal has that reason, as any caller. */
    private static void requireRefused(String route, Map<String, String> headers, String body, String says) {
        boolean said = route.equals(SCRIPT);
        for (String user : SESSIONS.keySet()) {
            Map<String, String> all = as(user);
            all.putAll(headers);
            HttpResponse<String> answer = send(route, all, body.formatted(SessionCookie.formToken(SESSIONS.get(user))));
            assertThat(answer.statusCode())
                    .as("%s: %s: %s", user, route, answer.body())
                    .isEqualTo(403);
            assertThat(answer.headers().firstValue("Set-Cookie")).as(route).isEmpty();
            if (answer.body().contains(says)) {
                said = true;
                break;
            }
        }
        assertThat(said).as(route).isTrue();
    }
}
