package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.CellView;

/** The service's own output as JSON: every line an object, each answer an event under its id, nothing of anybody. */
final class LogFormatIT {
    private static final String CANARY = "zqcanary";
    private static final ObjectMapper JSON = new ObjectMapper();

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private final Map<String, Answer> answers = new HashMap<>();

    private Answer kept(Answer answer) {
        assertThat(answers.put(answer.header("X-Request-Id"), answer)).isNull();
        return answer;
    }

    @Test
    void everyLineIsAnObjectEachAnswerAnEventUnderItsIdAndNothingOfAnybodyIsInIt() throws Exception {
        vault.startWith("--log-format", "json");
        String clerk = vault.signIn("clerk");
        ObjectNode patron = SamplePatron.of(7);
        patron.putObject("name").put("family", CANARY).put("given", CANARY);
        patron.putArray("email").add(CANARY + "@example.org");
        String id = vault.register(clerk, patron);
        ObjectNode asked = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        asked.putArray("fields").add("name").add("email");
        Answer shown = kept(vault.call("POST", "/v1/patrons/" + id + "/reveal", clerk, asked));
        assertThat(shown.text()).contains(CANARY);
        asked.put("q", CANARY).remove("fields");
        kept(vault.call("POST", "/v1/patrons/search", clerk, asked));
        kept(vault.call("GET", "/v1/" + CANARY + "?q=" + CANARY, clerk));
        kept(vault.call("GET", "/v1/patrons/" + id, CANARY));
        kept(vault.send("POST", "/v1/patrons/search", clerk, "{" + CANARY, Map.of("X-Request-Id", CANARY)));
        kept(vault.call("POST", "/v1/sessions", "", RunningVault.credentials(CANARY, CANARY)));
        kept(vault.call("GET", "/health/live"));
        vault.stop();

        String printed = vault.server().printed();
        assertThat(printed)
                .doesNotContainIgnoringCase(CANARY)
                .doesNotContain(id)
                .doesNotContain("clerk");
        List<JsonNode> events = new ArrayList<>();
        for (String line : printed.strip().split("\n", -1)) {
            JsonNode event = JSON.readTree(line);
            assertThat(event.isObject()).as(line).isTrue();
            assertThat(List.of("time", "level", "event")).allMatch(event::has);
            events.add(event);
        }
        assertThat(events)
                .anyMatch(event -> event.path("event").asText().equals("said")
                        && event.path("message").asText().startsWith("Listening on http"));
        answers.forEach((request, answer) -> assertThat(events)
                .filteredOn(event -> event.path("request").asText().equals(request))
                .filteredOn(event -> event.path("event").asText().equals("answered"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.path("status").asInt()).isEqualTo(answer.status());
                    assertThat(event.path("millis").isInt()).isTrue();
                    assertThat(event.path("from").asText()).isEqualTo("loopback");
                }));
        assertThat(events)
                .filteredOn(event -> event.path("request").asText().equals(shown.header("X-Request-Id")))
                .singleElement()
                .satisfies(event -> assertThat(event.path("route").asText()).isEqualTo("/v1/patrons/{id}/reveal"));
    }

    @Test
    void failureThatAnotherThreadMeetsIsToldUnderTheIdOfItsAnswer() throws Exception {
        Answer failed = failure("json");

        List<String> told = new ArrayList<>();
        for (String line : vault.server().printed().strip().split("\n", -1)) {
            JsonNode event = JSON.readTree(line);
            if (event.path("request").asText().equals(failed.header("X-Request-Id"))) {
                told.add(event.path("event").asText());
            }
        }
        assertThat(told).containsExactlyInAnyOrder("problems", "answered");
    }

    @Test
    void failureIsToldUnderTheIdThatItsAnswerSaysInLinesForPeopleToo() throws Exception {
        Answer failed = failure("text");

        String id = failed.header("X-Request-Id");
        assertThat(failed.json().path("detail").asText()).endsWith("in its log, at " + id + ".");
        assertThat(vault.server().printed().lines().filter(line -> line.contains("did not authenticate")))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains(" " + id + " ");
    }

    /** Of a reveal, by a server that has ended since. */
    private Answer failure(String format) throws Exception {
        vault.startWith("--log-format", format);
        String clerk = vault.signIn("clerk");
        String id = vault.register(clerk, SamplePatron.of(8));
        vault.register(clerk, SamplePatron.of(9));
        try (Connection database = CellView.open("jdbc:sqlite:" + vault.home().resolve("data/vault.db"));
                Statement statement = database.createStatement()) {
            statement.execute("CREATE TEMP TABLE two AS SELECT patron, envelope FROM cell WHERE field = 'email'");
            statement.execute("UPDATE cell SET envelope = (SELECT two.envelope FROM two"
                    + " WHERE two.patron <> cell.patron) WHERE field = 'email'");
        }
        ObjectNode asked = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        asked.putArray("fields").add("email");

        Answer failed = vault.call("POST", "/v1/patrons/" + id + "/reveal", clerk, asked);

        assertThat(failed.status()).as("%s", failed).isEqualTo(500);
        vault.stop();
        return failed;
    }

    @Test
    void refusalAtTheStartIsAnEventToo() throws Exception {
        vault.startWith("--log-format", "json");
        String refused = vault.run("serve", "--port", "0", "--log-format", "json", "--tls-cert", "x")
                .err();

        JsonNode event = JSON.readTree(refused.strip());
        assertThat(event.path("message").asText()).isEqualTo("--tls-cert and --tls-key go together.");
        assertThat(event.path("level").asText()).isEqualTo("error");
        assertThat(vault.run("serve", "--log-format", "xml").err()).contains("--log-format is text or json.");
    }
}
