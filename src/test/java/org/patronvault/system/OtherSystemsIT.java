package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a library system and a notices system do over HTTP, and how two patrons become one before their eyes. */
class OtherSystemsIT {
    /** Tests share the vault; each takes patrons of its own. */
    private static final AtomicInteger NEXT = new AtomicInteger(100);

    private static RunningVault vault;
    private static String clerk;
    private static String boss;
    private static String officer;
    private static String ils;
    private static String notices;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().start();
        clerk = vault.signIn("clerk");
        boss = vault.signIn("boss");
        officer = vault.signIn("officer");
        ils = client("ils", "--scope", "ils");
        notices = client("mailer", "--scope", "notices", "--fields", "email", "--purpose", "overdue-notice");
    }

    private static String client(String name, String... options) {
        List<String> words = new ArrayList<>(List.of("client", "add", name));
        words.addAll(List.of(options));
        return vault.json("admin", words.toArray(String[]::new)).path("key").asText();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static List<String> register(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> vault.register(clerk, SamplePatron.of(NEXT.incrementAndGet())))
                .toList();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static Answer reveal(String token, String purpose, List<String> ids, String... fields) {
        ObjectNode body = object().put("purpose", purpose);
        ids.forEach(body.putArray("patrons")::add);
        Arrays.stream(fields).forEach(body.putArray("fields")::add);
        return vault.call("POST", "/v1/patrons/reveal", token, body);
    }

    private static Answer merge(String id, String into, Map<String, String> headers) {
        String body = object().put("into", into).toString();
        return vault.send("POST", "/v1/patrons/" + id + "/merge", boss, body, headers);
    }

    private static JsonNode changes(long after) {
        Answer answer = vault.call("GET", "/v1/changes?after=" + after, ils);
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer.json();
    }

    private static long lastChange() {
        JsonNode all = changes(0);
        return all.isEmpty() ? 0 : all.get(all.size() - 1).path("n").asLong();
    }

    @Test
    void manyPatronsAreOpenedInTheOrderAskedEachWithAnEntryThatSaysSo() {
        List<String> ids = register(3);

        Answer answer = reveal(ils, "account-service", List.of(ids.get(2), ids.get(0), ids.get(1)), "name", "phone");

        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(answer.json().findValuesAsText("id")).containsExactly(ids.get(2), ids.get(0), ids.get(1));
        assertThat(answer.json()).allSatisfy(one -> {
            assertThat(one.fieldNames()).toIterable().containsExactlyInAnyOrder("id", "name", "phone", "entry");
            long entry = one.path("entry").asLong();
            JsonNode logged = vault.call("GET", "/v1/log/entries?from=" + entry + "&to=" + (entry + 1), officer)
                    .json()
                    .at("/entries/0");
            assertThat(logged.path("actor").asText()).isEqualTo("ils");
            assertThat(logged.path("outcome").asText()).isEqualTo("disclosed");
            assertThat(logged.path("purpose").asText()).isEqualTo("account-service");
            assertThat(logged.path("patrons")).isEqualTo(object().arrayNode().add(one.path("id")));
        });
    }

    @Test
    void narrowedClientOpensNoMoreThanItMay() {
        List<String> ids = register(2);
        assertThat(reveal(notices, "overdue-notice", ids, "email").status()).isEqualTo(200);
        assertThat(reveal(notices, "overdue-notice", ids, "email", "name").refusal())
                .isEqualTo("403 field-not-allowed");
        assertThat(reveal(notices, "hold-notice", ids, "email").refusal()).isEqualTo("403 purpose-not-allowed");
        assertThat(reveal(ils, "checkout", ids, "phone").refusal()).isEqualTo("403 field-not-allowed");
        assertThat(reveal(clerk, "account-service", ids, "email").refusal()).isEqualTo("403 not-allowed");
        assertThat(vault.call("GET", "/v1/changes?after=0", notices).refusal()).isEqualTo("403 not-allowed");
        assertThat(vault.call("GET", "/v1/changes?after=x", clerk).refusal()).isEqualTo("403 not-allowed");
    }

    @Test
    void refusedListShowsNothingOfAnyPatron() {
        List<String> ids = new ArrayList<>(register(2));
        ids.add("not an id");
        Answer answer = reveal(ils, "checkout", ids, "name");
        assertThat(answer.refusal()).isEqualTo("404 not-found");
        assertThat(answer.text()).contains("list: 3").doesNotContain("Katherine", ids.get(0), "not an id");
    }

    @Test
    void changesAndErasuresAreTold() {
        List<String> ids = register(2);
        long seen = lastChange();

        vault.send(
                "PATCH", "/v1/patrons/" + ids.get(0), clerk, "{\"status\":\"blocked\"}", Map.of("If-Match", "\"1\""));
        vault.call("DELETE", "/v1/patrons/" + ids.get(1), boss);

        JsonNode changes = changes(seen);
        assertThat(changes).hasSize(2);
        assertThat(changes.get(0).path("id").asText()).isEqualTo(ids.get(0));
        assertThat(changes.get(0).path("version").asInt()).isEqualTo(2);
        assertThat(changes.get(0).path("erased").asBoolean()).isFalse();
        assertThat(changes.get(1).path("id").asText()).isEqualTo(ids.get(1));
        assertThat(changes.get(1).path("erased").asBoolean()).isTrue();
        assertThat(changes(changes.get(1).path("n").asLong())).isEmpty();
        assertThat(changes(0)).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void mergedPatronIsGoneAndFoundInTheOther() {
        List<String> ids = register(2);
        int n = NEXT.get();
        long seen = lastChange();
        Map<String, String> key = Map.of("Idempotency-Key", "merge-" + n);

        Answer merged = merge(ids.get(1), ids.get(0), key);

        assertThat(merged.status()).as("%s", merged).isEqualTo(200);
        assertThat(merged.json().path("id").asText()).isEqualTo(ids.get(0));
        assertThat(merged.json().path("version").asInt()).isEqualTo(2);
        assertThat(merged.header("ETag")).isEqualTo("\"2\"");
        Answer again = merge(ids.get(1), ids.get(0), key);
        assertThat(again.text()).isEqualTo(merged.text());
        assertThat(again.header("ETag")).isEqualTo("\"2\"");
        assertThat(merge(ids.get(1), ids.get(0), Map.of()).refusal()).isEqualTo("404 not-found");
        assertThat(vault.call("GET", "/v1/patrons/" + ids.get(1), clerk).status())
                .isEqualTo(404);
        JsonNode found = vault.call(
                        "POST",
                        "/v1/patrons/search",
                        clerk,
                        object().put("card", SamplePatron.card(n)).put("purpose", "checkout"))
                .json()
                .at("/results/0");
        assertThat(found.path("id").asText()).isEqualTo(ids.get(0));
        assertThat(found.path("match").asText()).isEqualTo("inactive-card");
        assertThat(found.path("card").asText()).startsWith("…").hasSize(5);
        assertThat(changes(seen).findValuesAsText("erased")).containsExactlyInAnyOrder("false", "true");
        assertThat(vault.run("log", "verify").exit()).isZero();
    }
}
