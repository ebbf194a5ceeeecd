package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.access.posted.Placeholders;
import org.patronvault.access.posted.PolicyVersions;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.app.Service;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the posted policy over HTTP and in a browser (P12). */
class PolicyHttpTest {
    private static final String TEXT = """
            # Privacy

            We keep it for three years at most, says {{law}}.

            <script>alert(1)</script>

            Look [here](javascript:alert(1)) or [there](https://example.org/a), or [ask][1].

            [1]: {{contact}}

            ![a map](https://example.org/map.png) <img src=x onerror=alert(1)>
            """;

    private ServedVault served;
    private WebServer server;
    private Browser anybody;
    private String director;

    @BeforeEach
    void begin() {
        served = new ServedVault();
        served.staff("dora", "director");
        served.staff("kim", "circulation");
        director = token("dora");
        server = WebServer.start(
                Service.partsOf(served.vault().vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(0), Proxies.NONE));
        anybody = new Browser(server.port());
    }

    @AfterEach
    void close() {
        server.close();
        served.close();
    }

    private String token(String name) {
        return served.post("/v1/sessions", ServedVault.credentials(name, ServedVault.PASSWORD))
                .json()
                .path("token")
                .asText();
    }

    private static ObjectNode version(String version, String text) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", version)
                .put("approved", "2026-11-20")
                .put("nextReview", "2029-11-20")
                .put("text", text);
    }

    private ServedVault.Answer post(String token, ObjectNode body) {
        return served.call("POST", "/v1/policy/versions", token, body);
    }

    private JsonNode get(String path) {
        return new ServedVault.Answer(anybody.get(path)).json();
    }

    @Test
    void theDefaultIsThereForEverybodyAndMatchesItsDigest() {
        JsonNode policy = get("/v1/policy");
        assertThat(policy.path("version").asText()).isEqualTo("2018-05");
        assertThat(policy.path("posted").asBoolean()).isTrue();
        assertThat(policy.path("approved").asText()).isEqualTo("2018-05-01");
        assertThat(policy.path("nextReview").asText()).isEqualTo("2027-11-24");
        assertThat(policy.path("text").asText()).contains("this library").doesNotContain("{{");
        JsonNode one = get("/v1/policy/versions/2018-05");
        PostedPolicy source = PostedPolicy.of(
                "2018-05", "2018-05-01", "2027-11-24", one.path("source").asText(), LocalDate.MAX.minusDays(1));
        assertThat(one.path("digest").asText()).isEqualTo(source.digest());
        assertThat(one.path("text").asText()).isEqualTo(policy.path("text").asText());
    }

    @Test
    void theDirectorPostsAVersionForEver() {
        ServedVault.Answer posted = post(director, version("2026-11", TEXT));
        assertThat(posted.status()).isEqualTo(201);
        assertThat(posted.http().headers().firstValue("Location")).hasValue("/v1/policy/versions/2026-11");
        assertThat(post(director, version("2026-11", TEXT)).status()).isEqualTo(201);
        assertThat(post(director, version("2026-11", "Other.")).refusal()).isEqualTo("409 name-in-use");
        assertThat(post(director, version("2026-11", TEXT).put("nextReview", "2029-11-21"))
                        .refusal())
                .isEqualTo("409 name-in-use");
        assertThat(StreamSupport.stream(
                        served.call("GET", "/v1/policy/versions", director)
                                .json()
                                .path("versions")
                                .spliterator(),
                        false))
                .extracting(v -> v.path("version").asText() + v.path("current").asText())
                .containsExactly("2026-11false", "2018-05true");
    }

    @Test
    void onlyTheDirectorPostsAndATryIsInTheLog() {
        long size = served.vault().logSize();
        assertThat(post(token("kim"), version("Not A Version", TEXT)).refusal()).isEqualTo("403 not-allowed");
        assertThat(served.vault().logSince(size))
                .filteredOn(e -> e.act() == ActKind.POLICY)
                .extracting(e -> e.outcome(), e -> e.actor().name())
                .containsExactly(tuple(Outcome.REFUSED, "kim"));
        assertThat(get("/v1/policy/versions").path("versions")).hasSize(1);
    }

    @Test
    void whatBreaksARuleIsRefusedWithTheRuleAndLogged() {
        Map<String, String> rules = Map.of(
                "approved", "2026-11-26",
                "nextReview", "2026-11-20",
                "version", "Zyzzyva 1",
                "text", "{{zyzzyva}}");
        rules.forEach((member, value) -> {
            ServedVault.Answer answer = post(director, version("2026-11", TEXT).put(member, value));
            assertThat(answer.refusal()).isEqualTo("422 invalid");
            assertThat(answer.http().body()).doesNotContainIgnoringCase("zyzzyva");
        });
        assertThat(post(director, version("2026-11", TEXT).put("by", "me")).refusal())
                .isEqualTo("422 invalid");
        assertThat(post(director, version("2026-11", "é".repeat(PostedPolicy.MAX_TEXT_BYTES / 2)))
                        .refusal())
                .isEqualTo("422 invalid");
        assertThat(post(director, version("2026-11", "a".repeat(70_000))).status())
                .isEqualTo(413);
        long size = served.vault().logSize();
        post(director, version("2026-11", ""));
        assertThat(served.vault().logSince(size)).extracting(e -> e.outcome()).containsExactly(Outcome.REFUSED);
        assertThat(get("/v1/policy/versions").path("versions")).hasSize(1);
    }

    @Test
    void aTextRunsNothingOnThePage() {
        PolicyVersions shown = served.vault().vault().access().policyVersions();
        shown.fillWith(
                new Placeholders(Map.of("law", "<b>*x*</b> [y](javascript:2)", "contact", "javascript:alert(3)")));
        post(director, version("2026-11", TEXT));
        String page = anybody.get("/policy?version=2026-11").body();
        assertThat(page)
                .contains("<h2>Privacy</h2>", "&lt;script&gt;alert(1)&lt;/script&gt;", "a map &lt;img src=x")
                .contains("<a rel=\"nofollow\" href=\"https://example.org/a\">there</a>")
                .contains("says &lt;b&gt;*x*&lt;/b&gt; [y](javascript:2).", "which is not the one in force")
                .doesNotContain("<script", "href=\"javascript:", "<b>", "onerror=alert(1)>\n<", "map.png");
    }

    @Test
    void anyTwoVersionsStandSideBySide() {
        post(director, version("2026-11", TEXT));
        post(director, version("2026-12", TEXT.replace("three years at most", "two <b> years")));
        String page = anybody.get("/policy?from=2026-11&to=2026-12").body();
        assertThat(page)
                .contains("Paragraphs changed: 1, removed: 0, added: 0.")
                .containsPattern("<del><span class=\"visually-hidden\">\\[only in 2026-11:</span> three years at most,")
                .containsPattern("<ins><span class=\"visually-hidden\">\\[only in 2026-12:</span> two &lt;b&gt; years,")
                .contains("2026-11: changed", "2026-12: changed")
                .doesNotContain("<b>", "<script");
        assertThat(anybody.get("/policy?from=2026-11&to=2026-11").body()).contains("The two texts are the same.");
        assertThat(anybody.get("/policy?from=2026-11").body()).contains("Version 2026-11 and version 2018-05");
    }

    @Test
    void aVersionThatIsNotThereIsNotFoundAndNotRepeated() {
        for (String path :
                new String[] {"/policy?version=zyzzyva", "/policy?from=2018-05&to=zyzzyva", "/policy?from="}) {
            HttpResponse<String> page = anybody.get(path);
            assertThat(page.statusCode()).isEqualTo(404);
            assertThat(page.body()).contains("No such version is posted.").doesNotContain("zyzzyva");
        }
        assertThat(new ServedVault.Answer(anybody.get("/v1/policy/versions/zyzzyva")).refusal())
                .isEqualTo("404 not-found");
    }

    @Test
    void aVersionInForceThatIsNotPostedIsSaidPlainly() {
        served.vault()
                .restartUnder(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                        .replace("\"2018-05\"", "\"2020-01\""));
        try (WebServer other = WebServer.start(
                Service.partsOf(served.vault().vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE))) {
            Browser browser = new Browser(other.port());
            JsonNode policy = new ServedVault.Answer(browser.get("/v1/policy")).json();
            assertThat(policy.path("version").asText()).isEqualTo("2020-01");
            assertThat(policy.path("posted").asBoolean()).isFalse();
            assertThat(policy.has("approved")).isFalse();
            assertThat(browser.get("/policy").body())
                    .contains("The text of version 2020-01, which is in force, is not posted here.", "Version 2018-05");
        }
    }

    @Test
    void sealedItIsStillThereAndSaysThatItIsNotProved() {
        served.vault().vault().seal().seal(OpenVault.person("custodian"), AuditLog.newRequest());
        assertThat(get("/v1/policy").path("proven").asBoolean()).isFalse();
        assertThat(get("/v1/policy/versions").path("versions")).hasSize(1);
        assertThat(get("/v1/policy/versions/2018-05").path("source").asText()).contains("{{library}}");
        assertThat(anybody.get("/policy").body()).contains("could not be checked", "Privacy and confidentiality");
        assertThat(post(director, version("2026-11", TEXT)).refusal()).isEqualTo("503 sealed");
    }

    @Test
    void thePublicListenerReadsAndDoesNotPost() {
        Browser outside = new Browser(server.publicPort().orElseThrow());
        assertThat(outside.get("/v1/policy/versions/2018-05").statusCode()).isEqualTo(200);
        assertThat(outside.get("/policy?version=2018-05").statusCode()).isEqualTo(200);
        assertThat(outside.send(outside.form("/v1/policy/versions", Map.of())).statusCode())
                .isEqualTo(404);
    }
}
