package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a desk, a supervisor, a privacy officer and a vendor do with patrons all day. */
class MainJobIT {
    private static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private static final String UNKNOWN = "/v1/patrons/0123456789abcdef";

    /** Tests share the vault; each takes patrons of its own. */
    private static final AtomicInteger NEXT = new AtomicInteger(100);

    private static RunningVault vault;
    private static String clerk;
    private static String boss;
    private static String officer;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().start();
        clerk = vault.signIn("clerk");
        boss = vault.signIn("boss");
        officer = vault.signIn("officer");
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void registeredPatronIsFoundByCardPhoneEmailAndTheOneBox() {
        int n = NEXT.incrementAndGet();
        String id = vault.register(clerk, SamplePatron.of(n));
        List<ObjectNode> questions = List.of(
                question().put("card", SamplePatron.card(n)),
                question().put("phone", "(203) 555-0" + n),
                question().put("email", "KAT" + n + "@Example.ORG"),
                question().put("q", SamplePatron.card(n)),
                question().put("q", "203.555.0" + n),
                question().put("q", "kat" + n + "@example.org"));

        assertThat(questions).allSatisfy(question -> {
            Answer answer = search(clerk, question);
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
            assertThat(answer.header("Cache-Control")).contains("no-store");
            JsonNode result = answer.json().at("/results/0");
            assertThat(result.path("id").asText()).isEqualTo(id);
            assertThat(result.path("match").asText()).isEqualTo("exact");
            assertThat(result.at("/name/family").asText()).isEqualTo("O'Sullivan-Ng");
            assertThat(result.has("phone")).isFalse();
            assertThat(answer.json().path("results")).hasSize(1);
        });
    }

