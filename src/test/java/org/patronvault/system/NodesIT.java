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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.testing.Skips;

/** Two servers on one database (postgresql.md): what one begins and does not end the other ends, and nobody notices. */
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

    @ParameterizedTest
    @CsvSource({"all,40", "search,8"})
    void whatAServerThatIsKilledHadHalfDoneIsEndedByTheOtherWithoutOneFailedRequest(String what, String rate) {
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
        first.json("cust1", "keys", "rotate", what, "--rate", rate);
        first.server().awaitUntil("nothing is done", () -> done() > 0);
        first.server().kill();
        assertThat(isEnded()).as("all of it was done").isFalse();

        Map<Integer, Integer> statuses = new TreeMap<>();
        int asked = 0;
        while (!isEnded()) {
            int n = asked++ % PATRONS;
            count(statuses, reveal(clerk, patrons.get(n % REVEALED)));
            count(statuses, second.call("POST", "/v1/patrons/search", client, search(SamplePatron.card(n + 1))));
            count(statuses, second.call("POST", "/v1/patrons", clerk, SamplePatron.of(PATRONS + asked)));
        }
        assertThat(statuses).containsOnlyKeys(200, 201);
        assertThat(second.json("cust1", "keys", "status").path("operations")).isEmpty();
        assertThat(second.as("officer", "log", "verify").exit()).isZero();
        assertThat(second.as("cust1", "check").exit()).isZero();
    }

    /** How much of what is under way is done. */
    private long done() {
        return second.json("cust1", "keys", "status").at("/operations/0/done").asLong();
    }

    private boolean isEnded() {
        return second.json("cust1", "keys", "status").path("operations").isEmpty();
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
