package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/**
 * Tests of retention over HTTP, by an account without other permissions: each write has one effect and one answer for
 * its key.
 */
final class RetentionHttpTest {
    private static final String PASSWORD = "a quiet reading room";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String TODAY = "{\"today\":\"2026-11-24\"}";

    private static OpenVault vault;
    private static WebServer server;
    private static String token = "none";
    private static int cards;

    /** An answer. */
    private record Answer(int status, String text, String location) {
        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String problem() {
            return json().path("type").asText().replaceFirst(".*/", "");
        }
    }

    @BeforeAll
    static void open() {
        vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("  page:\n", "  weeder:\n    may: [retention]\n  page:\n")
                .replace("  accessLog: 24\n", """
                          accessLog: 24
                          patrons:
                            blocked: {expiredMonths: 36, status: [blocked]}
                            staff: {expiredMonths: 36, categories: [staff]}
                            adults: {expiredMonths: 36, categories: [adult], status: [active]}
                        """));

        vault.employ("wes", PASSWORD, "weeder");
        register("'expires':'2020-01-31','status':'blocked'");
        register("'expires':'2020-01-31','category':'staff'");
        for (int i = 0; i < 2; i++) {
            register("'expires':'2020-01-31'");
        }
        for (int i = 0; i < 22; i++) {
            register("'expires':'2027-01-31'");
        }
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty(), Proxies.NONE));
        token = post("/v1/sessions", "{\"username\":\"wes\",\"password\":\"" + PASSWORD + "\"}", "none")
                .json()
                .path("token")
                .asText();
    }

    private static void register(String more) {
        vault.register("'card':'R" + ++cards + "','name':{'family':'Doe'}," + more);
    }

    @AfterAll
    static void close() {
        server.close();
        vault.close();
    }

    private static Answer post(String path, String body, String key) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Authorization", "Bearer " + token);
    }

    private static Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(),
                    answer.body(),
                    answer.headers().firstValue("Location").orElse(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String review(String rule, String key) {
        Answer made = post("/v1/retention/" + rule + "/reviews", "", key);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json().path("id").asText();
    }

    private static String run(String review) {
        return "/v1/retention/reviews/" + review + "/run";
    }

    @Test
    void aReviewIsMadeOnceForItsKey() {
        Answer made = post("/v1/retention/staff/reviews", "", "made");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().path("patrons")).hasSize(1);
        assertThat(made.location())
                .isEqualTo("/v1/retention/reviews/" + made.json().path("id").asText());
        assertThat(post("/v1/retention/staff/reviews", "", "made")).isEqualTo(made);
        assertThat(post("/v1/retention/blocked/reviews", "", "made").problem()).isEqualTo("idempotency-key-reused");
        assertThat(post("/v1/retention/staff/reviews", "", "another").text()).isNotEqualTo(made.text());
        assertThat(post("/v1/retention/staff/reviews", "", "k".repeat(201)).status())
                .isEqualTo(422);
    }

    @Test
    void aRunIsBegunOnceForItsKeyAndAnotherBodyIsRefused() {
        String id = review("blocked", "to-run");
        Answer begun = post(run(id), TODAY, "run");
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
        assertThat(begun.json().path("state").asText()).isEqualTo("running");
        assertThat(begun.location()).isEqualTo("/v1/retention/reviews/" + id);
        assertThat(post(run(id), TODAY, "run")).isEqualTo(begun);
        Answer other = post(run(id), TODAY.replace("24", "25"), "run");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.problem()).isEqualTo("idempotency-key-reused");
        while (!send(request(begun.location())).json().path("state").asText().equals("done")) {
            // Another test runs another rule, and one run is made at a time.
            Thread.onSpinWait();
        }
    }

    @Test
    void aRoleThatMayRunRetentionAloneSeesTheRequestItWasAnsweredWith() {
        String id = review("adults", "many");
        Answer waits = post(run(id), TODAY, "waits");
        assertThat(waits.status()).as(waits.text()).isEqualTo(202);
        assertThat(waits.json().path("state").asText()).isEqualTo("pending");
        String request = waits.json().path("id").asText();
        assertThat(waits.location()).isEqualTo("/v1/approvals/" + request);
        assertThat(post(run(id), TODAY, "waits")).isEqualTo(waits);
        assertThat(send(request("/v1/approvals/" + request)).status()).isEqualTo(200);
        assertThat(send(request("/v1/approvals")).text()).contains(request);
    }
}
