package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Service;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.Browser;
import org.patronvault.web.OpenMetrics;
import org.patronvault.web.ServedVault;
import org.patronvault.web.WebServer;

/** Tests of /metrics after a day with canaries: correct, in both forms, described, and without personal data. */
final class MetricsTest {
    private static final String CANARY = "zqcanary";
    private static final Path DOCUMENT = Path.of("src/site/markdown/metrics.md");
    private static final Path RULES = Path.of("src/site/markdown/alert-rules.yml");
    private static final String ROUTE = "/v1/patrons/{id}/reveal";
    private static final int REVEALS = 13;
    private static final int OPENED = 4;

    /** There only where the vault has such a thing. */
    private static final Set<String> SOMEWHERE = Set.of(
            "vault_tls_not_after_seconds",
            "vault_log_witness_behind_seconds",
            "vault_log_witness_behind_entries",
            "vault_alert_messages_total");

    private static OpenVault vault;
    private static WebServer server;
    private static Browser browser;
    private static String token;
    private static String request;

    @BeforeAll
    static void aDay() throws Exception {
        vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("opened: {tenMinutes: 60,", "opened: {tenMinutes: " + OPENED + ","));
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE));
        browser = new Browser(server.port());
        vault.employ(CANARY + "clerk", ServedVault.PASSWORD, "circulation");
        JsonNode session = new ObjectMapper()
                .readTree(post(
                                "/v1/sessions",
                                ServedVault.credentials(CANARY + "clerk", ServedVault.PASSWORD)
                                        .toString())
                        .body());
        token = session.path("token").asText();
        String id = vault.register("'card':'ZQCANARY1','name':{'family':'" + CANARY + "','given':'" + CANARY
                        + "'},'address':{'line1':'" + CANARY + "'},'email':['" + CANARY + "@example.org']")
                .toString();
        for (int i = 0; i < REVEALS; i++) {
            HttpResponse<String> shown =
                    post("/v1/patrons/" + id + "/reveal", "{\"fields\":[\"email\"],\"purpose\":\"account-service\"}");
            assertThat(shown.body()).contains(CANARY);
            request = shown.headers().firstValue("X-Request-Id").orElseThrow();
        }
        post("/v1/patrons/search", "{\"q\":\"" + CANARY + "\",\"purpose\":\"account-service\"}");
        post("/v1/disclosures/urgent", "{}");
        browser.get("/cases");
        browser.get("/officer");
        assertThat(post("/v1/patrons/" + id + "/reveal", "{\"fields\":[\"email\"],\"purpose\":\"patron-request\"}")
                        .statusCode())
                .isEqualTo(200);
        wrong();
        reachALimit();
    }

    /** Opens patrons up to the policy's limit. One was opened before. */
    private static void reachALimit() {
        for (int i = 1; i <= OPENED; i++) {
            String id = vault.register("'card':'ZQCANARY2" + i + "','name':{'family':'" + CANARY + "'}")
                    .toString();
            assertThat(post("/v1/patrons/" + id + "/reveal", "{\"fields\":[\"email\"],\"purpose\":\"account-service\"}")
                            .statusCode())
                    .isEqualTo(i < OPENED ? 200 : 429);
        }
    }

    private static void wrong() {
        assertThat(post(
                                "/v1/sessions",
                                ServedVault.credentials(CANARY + "nobody", CANARY)
                                        .toString())
                        .statusCode())
                .isEqualTo(401);
        post("/v1/" + CANARY, "{}");
        post("/v1/patrons/" + CANARY + "/reveal", "{\"" + CANARY + "\":1}");
        post("/v1/patrons/search", "{" + CANARY);
        browser.send(browser.request("/" + CANARY + "?" + CANARY + "=" + CANARY)
                .header("X-Request-Id", CANARY)
                .header("User-Agent", CANARY)
                .method("ZQCANARY", HttpRequest.BodyPublishers.noBody()));
        browser.get("/?lang=" + CANARY);
    }

    private static HttpResponse<String> post(String path, String body) {
        HttpRequest.Builder post = browser.request(path).header("Content-Type", "application/json");
        if (token != null) {
            post.header("Authorization", "Bearer " + token);
        }
        return browser.send(post.POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    @AfterAll
    static void close() {
        server.close();
        vault.close();
    }

    private static HttpResponse<String> scrape(String accept) {
        return browser.send(browser.request("/metrics").header("Accept", accept).GET());
    }

    private static OpenMetrics now() {
        return OpenMetrics.parse(scrape("application/openmetrics-text").body(), true);
    }

    @Test
    void isOpenMetricsForWhoAsksForItAndElseTheTextFormOfPrometheus() {
        HttpResponse<String> open = scrape("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2");
        HttpResponse<String> text = scrape("*/*");

        assertThat(open.headers().firstValue("Content-Type").orElseThrow())
                .isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(text.headers().firstValue("Content-Type").orElseThrow())
                .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(OpenMetrics.parse(open.body(), true).names())
                .isEqualTo(OpenMetrics.parse(text.body(), false).names());
    }

    @Test
    void nothingOfAnybodyIsAmongThem() {
        String all = scrape("application/openmetrics-text").body() + scrape("").body();

        assertThat(all).doesNotContainIgnoringCase(CANARY).doesNotContain("127.0.0.1");
        assertThat(now().samples)
                .extracting(one -> one.labels().getOrDefault("method", "POST"))
                .contains("other")
                .isSubsetOf("GET", "POST", "HEAD", "PATCH", "PUT", "DELETE", "other");
    }

    @Test
    void nothingOfWhatBelongsToACaseIsAmongThem() {
        assertThat(now().samples)
                .noneMatch(one -> one.labels().getOrDefault("route", "").matches(".*(disclosures|cases|officer).*"))
                .noneMatch(one ->
                        one.labels().getOrDefault("kind", "").matches("case-opened|officer-here|records-released"))
                .anyMatch(one -> one.labels().getOrDefault("kind", "").equals("decoy-opened"));
    }

    /** "Sealed means sealed": neither counts nor names of what was done before. */
    @Test
    void sealedVaultTellsOfItselfAndItsMachineAlone() {
        vault.vault().custody().seal();
        try {
            assertThat(now().names())
                    .contains("vault_sealed", "vault_backup_age_seconds")
                    .allMatch(name -> name.matches("(jvm|process)_.*|vault_(sealed|unseal|backup_age|disk_free).*"
                            + "|vault_database_.*|vault_tls_not_after.*"));
        } finally {
            vault.unseal();
        }
    }

    @Test
    void histogramHasEachAnswerOnce() {
        Map<String, String> shown = Map.of("method", "POST", "route", ROUTE, "status", "2xx");
        OpenMetrics before = now();

        assertThat(before.value("vault_http_request_duration_seconds_count", shown))
                .isEqualTo(REVEALS + OPENED);
        assertThat(before.value("vault_http_request_duration_seconds_sum", shown))
                .isPositive();
        Map<String, String> itself = Map.of("method", "GET", "route", "/metrics", "status", "2xx");
        double scrapes = now().value("vault_http_request_duration_seconds_count", itself);
        assertThat(now().value("vault_http_request_duration_seconds_count", itself))
                .isEqualTo(scrapes + 1);
    }

    @Test
    void refusalsAreCountedByTypeAndRevealsInTens() {
        OpenMetrics now = now();

        for (String type : List.of("invalid-credentials", "not-found", "malformed")) {
            assertThat(now.value("vault_http_refusals_total", Map.of("type", type)))
                    .as(type)
                    .isPositive();
        }
        assertThat(now.value("vault_sign_in_failures_total", Map.of())).isEqualTo(1);
        assertThat(now.value("vault_reveals_total", Map.of("role", "circulation", "purpose", "account-service")))
                .isEqualTo(10);
        // The metrics do not even reveal that it was opened once.
        assertThat(now.samples)
                .noneMatch(one -> one.labels().getOrDefault("purpose", "").equals("patron-request"));
    }

    @Test
    void limitThatRefusesIsCountedAndSoAreItsAlerts() {
        OpenMetrics now = now();
        assertThat(now.value("vault_http_refusals_total", Map.of("type", "reveal-limit")))
                .isEqualTo(1);
        for (String kind : List.of("limit-half", "limit-reached")) {
            assertThat(now.value("vault_alerts_total", Map.of("kind", kind)))
                    .as(kind)
                    .isEqualTo(1);
        }
    }

    @Test
    void everyEntryIsCountedByHowLongItTook() {
        OpenMetrics now = now();

        assertThat(now.value("vault_log_append_seconds_count", Map.of()))
                .isGreaterThan(REVEALS)
                .isEqualTo(now.value("vault_log_batch_acts_sum", Map.of()));
        assertThat(now.value("vault_act_wait_seconds_count", Map.of("lane", "desk")))
                .isGreaterThan(REVEALS);
        assertThat(now.value("vault_act_decide_seconds_count", Map.of("act", "reveal")))
                .isGreaterThan(REVEALS);
        assertThat(now.value("vault_answers_behind", Map.of())).isNotNegative();
        assertThat(now.value("vault_log_entries", Map.of()))
                .isEqualTo((double) vault.vault().log().reader().size());
        assertThat(now.value("vault_disk_free_bytes", Map.of())).isPositive();
        assertThat(now.value("vault_database_size_bytes", Map.of())).isPositive();
        assertThat(now.value("vault_key_made_timestamp_seconds", Map.of("key", "phone")))
                .isPositive();
        assertThat(now.value("vault_rotations_running", Map.of())).isZero();
    }

    @Test
    void idOfAnAnswerIsThatOfItsEntryAndNotWhatWasSent() {
        LogReader reader = vault.vault().log().reader();
        List<String> ids = reader.entries(0, reader.size()).entries().stream()
                .map(entry -> java.util.HexFormat.of().formatHex(entry.event().request()))
                .toList();

        assertThat(request).matches("[0-9a-f]{32}");
        assertThat(ids).contains(request);
        assertThat(browser.send(browser.request("/health/live")
                                .header("X-Request-Id", CANARY)
                                .GET())
                        .headers()
                        .firstValue("X-Request-Id")
                        .orElseThrow())
                .matches("[0-9a-f]{32}");
    }

    @Test
    void everyMetricIsDescribedAndEveryDescribedOneIsThere() throws IOException {
        Set<String> described = new TreeSet<>();
        Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.matches("\\| `(vault|jvm|process)_.*"))
                .map(line -> line.split("\\|", 3)[1])
                .forEach(cell -> described.addAll(names(cell)));
        Set<String> served = new TreeSet<>(now().names());
        served.addAll(SOMEWHERE);

        assertThat(described).isEqualTo(served);
    }

    @Test
    void rulesNameOnlyWhatIsThereAndEveryRuleIsDescribed() throws IOException {
        String document = Files.readString(DOCUMENT);
        Set<String> known = new HashSet<>(now().names());
        known.addAll(SOMEWHERE);
        JsonNode rules = new ObjectMapper(new YAMLFactory()).readTree(RULES.toFile());
        Set<String> alerts = new TreeSet<>();
        for (JsonNode rule : rules.at("/groups/0/rules")) {
            alerts.add(rule.path("alert").asText());
            assertThat(names(rule.path("expr").asText()))
                    .as("%s", rule)
                    .allSatisfy(name -> assertThat(known).contains(name.replaceAll("_(bucket|count|sum)$", "")));
            assertThat(rule.at("/labels/severity").asText()).isIn("page", "ticket");
            assertThat(rule.at("/annotations/summary").asText()).endsWith(".");
        }

        assertThat(alerts).hasSizeGreaterThan(10);
        Matcher rows = Pattern.compile("(?m)^\\| `(PatronVault[A-Za-z]+)`").matcher(document);
        Set<String> described = new TreeSet<>();
        while (rows.find()) {
            described.add(rows.group(1));
        }
        assertThat(described).isEqualTo(alerts);
    }

    private static Set<String> names(String text) {
        Set<String> names = new TreeSet<>();
        Matcher name = Pattern.compile("\\b(?:vault|jvm|process)_[a-z_]+").matcher(text);
        while (name.find()) {
            names.add(name.group());
        }
        return names;
    }
}
