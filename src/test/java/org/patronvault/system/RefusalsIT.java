package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** What is refused: in which order, with a trace in the log, and what a request that is sent again gets. */
final class RefusalsIT {
    private static final AtomicInteger NEXT = new AtomicInteger(100);
    private static final Map<String, String> NONE = Map.of();
    private static final int PATIENCE_MILLIS = 20_000;
    private static final String NOBODY = "0123456789abcdef";

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
    void whatCannotBeReadAsARequestIsTheLastOnItsConnection() throws Exception {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(vault.address()).getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            String two =
                    "HEAD /v1/patrons/% HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(two.getBytes(StandardCharsets.US_ASCII));
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(all)
                    .startsWith("HTTP/1.1 400 ")
                    .contains("Connection: close")
                    .containsOnlyOnce("HTTP/1.1 ");
        }
    }

    @Test
    void charsetThatNobodyKnowsIsNoFailure() {
        Answer answer = vault.send(
                "POST",
                "/v1/patrons/" + NOBODY + "/reveal",
                clerk,
                "{\"fields\":[\"name\"],\"purpose\":\"service\"}",
                Map.of("Content-Type", "application/json; charset=zyzzyva"));
        assertThat(answer.status()).as("%s", answer).isBetween(400, 499);
    }

    private static String registered() {
        return vault.register(clerk, SamplePatron.of(NEXT.incrementAndGet()));
    }

    /** Entries from that index on; reading them makes none. */
    private static List<JsonNode> logFrom(long index) {
        List<JsonNode> entries = new ArrayList<>();
        vault.call("GET", "/v1/log/entries?from=" + index, officer)
                .json()
                .path("entries")
                .forEach(entries::add);
        return entries;
    }

    private static long logSize() {
        String note = vault.call("GET", "/v1/log/checkpoint", officer).text();
        return Long.parseLong(note.lines().skip(1).findFirst().orElseThrow());
    }

    private static Answer send(String token, String call, String body, Map<String, String> headers) {
        String[] words = call.split(" ", 2);
        return vault.send(words[0], words[1], token, body, headers);
    }

    /** The one entry that the refusal left. */
    private static JsonNode refusal(String token, String call, String body, Map<String, String> headers, String want) {
        long before = logSize();
        Answer answer = send(token, call, body, headers);
        assertThat(answer.refusal()).as("%s: %s", call, answer).isEqualTo(want);
        String reason = want.substring(want.indexOf(' ') + 1);
        List<JsonNode> left = logFrom(before).stream()
                .filter(entry -> entry.path("reason").asText().equals(reason))
                .toList();
        assertThat(left).as("%s: entries of it in %s", call, logFrom(before)).hasSize(1);
        return left.get(0);
    }

    @Test
    void everyRefusedWriteOfAPatronIsInTheLogWithThePatronItWasAimedAt() {
        String id = registered();
        String patron = "/v1/patrons/" + id;
        Map<String, String> current = Map.of("If-Match", "\"1\"");
        Map<String, String> stale = Map.of("If-Match", "\"7\"");
        record Try(String token, String call, String body, Map<String, String> headers, String want) {}
        List<Try> tries = List.of(
                new Try(clerk, "PATCH " + patron, "{}", NONE, "428 precondition-required"),
                new Try(clerk, "PATCH " + patron, "{}", stale, "412 version-stale"),
                new Try(clerk, "PATCH " + patron, "{\"dateOfBirth\":\"x\"}", current, "422 not-collected"),
                new Try(clerk, "PATCH " + patron, "{\"phone\":", current, "400 malformed"),
                new Try(
                        clerk,
                        "POST " + patron + "/card",
                        "{\"card\":\"A1\",\"reason\":\"eaten\"}",
                        NONE,
                        "422 invalid"),
                new Try(clerk, "POST " + patron + "/card", "not JSON", NONE, "400 malformed"),
                new Try(clerk, "DELETE " + patron, null, NONE, "403 not-allowed"),
                new Try(clerk, "POST " + patron + "/reveal", "[", NONE, "400 malformed"),
                new Try(clerk, "POST " + patron + "/verify", "{", NONE, "400 malformed"),
                new Try(clerk, "POST " + patron + "/verify", "{\"phone\":\"\\ud800\"}", NONE, "400 malformed"));
        assertThat(tries).allSatisfy(one -> {
            JsonNode entry = refusal(one.token(), one.call(), one.body(), one.headers(), one.want());
            assertThat(entry.path("outcome").asText()).isEqualTo("refused");
            assertThat(entry.at("/patrons/0").asText()).as(one.call()).isEqualTo(id);
        });
        refusal(boss, "DELETE /v1/patrons/" + NOBODY, null, NONE, "404 not-found");
        refusal(clerk, "PATCH /v1/patrons/" + NOBODY, "{}", current, "404 not-found");
        refusal(clerk, "POST /v1/patrons/" + NOBODY + "/card", "{}", NONE, "404 not-found");
        refusal(clerk, "POST /v1/patrons", "{\"card\":\"A1\"}", NONE, "422 consent-required");
        refusal(clerk, "POST /v1/patrons", "{", NONE, "400 malformed");
        refusal(clerk, "POST /v1/patrons/search", "{", NONE, "400 malformed");
        // Half a surrogate pair is no character.
        refusal(clerk, "POST /v1/patrons/search", "{\"q\":\"a\\udc00\"}", NONE, "400 malformed");
    }

    @Test
    void searchIsRefusedForPurposeOrFieldBeforeForWhatIsMalformed() {
        String search = "POST /v1/patrons/search";
        String wrongPurpose = "{\"card\":\"A1\",\"purpose\":\"newsletter\",\"limit\":99}";
        String wrongMember = "{\"card\":\"A1\",\"purpose\":\"newsletter\",\"birthday\":\"x\"}";
        refusal(clerk, search, wrongPurpose, NONE, "403 purpose-not-allowed");
        refusal(clerk, search, wrongMember, NONE, "403 purpose-not-allowed");
        refusal(
                officer,
                search,
                "{\"phone\":\"203-555-0100\",\"purpose\":\"patron-request\",\"limit\":0}",
                NONE,
                "403 field-not-allowed");
        refusal(clerk, search, "{\"card\":\"A1\",\"purpose\":\"account-service\",\"limit\":99}", NONE, "422 invalid");
        refusal(clerk, search, "{\"card\":\"A1\",\"limit\":99}", NONE, "422 purpose-required");
    }

    @Test
    void lookupsAndReadingsThatAreRefusedAreInTheLogToo() {
        String dir = vault.signIn("dir");
        String custodian = vault.signIn("cust1");
        String id = registered();
        String nothing = "{\"q\":\"?!\",\"purpose\":\"account-service\"}";
        refusal(clerk, "POST /v1/patrons/search", nothing, NONE, "422 invalid");
        refusal(clerk, "GET /v1/patrons/" + NOBODY, null, NONE, "404 not-found");
        refusal(dir, "GET /v1/patrons/" + NOBODY + "/accesses", null, NONE, "404 not-found");
        JsonNode accesses = refusal(clerk, "GET /v1/patrons/" + id + "/accesses", null, NONE, "403 not-allowed");
        assertThat(accesses.at("/patrons/0").asText()).isEqualTo(id);
        JsonNode rotation = refusal(clerk, "POST /v1/keys/phone/rotate", null, NONE, "403 not-allowed");
        assertThat(rotation.path("act").asText()).isEqualTo("rotate");
        refusal(custodian, "POST /v1/keys/nothing/rotate", null, NONE, "404 not-found");
        refusal(custodian, "GET /v1/operations/zz", null, NONE, "404 not-found");
        refusal(clerk, "GET /v1/log/entries?from=x", null, NONE, "403 not-allowed");
    }

    @Test
    void noSuchPatronComesBeforeConflictThenPreconditionThenWhatIsMalformed() {
        String id = registered();
        int n = NEXT.incrementAndGet();
        vault.register(clerk, SamplePatron.of(n));
        String taken = "\"card\":\"" + SamplePatron.card(n) + "\"";
        Map<String, String> badKey = Map.of("Idempotency-Key", "a b");
        Map<String, String> current = Map.of("If-Match", "\"1\"");
        String patron = "/v1/patrons/" + id;
        refusal(clerk, "PATCH /v1/patrons/" + NOBODY, "{bad", badKey, "404 not-found");
        refusal(boss, "DELETE /v1/patrons/" + NOBODY, null, badKey, "404 not-found");
        refusal(clerk, "PATCH " + patron, "{}", badKey, "428 precondition-required");
        refusal(clerk, "PATCH " + patron, "{" + taken + "}", NONE, "409 card-in-use");
        refusal(clerk, "PATCH " + patron, "{" + taken + ",\"email\":[\"nope\"]}", current, "409 card-in-use");
        refusal(clerk, "POST " + patron + "/card", "{" + taken + ",\"reason\":\"zz\"}", NONE, "409 card-in-use");
        refusal(clerk, "POST /v1/patrons", "{" + taken + ",\"birthDate\":\"x\"}", NONE, "409 card-in-use");
        refusal(boss, "DELETE " + patron, null, badKey, "422 invalid");
        assertThat(send(clerk, "GET " + patron, null, NONE).status()).isEqualTo(200);
    }

    @Test
    void noHeaderMakesAnotherMethodOfARequest() {
        Answer answer = send("", "POST /policy", "", Map.of("X-HTTP-Method-Override", "GET"));
        assertThat(answer.refusal()).isEqualTo("405 method-not-allowed");
    }

    @Test
    void aClientWithoutItsSecondPersonIsNotThereAndItsRequestIsLogged() {
        registered();
        long before = logSize();
        Ran asked = vault.as("admin", "client", "add", "greedy", "--scope", "ils", "--json");
        assertThat(asked.exit()).isEqualTo(3);
        String id = RunningVault.document(asked).path("id").asText();
        assertThat(id).matches("[0-9a-f]{32}");
        assertThat(asked.out()).doesNotContain("pvk_");
        assertThat(logFrom(before)).anySatisfy(entry -> {
            assertThat(entry.path("outcome").asText()).isEqualTo("requested");
            assertThat(entry.path("about").asText()).isEqualTo("greedy");
            assertThat(entry.path("request").asText()).isEqualTo(id);
        });
        assertThat(vault.json("admin", "client", "list").path("clients"))
                .extracting(client -> client.path("name").asText())
                .doesNotContain("greedy");

        String[] alone = {"client", "add", "greedy", "--scope", "ils", "--second", "admin"};
        String[] words = java.util.Arrays.copyOf(alone, alone.length + 2);
        words[alone.length] = "--second-password-file";
        words[alone.length + 1] = "../pw";
        long again = logSize();
        assertThat(vault.as("admin", words).exit()).isEqualTo(3);
        assertThat(logFrom(again)).anySatisfy(entry -> {
            assertThat(entry.path("reason").asText()).isEqualTo("second-person-required");
            assertThat(entry.path("about").asText()).isEqualTo("greedy");
        });
    }

    @Test
    void aRepeatedErasureGetsItsCertificateAgain() {
        String id = registered();
        Map<String, String> key = Map.of("Idempotency-Key", "erase-" + id);

        Answer first = send(boss, "DELETE /v1/patrons/" + id, null, key);
        long size = logSize();
        Answer again = send(boss, "DELETE /v1/patrons/" + id, null, key);

        assertThat(first.status()).as("%s", first).isEqualTo(200);
        assertThat(first.json().at("/certificate/entry")).isEqualTo(first.json().path("entry"));
        JsonNode entry = logFrom(first.json().path("entry").asLong()).get(0);
        assertThat(entry.path("outcome").asText()).isEqualTo("erased");
        assertThat(entry.at("/patrons/0").asText()).isEqualTo(id);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(logFrom(size))
                .noneSatisfy(e -> assertThat(e.path("outcome").asText()).isEqualTo("erased"));
        assertThat(send(boss, "DELETE /v1/patrons/" + id, null, NONE).refusal()).isEqualTo("404 not-found");
        assertThat(send(boss, "DELETE /v1/patrons/" + NOBODY, null, key).refusal())
                .isEqualTo("409 idempotency-key-reused");
    }

    @Test
    void aRepeatedChangeGetsTheWholeAnswerAgainAndAnotherPreconditionIsAnotherRequest() {
        String patron = "/v1/patrons/" + registered();
        String body = "{\"email\":[\"new@example.org\"]}";
        Map<String, String> key = Map.of("Idempotency-Key", "change-" + patron, "If-Match", "\"1\"");

        Answer first = send(clerk, "PATCH " + patron, body, key);
        Answer again = send(clerk, "PATCH " + patron, body, key);

        assertThat(first.status()).as("%s", first).isEqualTo(200);
        assertThat(first.json().path("entry").isIntegralNumber()).isTrue();
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("ETag")).isEqualTo("\"2\"").isEqualTo(first.header("ETag"));
        Map<String, String> other = Map.of("Idempotency-Key", "change-" + patron, "If-Match", "\"2\"");
        assertThat(send(clerk, "PATCH " + patron, body, other).refusal()).isEqualTo("409 idempotency-key-reused");
    }

    @Test
    void aRepeatedRotationIsOneRotation() {
        registered();
        String custodian = vault.signIn("cust1");
        Map<String, String> key = Map.of("Idempotency-Key", "rotate-address");

        Answer first = send(custodian, "POST /v1/keys/address/rotate", null, key);
        Answer again = send(custodian, "POST /v1/keys/address/rotate", null, key);

        assertThat(first.status()).as("%s", first).isEqualTo(202);
        assertThat(again.status()).as("%s", again).isEqualTo(202);
        assertThat(again.text()).isEqualTo(first.text());
        for (JsonNode one : vault.call("GET", "/v1/keys", custodian).json().path("keys")) {
            if (one.path("field").asText().equals("address")) {
                assertThat(one.path("versions")).hasSize(2);
            }
        }
    }

    @Test
    void doctorNamesClientsWithoutALimitAReferenceOrDaysLeft() {
        vault.json("admin", "client", "add", "kiosk", "--scope", "entitlement", "--daily", "5");
        assertThat(vault.run("doctor").out()).doesNotContain("kiosk");
        vault.json(
                "admin",
                "client",
                "add",
                "harvester",
                "--scope",
                "metrics",
                "--daily",
                "none",
                "--expires",
                "2020-01-31",
                "--second",
                "dir",
                "--second-password-file",
                "../pw");

        vault.json(
                "admin",
                "client",
                "add",
                "unreferred",
                "--scope",
                "notices",
                "--second",
                "dir",
                "--second-password-file",
                "../pw");

        assertThat(vault.run("doctor").out())
                .containsPattern("No limit a day holds for harvester:")
                .containsPattern("No contract or permission is named for [a-z, ]*unreferred,")
                .containsPattern("The last day of harvester is over")
                .containsPattern("fine +staffing +2 people")
                .doesNotContain("kiosk");
    }

    @Test
    void doctorSaysThatNobodyCanAgreeWhenTheAdministratorIsAlone() {
        try (RunningVault lonely = RunningVault.create()) {
            lonely.json("admin", "staff", "disable", "dir");
            assertThat(lonely.run("doctor").out()).containsPattern("note +staffing +Only admin can agree");
        }
    }
}
