package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Skips;

/** Two servers on one database (postgresql.md): what one begins and does not end the other ends, and nobody notices. */
@Tag(LongRun.TAG)
final class NodesIT {
    private static final int PATRONS = 100;

    /** Fewer than one person may open. */
    private static final int REVEALED = 20;

    private RunningVault first;
    private RunningVault second;

    @BeforeEach
    void start() {
        Skips.pointless(!Databases.ON_POSTGRES, "a database in a home has one server");
        first = RunningVault.create();
        second = first.another();
        first.start();
        second.start();
    }

    @AfterEach
    void stop() {
        if (second != null) {
            second.close();
        }
        if (first != null) {
            first.close();
        }
    }

    @Test
    void whatAServerThatIsKilledHadHalfDoneIsEndedByTheOtherWithoutOneFailedRequest() {
        // A person may search so often in ten minutes.
        String client = first.json("admin", "client", "add", "ils", "--scope", "ils", "--daily", "none")
                .path("key")
                .asText();
        String clerk = first.signIn("clerk");
        List<String> patrons = new ArrayList<>();
        for (int n = 1; n <= PATRONS; n++) {
            RunningVault node = n % 2 == 0 ? first : second;
            patrons.add(node.register(clerk, SamplePatron.of(n)));
        }
        first.json("cust1", "keys", "rotate", "all", "--rate", "15");
        first.json("cust1", "keys", "rotate", "search", "--rate", "8");
        first.server()
                .awaitUntil(
                        "nothing is done", () -> operations().values().stream().allMatch(done -> done > 0));
        first.server().kill();
        assertThat(operations()).as("how much is done of what is not ended").hasSize(2);
        operations().keySet().forEach(id -> second.json("cust1", "keys", "pace", id, "--rate", "0"));

        Map<Integer, Integer> statuses = new TreeMap<>();
        int asked = 0;
        while (!operations().isEmpty()) {
            int n = asked++ % PATRONS;
            count(statuses, reveal(clerk, patrons.get(n % REVEALED)));
            count(statuses, second.call("POST", "/v1/patrons/search", client, search(SamplePatron.card(n + 1))));
            count(statuses, second.call("POST", "/v1/patrons", clerk, SamplePatron.of(PATRONS + asked)));
        }
        assertThat(statuses).containsOnlyKeys(200, 201);
        assertThat(second.as("officer", "log", "verify").exit()).isZero();
        assertThat(second.as("cust1", "check").exit()).isZero();
    }

    /** How much is done of each that is under way, by its id. */
    private Map<String, Long> operations() {
        Map<String, Long> done = new TreeMap<>();
        second.json("cust1", "keys", "status")
                .path("operations")
                .forEach(one ->
                        done.put(one.path("id").asText(), one.path("done").asLong()));
        return done;
    }

    private Answer reveal(String token, String patron) {
        return second.call(
                "POST",
                "/v1/patrons/" + patron + "/reveal",
                token,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("purpose", "account-service")
                        .set("fields", JsonNodeFactory.instance.arrayNode().add("phone")));
    }

    private static JsonNode search(String card) {
        return JsonNodeFactory.instance.objectNode().put("card", card).put("purpose", "account-service");
    }

    private static void count(Map<Integer, Integer> statuses, Answer answer) {
        statuses.merge(answer.status(), 1, Integer::sum);
    }
}
