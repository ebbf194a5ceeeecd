package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests that more threads and more sessions do not open more patrons. */
final class LimitsOverHttpTest {
    private static final int THREADS = 20;
    private static final int EACH = 5;
    private static final int LIMIT = 60;
    private static final String PASSWORD = "a quiet reading room";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private String base;

    @Test
    void twentyThreadsOverFreshSessionsPassTheLimitByNone() throws Exception {
        try (OpenVault vault = OpenVault.onSqlite()) {
            vault.employ("clerk", PASSWORD, "circulation", "supervisor");
            List<PatronId> patrons = new ArrayList<>();
            for (int i = 0; i < THREADS * EACH; i++) {
                patrons.add(vault.register("'card':'LIMIT" + (1000 + i) + "','name':{'family':'Ng','given':'Kat'}"));
            }
            try (WebServer server = WebServer.start(
                    Service.partsOf(vault.vault()),
                    new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE))) {
                base = "http://127.0.0.1:" + server.port();
                List<Integer> answers = reveal(patrons);
                assertThat(answers).filteredOn(status -> status == 200).hasSize(LIMIT);
                assertThat(answers).filteredOn(status -> status == 429).hasSize(THREADS * EACH - LIMIT);
            }
        }
    }

    @Test
    void lastFourInResultsCountAsANameAndACardRevealedCountsAsOpened() throws Exception {
        String tight = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("opened: {tenMinutes: 60,", "opened: {tenMinutes: 1,")
                .replace("names: {tenMinutes: 1000,", "names: {tenMinutes: 5,");
        try (OpenVault vault = OpenVault.under(tight)) {
            vault.employ("clerk", PASSWORD, "circulation");
            for (int i = 0; i < 3; i++) {
                vault.register("'card':'LIMIT" + (1000 + i) + "','name':{'family':'Ng','given':'Kat'}");
            }
            try (WebServer server = WebServer.start(
                    Service.partsOf(vault.vault()),
                    new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE))) {
                base = "http://127.0.0.1:" + server.port();
                String token = signIn("circulation");
                JsonNode found = JSON.readTree(search(token, "'name':'Ng'").body());
                assertThat(found.path("results").findValuesAsText("card"))
                        .containsExactlyInAnyOrder("…1000", "…1001", "…1002");
                // Three names were counted, and no opened patron.
                assertThat(search(token, "'card':'LIMIT1000','reveal':['card']").body())
                        .contains("\"card\":\"LIMIT1000\"");
                HttpResponse<String> second = search(token, "'card':'LIMIT1001','reveal':['card']");
                assertThat(second.statusCode()).isEqualTo(429);
                assertThat(second.body()).contains("reveal-limit");
                assertThat(search(token, "'card':'LIMIT1001'").statusCode()).isEqualTo(200);
                HttpResponse<String> sixth = search(token, "'card':'LIMIT1002'");
                assertThat(sixth.statusCode()).isEqualTo(429);
                assertThat(sixth.body()).contains("search-limit");
            }
        }
    }

    private HttpResponse<String> search(String token, String members) throws Exception {
        String body = "{" + members + ",'purpose':'account-service'}";
        return post("/v1/patrons/search", token, body.replace('\'', '"'));
    }

    private List<Integer> reveal(List<PatronId> patrons) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<List<Integer>>> works = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                List<PatronId> own = patrons.subList(i * EACH, (i + 1) * EACH);
                // Another role is another session of one person.
                String token = signIn(i % 2 == 0 ? "circulation" : "supervisor");
                works.add(() -> revealOwn(own, token));
            }
            List<Integer> answers = new ArrayList<>();
            for (Future<List<Integer>> work : threads.invokeAll(works)) {
                answers.addAll(work.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    private String signIn(String role) throws Exception {
        HttpResponse<String> begun = post(
                "/v1/sessions",
                "",
                JSON.writeValueAsString(Map.of("username", "clerk", "password", PASSWORD, "role", role)));
        assertThat(begun.statusCode()).isEqualTo(201);
        return JSON.readTree(begun.body()).path("token").asText();
    }

    private List<Integer> revealOwn(List<PatronId> patrons, String token) throws Exception {
        List<Integer> answers = new ArrayList<>();
        for (PatronId patron : patrons) {
            answers.add(
                    post("/v1/patrons/" + patron + "/reveal", token, "{\"fields\":[\"card\"],\"purpose\":\"checkout\"}")
                            .statusCode());
        }
        return answers;
    }

    private HttpResponse<String> post(String path, String token, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