    @Test
    void revealOpensWhatIsAskedForAndNamesItsLogEntry() {
        int n = NEXT.incrementAndGet();
        String id = vault.register(clerk, SamplePatron.of(n));

        Answer answer = reveal(clerk, id, "name", "phone", "email", "address", "card");

        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).contains("no-store");
        JsonNode opened = answer.json();
        assertThat(opened.path("card").asText()).isEqualTo(SamplePatron.card(n));
        assertThat(opened.at("/name/given").asText()).isEqualTo("Katherine");
        assertThat(opened.at("/phone/0").asText()).isEqualTo("+12035550" + n);
        assertThat(opened.at("/email/0").asText()).isEqualTo("kat" + n + "@example.org");
        assertThat(opened.at("/address/postalCode").asText()).isEqualTo("06840");
        long entry = opened.path("entry").asLong();
        JsonNode logged = vault.call("GET", "/v1/log/entries?from=" + entry + "&to=" + (entry + 1), officer)
                .json()
                .at("/entries/0");
        assertThat(logged.path("actor").asText()).isEqualTo("clerk");
        assertThat(logged.path("purpose").asText()).isEqualTo("account-service");
        assertThat(logged.path("outcome").asText()).isEqualTo("disclosed");
        assertThat(logged.at("/patrons/0").asText()).isEqualTo(id);
    }

    @Test
    void verifyingSaysRightOrWrongAndShowsNothing() {
        int n = NEXT.incrementAndGet();
        String id = vault.register(clerk, SamplePatron.of(n));

        Answer answer = vault.call(
                "POST",
                "/v1/patrons/" + id + "/verify",
                clerk,
                object().put("phone", "203 555 0" + n)
                        .put("postalCode", "99999")
                        .put("family", "osullivan ng")
                        .put("given", "kat")
                        .put("email", "other@example.org"));

        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        ObjectNode said = (ObjectNode) answer.json();
        assertThat(said.remove("entry").isIntegralNumber()).isTrue();
        assertThat(said)
                .isEqualTo(object().put("phone", true)
                        .put("email", false)
                        .put("postalCode", false)
                        .put("family", true)
                        .put("given", true));
    }

    @Test
    void changeNeedsTheVersionAndIsWrittenOnce() {
        int n = NEXT.incrementAndGet();
        String id = vault.register(clerk, SamplePatron.of(n));
        String path = "/v1/patrons/" + id;
        String change = "{\"email\":[\"new" + n + "@example.org\"],\"address\":{\"line2\":\"Apt 4B\"}}";

        assertThat(vault.send("PATCH", path, clerk, change, Map.of()).refusal()).isEqualTo("428 precondition-required");
        assertThat(vault.send("PATCH", path, clerk, change, Map.of("If-Match", "\"7\""))
                        .refusal())
                .isEqualTo("412 version-stale");
        Answer changed = vault.send(
                "PATCH",
                path,
                clerk,
                change,
                Map.of("If-Match", "\"1\"", "Content-Type", "application/merge-patch+json"));
        assertThat(changed.status()).as("%s", changed).isEqualTo(200);
        assertThat(changed.json().path("version").asInt()).isEqualTo(2);
        assertThat(changed.header("ETag")).isEqualTo("\"2\"");

        assertThat(search(clerk, question().put("email", "kat" + n + "@example.org"))
                        .json()
                        .path("results"))
                .isEmpty();
        assertThat(search(clerk, question().put("email", "new" + n + "@example.org"))
                        .json()
                        .at("/results/0/id")
                        .asText())
                .isEqualTo(id);
        JsonNode address = reveal(clerk, id, "address").json().path("address");
        assertThat(address.path("line2").asText()).isEqualTo("Apt 4B");
        assertThat(address.path("city").asText()).isEqualTo("New Canaan");
    }

    @Test
    void replacedCardStillFindsThePatronAsInactive() {
        int n = NEXT.incrementAndGet();
        int other = NEXT.incrementAndGet();
        String id = vault.register(clerk, SamplePatron.of(n));

        Answer replaced = vault.call(
                "POST",
                "/v1/patrons/" + id + "/card",
                clerk,
                object().put("card", SamplePatron.card(other)).put("reason", "lost"));

        assertThat(replaced.status()).as("%s", replaced).isEqualTo(200);
        JsonNode old = search(clerk, question().put("card", SamplePatron.card(n)))
                .json()
                .at("/results/0");
        assertThat(old.path("id").asText()).isEqualTo(id);
        assertThat(old.path("match").asText()).isEqualTo("inactive-card");
        JsonNode current = search(clerk, question().put("card", SamplePatron.card(other)))
                .json()
                .at("/results/0");
        assertThat(current.path("match").asText()).isEqualTo("exact");
        assertThat(vault.call("POST", "/v1/patrons", clerk, SamplePatron.of(other))
                        .refusal())
                .isEqualTo("409 card-in-use");
    }

    @Test
    void privacyOfficerSeesWhoLookedAndNoValue() {
        String id = vault.register(clerk, SamplePatron.of(NEXT.incrementAndGet()));
        reveal(clerk, id, "phone");

        assertThat(reveal(officer, id, "phone").status()).isEqualTo(403);
        Answer answer = vault.call("GET", "/v1/patrons/" + id + "/accesses", officer);

        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.json().path("accesses")).anySatisfy(access -> {
            assertThat(access.path("actor").asText()).isEqualTo("clerk");
            assertThat(access.path("outcome").asText()).isEqualTo("disclosed");
            assertThat(access.path("fields")).hasSize(1);
        });
        assertThat(answer.text()).doesNotContain("2035550", "555-0", "555 0");
    }

    @Test
    void erasureIsCertifiedAndThenThePatronWasNeverThere() throws GeneralSecurityException {
        int n = NEXT.incrementAndGet();
        String id = vault.register(clerk, SamplePatron.of(n));
        String path = "/v1/patrons/" + id;
        assertThat(vault.call("DELETE", path, clerk).refusal()).isEqualTo("403 not-allowed");

        Answer erased = vault.call("DELETE", path, boss);

        assertThat(erased.status()).as("%s", erased).isEqualTo(200);
        JsonNode certificate = erased.json().path("certificate");
        assertThat(certificate.path("patron").asText()).isEqualTo(id);
        assertThat(certificate.path("by").asText()).isEqualTo("boss");
        assertThat(certificateHolds(erased.json(), certificate)).isTrue();
        assertThat(certificateHolds(erased.json(), ((ObjectNode) certificate.deepCopy()).put("by", "clerk")))
                .isFalse();
        for (String method : List.of("GET", "DELETE")) {
            Answer gone = vault.call(method, path, boss);
            Answer unknown = vault.call(method, UNKNOWN, boss);
            assertThat(gone.refusal()).isEqualTo("404 not-found");
            assertThat(gone.text()).isEqualTo(unknown.text());
        }
        assertThat(search(clerk, question().put("card", SamplePatron.card(n)))
                        .json()
                        .path("results"))
                .isEmpty();
        vault.register(clerk, SamplePatron.of(n));
    }

    /** Verifies with the JDK's Ed25519 over the canonical form of RFC 8785, which for these members is sorted names. */
    private static boolean certificateHolds(JsonNode answer, JsonNode certificate) throws GeneralSecurityException {
        byte[] key = Base64.getDecoder().decode(answer.path("key").asText());
        assertThat(key).hasSize(33).startsWith(1);
        byte[] spki = Arrays.copyOf(HexFormat.of().parseHex("302a300506032b6570032100"), 44);
        System.arraycopy(key, 1, spki, 12, 32);
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki)));
        Object sorted = CANONICAL.convertValue(certificate, Object.class);
        try {
            verifier.update(CANONICAL.writeValueAsBytes(sorted));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
        return verifier.verify(
                Base64.getDecoder().decode(answer.path("signature").asText()));
    }

    @Test
    void vendorLearnsWhetherACardIsEntitledAndNothingElse() {
        String vendor = vault.json("admin", "client", "add", "films-vendor", "--scope", "entitlement")
                .path("key")
                .asText();
        int good = NEXT.incrementAndGet();
        int blocked = NEXT.incrementAndGet();
        int expired = NEXT.incrementAndGet();
        int replacing = NEXT.incrementAndGet();
        String holder = vault.register(clerk, SamplePatron.of(good));
        vault.register(clerk, SamplePatron.of(blocked).put("status", "blocked"));
        vault.register(clerk, SamplePatron.of(expired).put("expires", "2020-01-31"));

        Answer entitled = entitlement(vendor, good);
        assertThat(entitled.status()).as("%s", entitled).isEqualTo(200);
        assertThat(entitled.json().path("entitled").asBoolean()).isTrue();
        assertThat(entitled.json().fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("entitled", "validUntil", "subject");
        assertThat(Instant.parse(entitled.json().path("validUntil").asText()))
                .isBefore(Instant.now().plus(Duration.ofHours(24).plusSeconds(1)));
        assertThat(entitlement(vendor, good).json().path("subject"))
                .isEqualTo(entitled.json().path("subject"));
        vault.call(
                "POST",
                "/v1/patrons/" + holder + "/card",
                clerk,
                object().put("card", SamplePatron.card(replacing)).put("reason", "replaced"));

        assertThat(entitlement(vendor, replacing).json().path("entitled").asBoolean())
                .isTrue();
        // Unknown, blocked, expired and former cards look the same to the byte.
        assertThat(List.of(99_999, blocked, expired, good)).allSatisfy(n -> {
            Answer not = entitlement(vendor, n);
            assertThat(not.status()).isEqualTo(200);
            assertThat(not.text()).isEqualTo("{\"entitled\":false,\"reason\":\"not-entitled\"}");
        });
        assertThat(search(vendor, question().put("card", SamplePatron.card(replacing)))
                        .status())
                .isEqualTo(403);
        assertThat(vault.call("GET", "/v1/patrons/" + holder, vendor).status()).isEqualTo(403);
    }

    @Test
    void sameIdempotencyKeyWritesOnce() {
        int n = NEXT.incrementAndGet();
        Map<String, String> key = Map.of("Idempotency-Key", "write-" + n);
        String body = SamplePatron.of(n).toString();

        Answer first = vault.send("POST", "/v1/patrons", clerk, body, key);
        Answer again = vault.send("POST", "/v1/patrons", clerk, body, key);
        Answer other = vault.send(
                "POST",
                "/v1/patrons",
                clerk,
                SamplePatron.of(NEXT.incrementAndGet()).toString(),
                key);

        assertThat(first.status()).as("%s", first).isEqualTo(201);
        assertThat(again.status()).as("%s", again).isEqualTo(201);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("Location")).isEqualTo(first.header("Location"));
        assertThat(other.refusal()).isEqualTo("409 idempotency-key-reused");
        assertThat(search(clerk, question().put("card", SamplePatron.card(n)))
                        .json()
                        .path("results"))
                .hasSize(1);
    }

    @Test
    void sixtyPatronsMayBeOpenedInTenMinutesAndNoMore() {
        String dir = vault.signIn("dir");
        String last = "";
        for (int i = 0; i < 60; i++) {
            last = vault.register(clerk, SamplePatron.of(NEXT.incrementAndGet()));
            assertThat(reveal(dir, last, "phone").status()).isEqualTo(200);
        }
        String beyond = vault.register(clerk, SamplePatron.of(NEXT.incrementAndGet()));

        Answer limited = reveal(dir, beyond, "phone");

        assertThat(limited.refusal()).isEqualTo("429 reveal-limit");
        assertThat(Integer.parseInt(limited.header("Retry-After"))).isBetween(1, 600);
        assertThat(limited.text()).doesNotContain("2035550", "555-0", "555 0");
        assertThat(reveal(dir, last, "email").status())
                .as("the same patron again is free")
                .isEqualTo(200);
        assertThat(reveal(vault.signIn("dir"), beyond, "phone").refusal())
                .as("another session does not help")
                .isEqualTo("429 reveal-limit");
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode question() {
        return object().put("purpose", "account-service");
    }

    private static Answer search(String token, ObjectNode question) {
        return vault.call("POST", "/v1/patrons/search", token, question);
    }

    private static Answer reveal(String token, String id, String... fields) {
        ObjectNode body = question();
        Arrays.stream(fields).forEach(body.putArray("fields")::add);
        return vault.call("POST", "/v1/patrons/" + id + "/reveal", token, body);
    }

    private static Answer entitlement(String key, int card) {
        return vault.call(
                "POST",
                "/v1/entitlements/check",
                key,
                object().put("card", SamplePatron.card(card)).put("service", "films"));
    }
}
