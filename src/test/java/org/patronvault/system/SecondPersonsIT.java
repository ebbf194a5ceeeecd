package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** What takes two people once there are patrons, over HTTP and at the command line, from asking to the end. */
final class SecondPersonsIT {
    private static final Map<String, String> NONE = Map.of();
    private static final String CLOSED = "409 approval-closed";
    private static final String REUSED = "409 idempotency-key-reused";

    private static RunningVault vault;
    private static String admin;
    private static String director;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().start();
        vault.register(vault.signIn("clerk"), SamplePatron.of(1));
        admin = vault.signIn("admin");
        director = vault.signIn("dir");
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static Answer post(String token, String path, String body, Map<String, String> headers) {
        return vault.send("POST", path, token, body, headers);
    }

    private static Answer post(String token, String path, String body) {
        return post(token, path, body, NONE);
    }

    private static Map<String, String> key(String key) {
        return Map.of("Idempotency-Key", key);
    }

    /** Sends the same twice with one key: the second answer is the first one's, and another body is refused. */
    private static Answer twice(String token, String method, String path, String body, String key) {
        Answer first = vault.send(method, path, token, body, key(key));
        Answer again = vault.send(method, path, token, body, key(key));
        assertThat(again.status()).as("%s", again).isEqualTo(first.status());
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("Location")).isEqualTo(first.header("Location"));
        assertThat(vault.send(method, path, token, "{\"other\":1}", key(key)).refusal())
                .isEqualTo(REUSED);
        return first;
    }

    /** What the request of that answer is called by. */
    private static String waiting(Answer answer) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(202);
        assertThat(answer.json().path("state").asText()).isEqualTo("pending");
        String place = answer.header("Location");
        assertThat(place).isEqualTo("/v1/approvals/" + answer.json().path("id").asText());
        return place;
    }

    private static void approve(String place) {
        JsonNode seen = vault.call("GET", place, director).json();
        Answer done =
                post(director, place, "{\"digest\":\"" + seen.path("digest").asText() + "\"}");
        assertThat(done.json().path("state").asText()).as("%s", done).isEqualTo("done");
    }

    private static long requestsAbout(String name) {
        JsonNode all = vault.call("GET", "/v1/approvals", director).json().path("approvals");
        return all.findValuesAsText("about").stream().filter(name::equals).count();
    }

    private static List<JsonNode> logAbout(String name) {
        return vault
                .call("GET", "/v1/log/entries?from=0", director)
                .json()
                .path("entries")
                .findParents("about")
                .stream()
                .filter(entry -> entry.path("about").asText().equals(name))
                .toList();
    }

    @Test
    void directorAddedByTheAdministratorWaitsForAnotherDirectorAndSetsAPasswordOfHerOwn() {
        String body = "{\"name\":\"Dora\",\"role\":\"director\",\"library\":\"NC\"}";
        String place = waiting(twice(admin, "POST", "/v1/staff", body, "add-dora"));
        assertThat(requestsAbout("dora")).isEqualTo(1);
        assertThat(vault.call("GET", "/v1/staff/dora", admin).refusal()).isEqualTo("404 not-found");
        assertThat(vault.call("GET", place, vault.signIn("clerk")).refusal()).isEqualTo("403 not-allowed");
        assertThat(vault.call("GET", place, vault.signIn("cust1")).refusal())
                .as("a custodian agrees to what is about keys, and sees no other request")
                .isEqualTo("404 not-found");
        assertThat(post(admin, place, "{}").refusal()).isEqualTo("403 second-person-required");
        assertThat(post(admin, place + "/result", null).refusal()).isEqualTo(CLOSED);

        JsonNode asked = vault.call("GET", place, director).json();
        assertThat(asked.path("what").asText()).contains("dora").contains("director");
        String agreed = "{\"digest\":\"" + asked.path("digest").asText() + "\"}";
        Answer done = twice(director, "POST", place, agreed, "agree-dora");
        assertThat(done.json().path("approvers")).hasSize(1);
        assertThat(done.json().path("result").asText()).isEqualTo("activationCode");
        assertThat(post(director, place, agreed).refusal()).isEqualTo(CLOSED);
        assertThat(vault.call("GET", "/v1/staff/dora", admin).json().path("activated"))
                .hasToString("false");

        assertThat(post(director, place + "/result", null).refusal()).isEqualTo("403 not-allowed");
        Answer result = twice(admin, "POST", place + "/result", null, "collect-dora");
        String code = result.json().path("activationCode").asText();
        assertThat(post(admin, place + "/result", null).refusal()).isEqualTo(CLOSED);

        assertThat(post(
                                "",
                                "/v1/sessions",
                                RunningVault.credentials("dora", code).toString())
                        .refusal())
                .isEqualTo("403 not-allowed");
        String own = "{\"current\":\"" + code + "\",\"password\":\"an evening at the pond\"}";
        assertThat(post("", "/v1/staff/dora/password", own).status()).isEqualTo(204);
        assertThat(post("", "/v1/staff/dora/password", own).refusal()).isEqualTo("401 invalid-credentials");
        Answer signedIn = post(
                "",
                "/v1/sessions",
                RunningVault.credentials("dora", "an evening at the pond").toString());
        assertThat(signedIn.json().path("role").asText()).isEqualTo("director");

        assertThat(logAbout("dora")).anySatisfy(entry -> {
            assertThat(entry.path("actor").asText()).isEqualTo("admin");
            assertThat(entry.path("outcome").asText()).isEqualTo("configuration");
            assertThat(entry.path("second").asText()).isEqualTo("dir");
            assertThat(entry.path("secondFrom").asText()).isEqualTo("own-session");
            assertThat(place).endsWith("/" + entry.path("request").asText());
        });
    }

    @Test
    void clientThatOpensFieldsTakesTwoPeopleToGrowAndOneToShrinkAndEnd() {
        String body = "{\"name\":\"koha\",\"scope\":\"ils\",\"reference\":\"Contract 2026/17\"}";
        String added = waiting(twice(admin, "POST", "/v1/clients", body, "add-koha"));
        approve(added);
        String first = twice(admin, "POST", added + "/result", null, "collect-koha")
                .json()
                .path("key")
                .asText();
        assertThat(searches(first).status()).isEqualTo(200);

        String rotated = waiting(twice(admin, "POST", "/v1/clients/koha/rotate", null, "rotate-koha"));
        approve(rotated);
        String second =
                post(admin, rotated + "/result", null).json().path("key").asText();
        assertThat(second).isNotEqualTo(first).startsWith("pvk_");
        assertThat(searches(first).status()).isEqualTo(200);
        assertThat(searches(second).status()).isEqualTo(200);

        Answer narrowed = twice(admin, "PATCH", "/v1/clients/koha", "{\"fields\":[\"name\"]}", "narrow-koha");
        assertThat(narrowed.status()).as("%s", narrowed).isEqualTo(200);
        assertThat(narrowed.json().path("reference").asText()).isEqualTo("Contract 2026/17");
        assertThat(searches(second).refusal()).isEqualTo("403 field-not-allowed");
        String widened = waiting(twice(admin, "PATCH", "/v1/clients/koha", "{\"fields\":null}", "widen-koha"));
        assertThat(searches(second).refusal()).isEqualTo("403 field-not-allowed");
        approve(widened);
        assertThat(searches(second).status()).isEqualTo(200);

        try (OpenConnection open = new OpenConnection(vault.address(), "/v1/changes", first)) {
            open.assertEndsWithinASecond(
                    200, () -> twice(admin, "POST", "/v1/clients/koha/revoke", null, "revoke-koha"));
        }
        assertThat(searches(second).refusal()).isEqualTo("401 not-signed-in");
        assertThat(vault.call("GET", "/v1/clients/koha", admin).json().path("revoked"))
                .hasToString("true");
    }

    private static Answer searches(String key) {
        return post(key, "/v1/patrons/search", "{\"phone\":\"203-555-9999\",\"purpose\":\"account-service\"}");
    }

    @Test
    void personIsOutWithinASecondOfBeingDisabledOnAnOpenConnectionToo() {
        String officer = vault.signIn("officer");
        try (OpenConnection open = new OpenConnection(vault.address(), "/v1/log/checkpoint", officer)) {
            open.assertEndsWithinASecond(
                    200, () -> twice(admin, "POST", "/v1/staff/officer/disable", null, "disable-officer"));
        }
        approve(waiting(twice(admin, "POST", "/v1/staff/officer/enable", null, "enable-officer")));
        assertThat(vault.call("GET", "/v1/log/checkpoint", officer).refusal()).isEqualTo("401 not-signed-in");
        assertThat(vault.call("GET", "/v1/log/checkpoint", vault.signIn("officer"))
                        .status())
                .isEqualTo(200);

        String boss = vault.signIn("boss");
        try (OpenConnection open = new OpenConnection(vault.address(), "/v1/patrons/0123456789abcdef", boss)) {
            open.assertEndsWithinASecond(
                    404,
                    () -> twice(admin, "POST", "/v1/staff/boss/revoke", "{\"roles\":[\"supervisor\"]}", "revoke-boss"));
        }
        assertThat(twice(admin, "POST", "/v1/staff/boss/grant", "{\"roles\":[\"supervisor\"]}", "grant-boss")
                        .status())
                .isEqualTo(200);
    }

    private static Ran admin(String... words) {
        return vault.as("admin", words);
    }

    private static Ran done(Ran ran) {
        assertThat(ran.exit()).as("%s", ran).isZero();
        return ran;
    }

    /** Asks for what must wait; gives the request's id. */
    private static String filed(RunningVault on, String... words) {
        String[] json = java.util.Arrays.copyOf(words, words.length + 1);
        json[words.length] = "--json";
        Ran ran = on.as("admin", json);
        assertThat(ran.exit()).as("%s", ran).isEqualTo(3);
        JsonNode document = RunningVault.document(ran);
        assertThat(document.fieldNames()).toIterable().containsExactly("id", "state", "expires");
        assertThat(document.path("state").asText()).isEqualTo("pending");
        assertThat(Instant.parse(document.path("expires").asText())).isAfter(Instant.now());
        return document.path("id").asText();
    }

    @Test
    void commandThatNeedsTwoPrintsTheRequestAndAnotherPersonAgreesAtTheirs() {
        String id = filed(vault, "staff", "grant", "page", "--role", "custodian");
        Ran told = admin("staff", "grant", "page", "--role", "privacy-officer");
        assertThat(told.exit()).isEqualTo(3);
        assertThat(told.out()).containsPattern("Request [0-9a-f]{32} waits").contains("approvals approve");

        assertThat(done(vault.as("dir", "approvals", "list", "--pending")).out())
                .contains(id)
                .contains("asked by admin");
        JsonNode shown = vault.json("dir", "approvals", "show", id);
        assertThat(shown.path("terms").path("roles").path(0).asText()).isEqualTo("custodian");
        assertThat(admin("approvals", "approve", id).exit()).isEqualTo(3);
        assertThat(vault.as("clerk", "approvals", "show", id).exit()).isEqualTo(3);
        assertThat(vault.as("dir", "approvals", "approve", id, "--digest", "0".repeat(64))
                        .exit())
                .isEqualTo(5);
        JsonNode agreed = vault.json(
                "dir",
                "approvals",
                "approve",
                id,
                "--digest",
                shown.path("digest").asText());
        assertThat(agreed.path("state").asText()).isEqualTo("done");
        assertThat(vault.as("dir", "approvals", "approve", id).exit()).isEqualTo(5);
        assertThat(vault.call("GET", "/v1/staff/page", admin).json().path("roles"))
                .extracting(JsonNode::asText)
                .containsExactly("page", "custodian");
        assertThat(logAbout("page"))
                .anySatisfy(
                        entry -> assertThat(entry.path("secondFrom").asText()).isEqualTo("own-session"));

        done(admin("staff", "revoke", "page", "--role", "custodian"));
        String taken = filed(vault, "staff", "grant", "page", "--role", "custodian");
        assertThat(done(admin("approvals", "reject", taken)).out()).contains("rejected");
        assertThat(vault.as("dir", "approvals", "approve", taken).exit()).isEqualTo(5);
    }

    @Test
    @Tag(LongRun.TAG)
    void clientsKeyIsCollectedOnceByWhoAskedAndItsGrantChangesAtTheCommandLine() {
        String[] evergreen = {
            "client", "add", "evergreen", "--scope", "ils", "--reference", "Contract 9", "--expires", "2099-06-30"
        };
        String id = filed(vault, evergreen);
        assertThat(admin("approvals", "collect", id).exit()).isEqualTo(5);
        done(vault.as("dir", "approvals", "approve", id));
        assertThat(vault.as("dir", "approvals", "collect", id).exit()).isEqualTo(3);
        String key = vault.json("admin", "approvals", "collect", id).path("key").asText();
        assertThat(admin("approvals", "collect", id).exit()).isEqualTo(5);
        assertThat(searches(key).status()).isEqualTo(200);
        assertThat(done(admin("client", "list")).out())
                .contains("until 2099-06-30")
                .contains("by Contract 9");

        done(admin("client", "change", "evergreen", "--fields", "name", "--daily", "500"));
        assertThat(searches(key).refusal()).isEqualTo("403 field-not-allowed");
        filed(vault, "client", "change", "evergreen", "--fields", "name,phone");
        filed(vault, "client", "rotate", "evergreen");
        done(admin("client", "revoke", "evergreen"));
        assertThat(searches(key).refusal()).isEqualTo("401 not-signed-in");
        assertThat(admin("client", "change", "nobody", "--daily", "5").exit()).isEqualTo(5);
        assertThat(vault.call("GET", "/v1/log/entries?from=0", director).json().path("entries"))
                .anySatisfy(entry -> {
                    assertThat(entry.path("act").asText()).isEqualTo("client");
                    assertThat(entry.path("reason").asText()).isEqualTo("not-found");
                });
    }

    private static Ran beside(String second, String... words) {
        List<String> all = new java.util.ArrayList<>(List.of(words));
        all.addAll(List.of("--second", second, "--second-password-file", "../pw"));
        return admin(all.toArray(String[]::new));
    }

    @Test
    void secondAtTheSameTerminalIsNamedSoInTheLogAndIsNobodyButAnother() {
        String[] grant = {"staff", "grant", "clerk", "--role", "director"};
        assertThat(beside("admin", grant).exit()).isEqualTo(3);
        assertThat(beside("officer", grant).exit()).isEqualTo(3);
        assertThat(beside("clerk", grant).exit()).isEqualTo(3);
        assertThat(vault.call("GET", "/v1/staff/clerk", admin).json().path("roles"))
                .hasSize(1);
        assertThat(requestsAbout("clerk")).isZero();
        assertThat(logAbout("clerk"))
                .filteredOn(entry -> entry.path("reason").asText().equals("second-person-required"))
                .hasSize(3);

        assertThat(done(beside("dir", grant)).out()).contains("The roles are given.");
        assertThat(logAbout("clerk")).anySatisfy(entry -> {
            assertThat(entry.path("second").asText()).isEqualTo("dir");
            assertThat(entry.path("secondFrom").asText()).isEqualTo("same-terminal");
        });

        done(admin("staff", "disable", "clerk"));
        filed(vault, "staff", "enable", "clerk");
        done(beside("dir", "staff", "enable", "clerk"));
        done(admin("staff", "revoke", "clerk", "--role", "director"));
        done(admin("staff", "unlock", "clerk"));
        assertThat(admin("staff", "grant", "admin", "--role", "director").exit())
                .isEqualTo(3);
    }

    @Test
    @Tag(LongRun.TAG)
    void requestFiledWithoutAServerIsAgreedToWithoutOne() {
        try (RunningVault quiet = RunningVault.create()) {
            RunningVault.remove(quiet.home());
            vault.stop();
            quiet.copyHome(vault.home(), quiet.home());
            String id = filed(quiet, "staff", "grant", "page", "--role", "director");
            assertThat(quiet.as("admin", "approvals", "approve", id).exit()).isEqualTo(3);
            done(quiet.as("dir", "approvals", "approve", id));
            assertThat(done(quiet.as("admin", "staff", "list")).out()).containsPattern("page .*director");
        } finally {
            vault.start();
        }
    }
}
