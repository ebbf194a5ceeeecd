package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.app.Service;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** Tests of the answers to a vendor's server over HTTP (P8). */
final class EntitlementHttpTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NO = "{\"entitled\":false,\"reason\":\"not-entitled\"}";
    private static final int CARD_MINUTE = 40;
    private static OpenVault vault;
    private static WebServer server;
    private static String hoopla;

    @BeforeAll
    static void serve() {
        vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("ebooks: {}", "ebooks: {}\n  told: {tells: [expired, blocked]}\n  others: {clients: [kanopy]}")
                .replace("cardMinute: 600", "cardMinute: " + CARD_MINUTE));
        vault.register("'card':'GOOD','name':{'family':'Quimperle'},'expires':'2029-01-31'");
        vault.register("'card':'EXPIRED','name':{'family':'Quimperle'},'expires':'2026-11-23'");
        vault.register("'card':'BLOCKED','name':{'family':'Quimperle'},'status':'blocked'");
        vault.whileStopped(EntitlementHttpTest::namePins);
        hoopla = vault.vault()
                .access()
                .clients()
                .add(
                        Approvals.Requester.alone(ServedVault.ADMIN),
                        "hoopla",
                        ClientGrant.parse(List.of("entitlement"), List.of(), List.of(), "10000", "", "none"))
                .secret()
                .orElseThrow();
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty(), Proxies.NONE));
    }

    /** 4711 is right, 9999 is unknown to the service, anything else is wrong. */
    private static void namePins() {
        String program = "read q; case $q in *4711*) exit 0;; *9999*) exit 3;; *) exit 1;; esac";
        try {
            Files.writeString(
                    vault.home().settings(),
                    "pins: {command: [/bin/sh, -c, '" + program + "']}\n",
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterAll
    static void close() {
        server.close();
        vault.close();
    }

    private static ObjectNode question(String card, String service) {
        return JSON.createObjectNode().put("card", card).put("service", service);
    }

    private static HttpResponse<String> check(ObjectNode question) {
        return check(question, UnaryOperator.identity());
    }

    private static HttpResponse<String> check(ObjectNode question, UnaryOperator<HttpRequest.Builder> more) {
        Browser plain = new Browser(server.port());
        HttpResponse<String> answer = plain.send(more.apply(plain.request("/v1/entitlements/check")
                .header("Authorization", "Bearer " + hoopla)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question.toString()))));
        assertThat(answer.body()).doesNotContain("Quimperle", "GOOD", "4711");
        return answer;
    }

    private static HttpResponse<String> checkUnder(String key, ObjectNode question) {
        return check(question, request -> request.header("Idempotency-Key", key));
    }

    private static String refusal(HttpResponse<String> answer) throws IOException {
        String type = JSON.readTree(answer.body()).path("type").asText();
        return answer.statusCode() + " " + type.substring(type.lastIndexOf('/') + 1);
    }

    @Test
    void entitledIsToldUntilWhenAndAsWhomAndNothingElse() throws Exception {
        HttpResponse<String> answer = check(question("good", "ebooks"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(JSON.readTree(answer.body()))
                .isEqualTo(JSON.createObjectNode()
                        .put("entitled", true)
                        .put("validUntil", "2026-11-25T09:00:00Z")
                        .put("subject", vault.subject("hoopla", "GOOD")));
    }

    @Test
    void everyNoIsTheSameAnswerToTheByteAndTheHeader() {
        List<HttpResponse<String>> answers = new ArrayList<>();
        for (String card : List.of("NOBODYS", "EXPIRED", "BLOCKED", "no card!")) {
            answers.add(check(question(card, "ebooks")));
        }
        answers.add(check(question("GOOD", "no such service")));
        answers.add(check(question("GOOD", "others")));
        answers.add(check(question("GOOD", "ebooks").put("pin", "0000")));
        answers.add(check(question("NOBODYS", "ebooks").put("pin", "4711")));
        assertThat(answers).extracting(HttpResponse::body).containsOnly(NO);
        assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(200);
        assertThat(answers)
                .extracting(answer -> answer.headers().map().keySet())
                .containsOnly(answers.get(0).headers().map().keySet());
        assertThat(answers)
                .extracting(answer -> answer.headers().firstValue("Content-Length"))
                .containsOnly(Optional.of(Integer.toString(NO.length())));
    }

    @Test
    void reasonIsToldWhereThePolicySaysSo() {
        assertThat(check(question("EXPIRED", "told")).body()).isEqualTo("{\"entitled\":false,\"reason\":\"expired\"}");
        assertThat(check(question("BLOCKED", "told")).body()).isEqualTo("{\"entitled\":false,\"reason\":\"blocked\"}");
        assertThat(check(question("NOBODYS", "told")).body()).isEqualTo(NO);
        assertThat(check(question("EXPIRED", "told").put("pin", "0000")).body()).isEqualTo(NO);
    }

    @Test
    void pinIsAskedForAndItsSystemThatDoesNotAnswerIsSaidToBeUnavailable() throws Exception {
        assertThat(check(question("GOOD", "ebooks").put("pin", "4711")).body()).contains("\"entitled\":true");
        for (String card : List.of("GOOD", "NOBODYS")) {
            HttpResponse<String> answer = check(question(card, "ebooks").put("pin", "9999"));
            assertThat(refusal(answer)).isEqualTo("503 verifier-unavailable");
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void checkThatIsSentAgainHasTheSameAnswerAndAnotherUnderItsKeyNone() throws Exception {
        String first = checkUnder("k1", question("GOOD", "ebooks")).body();
        assertThat(first).contains("\"entitled\":true");
        assertThat(checkUnder("k1", question("GOOD", "ebooks")).body()).isEqualTo(first);
        assertThat(refusal(checkUnder("k1", question("GOOD", "told")))).isEqualTo("409 idempotency-key-reused");
        assertThat(refusal(checkUnder("k1", question("GOOD", "ebooks").put("pin", "4711"))))
                .isEqualTo("409 idempotency-key-reused");
    }

    @Test
    void cardThatIsAskedAboutTooOftenIsHeldBackWhetherItIsKnownOrNot() throws Exception {
        vault.register("'card':'OFTEN','name':{'family':'Quimperle'}");
        List<String> refusals = new ArrayList<>();
        for (String card : List.of("OFTEN", "NEVER")) {
            for (int i = 0; i < CARD_MINUTE; i++) {
                assertThat(check(question(card, "ebooks")).statusCode()).isEqualTo(200);
            }
            HttpResponse<String> answer = check(question(card, "ebooks"));
            refusals.add(refusal(answer));
            assertThat(answer.headers().firstValue("Retry-After")).contains("60");
        }
        assertThat(refusals).containsOnly("429 too-many-attempts");
    }

    @Test
    void whatIsNoQuestionIsRefusedBeforeAnythingIsLookedUp() throws Exception {
        assertThat(refusal(check(question("GOOD", "ebooks").put("name", "x")))).isEqualTo("422 invalid");
        assertThat(refusal(check(JSON.createObjectNode().put("card", "GOOD")))).isEqualTo("422 invalid");
        assertThat(refusal(check(question("GOOD", "ebooks").put("pin", 4711)))).startsWith("4");
    }
}
