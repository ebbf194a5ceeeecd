package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.testing.TestClock;
import org.patronvault.web.http.JsonResponses;

/** Tests of rotation and re-encryption over HTTP, by custodians. */
final class KeysHttpTest {
    private static ServedVault vault;
    private static String custodian;
    private static String clerk;

    @BeforeAll
    static void start() {
        vault = new ServedVault();
        vault.staff("carol", "custodian");
        vault.staff("clara", "circulation");
        custodian = token("carol");
        clerk = token("clara");
        for (int n = 0; n < 12; n++) {
            vault.vault().register("'card':'K" + n + "','name':{'family':'Doe'}");
        }
    }

    private static String token(String user) {
        return vault.signIn("198.51.100.1", ServedVault.credentials(user, ServedVault.PASSWORD))
                .json()
                .path("token")
                .asText();
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static ObjectNode body() {
        return JsonResponses.object();
    }

    private static ServedVault.Answer post(String path, ObjectNode body) {
        return vault.call("POST", path, custodian, body);
    }

    private static Operation ended(ServedVault.Answer begun) {
        assertThat(begun.status()).isEqualTo(202);
        return vault.vault()
                .vault()
                .operations()
                .await(begun.json().path("operation").asText());
    }

    @Test
    void rateIsKeptToAndABodyMayBeAbsent() {
        Operation ended = ended(post("/v1/keys/name/rotate", body().put("rate", 1_000_000)));
        assertThat(ended.rate()).isEqualTo(1_000_000);
        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended(vault.call("POST", "/v1/keys/name/rotate", custodian)).rate())
                .isZero();
        assertThat(ended(post("/v1/keys/name/reencrypt", body())).kind()).isEqualTo("reencrypt");
        assertThat(ended(vault.call("POST", "/v1/keys/name/reencrypt", custodian))
                        .done())
                .isEqualTo(12);
    }

    @Test
    void wrongRateIsRefusedAfterEverythingElseThatIsWrong() {
        for (String act : new String[] {"rotate", "reencrypt"}) {
            for (ObjectNode wrong : new ObjectNode[] {
                body().put("rate", -1),
                body().put("rate", 1_000_001),
                body().put("rate", "fast"),
                body().put("rate", 1.5),
                body().put("speed", 1)
            }) {
                assertThat(post("/v1/keys/email/" + act, wrong).refusal()).isEqualTo("422 invalid");
                assertThat(post("/v1/keys/nothing/" + act, wrong).refusal()).isEqualTo("404 not-found");
                assertThat(vault.call("POST", "/v1/keys/email/" + act, clerk, wrong)
                                .refusal())
                        .isEqualTo("403 not-allowed");
            }
        }
        assertThat(post("/v1/keys/search/reencrypt", body()).refusal()).isEqualTo("404 not-found");
        ServedVault.Answer slow = post("/v1/keys/email/reencrypt", body().put("rate", 4));
        for (String path : new String[] {"email/rotate", "email/reencrypt", "all/rotate", "all/reencrypt"}) {
            ServedVault.Answer second = post("/v1/keys/" + path, body().put("rate", -1));
            assertThat(second.refusal()).isEqualTo("409 operation-running");
            assertThat(second.json().path("by").asText()).isEqualTo("carol");
        }
        JsonNode running = vault.call(
                        "GET", "/v1/operations/" + slow.json().path("operation").asText(), custodian)
                .json();
        assertThat(running.path("kind").asText()).isEqualTo("reencrypt");
        assertThat(ended(slow).state()).isEqualTo(Operation.DONE);
    }

    @Test
    void refusedTryIsInTheLogUnderItsAct() {
        long from = vault.vault().logSize();
        vault.call("POST", "/v1/keys/phone/reencrypt", clerk, body());
        assertThat(vault.vault().logSince(from)).anySatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.REENCRYPT);
            assertThat(event.about()).contains("phone");
        });
    }

    @Test
    void statusShowsTheNextRotationAndWhatIsToBeDestroyed() {
        ended(post("/v1/keys/phone/rotate", body()));
        JsonNode keys = vault.call("GET", "/v1/keys", custodian).json().path("keys");
        for (JsonNode key : keys) {
            if (key.path("field").asText().equals("phone")) {
                assertThat(key.path("nextRotation").asText())
                        .isEqualTo(TestClock.MORNING
                                .plus(java.time.Duration.ofDays(30))
                                .toString());
                JsonNode old = key.path("versions").path(0);
                assertThat(old.path("retired").asText()).isEqualTo(TestClock.MORNING.toString());
                return;
            }
        }
        throw new AssertionError("no phone");
    }
}
