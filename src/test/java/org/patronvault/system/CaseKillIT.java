package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.OpenSsl;

/** A server that is killed while a step of a case is taken: the case stands before that step or after it (P10). */
final class CaseKillIT {
    private static final int ROUNDS = 2;

    /**
     * A step of the path.
     *
     * @param leadsTo the state
     */
    private record Step(String name, String by, String body, String leadsTo) {}

    private final Random random = new Random(10);
    private RunningVault vault;
    private Map<String, String> tokens;
    private int before;
    private int after;
    /** Within which time it is killed: as long as a step takes, which the kills before tell. */
    private double spreadNanos = TimeUnit.MILLISECONDS.toNanos(50);

    @Test
    void killedAtAnyStepTheCaseStandsBeforeOrAfterItAndWhatWasReceivedIsInTheLog(@TempDir Path directory)
            throws Exception {
        String pem = Files.readString(OpenSsl.certificate(directory, "police"));
        try (RunningVault running = RunningVault.create().start()) {
            vault = running;
            tokens = Map.of(
                    "dir", vault.signIn("dir"), "officer", vault.signIn("officer"), "clerk", vault.signIn("clerk"));
            String patron = vault.register(tokens.get("clerk"), SamplePatron.of(1));
            for (int round = 0; round < ROUNDS; round++) {
                walk(steps(patron, pem), patron);
            }
            assertThat(before).as("kills before a step, of %s", before + after).isPositive();
            assertThat(after).as("kills after a step, of %s", before + after).isPositive();
            vault.stop();
            assertThat(vault.run("log", "verify").exit()).isZero();
            assertThat(vault.as("cust1", "check").exit()).isZero();
        }
    }

    private static List<Step> steps(String patron, String pem) {
        ObjectNode release = JsonNodeFactory.instance.objectNode().put("recipient", pem);
        return List.of(
                new Step("counsel", "dir", "{\"counsel\":\"L. Exner\",\"advice\":\"Valid.\"}", "counselled"),
                new Step(
                        "decision",
                        "dir",
                        "{\"decision\":\"comply\",\"instrument\":\"court-order\",\"reason\":\"valid\",\"patrons\":[\""
                                + patron + "\"],\"fields\":[\"name\",\"phone\"]}",
                        "decided"),
                new Step("approval", "officer", "{}", "approved"),
                new Step("release", "dir", release.toString(), "released"),
                new Step("notice", "dir", "{\"given\":\"by letter\"}", "notified"),
                new Step("closing", "dir", "{}", "closed"));
    }

    private void walk(List<Step> steps, String patron) {
        String path = "/v1/disclosures/" + opened();
        String state = "referred";
        for (Step step : steps) {
            String key = "key-" + random.nextLong();
            Optional<byte[]> received = killedAt(path, step, key);
            String stands = state(path);
            assertThat(stands).as(step.name()).isIn(state, step.leadsTo());
            if (received.isPresent()) {
                assertThat(stands).as("what was acknowledged: %s", step).isEqualTo(step.leadsTo());
            }
            boolean taken = stands.equals(step.leadsTo());
            before += taken ? 0 : 1;
            after += taken ? 1 : 0;
            spreadNanos *= taken ? 0.5 : 2;
            Answer again = send(path, step, key);
            assertThat(again.status()).as("sent again: %s", again).isEqualTo(200);
            assertThat(state(path)).isEqualTo(step.leadsTo());
            if (step.name().equals("release")) {
                received.ifPresent(first -> assertThat(again.response().body()).isEqualTo(first));
                assertThat(disclosed(path, patron))
                        .as("entries of what was received")
                        .isPositive();
            }
            state = step.leadsTo();
        }
        JsonNode seen = vault.call("GET", path, tokens.get("dir")).json().path("steps");
        assertThat(seen).as("each step once").hasSize(1 + steps.size());
    }

    private String opened() {
        Answer answer = vault.send(
                "POST",
                "/v1/disclosures",
                tokens.get("clerk"),
                "{\"agency\":\"Norwalk Police\",\"instrument\":\"court-order\"}",
                Map.of());
        return answer.json().path("id").asText();
    }

    private Answer send(String path, Step step, String key) {
        return vault.send(
                "POST", path + "/" + step.name(), tokens.get(step.by()), step.body(), Map.of("Idempotency-Key", key));
    }

    /** What arrived of a step during which the server was killed; it runs again then. */
    private Optional<byte[]> killedAt(String path, Step step, String key) {
        CompletableFuture<Optional<byte[]>> answer = CompletableFuture.supplyAsync(() -> {
            try {
                Answer whole = send(path, step, key);
                assertThat(whole.status()).as("%s", whole).isEqualTo(200);
                return Optional.of(whole.response().body());
            } catch (UncheckedIOException e) {
                return Optional.empty();
            }
        });
        LockSupport.parkNanos((long) (random.nextDouble() * spreadNanos));
        vault.server().kill();
        Optional<byte[]> received = answer.join();
        vault.start();
        return received;
    }

    private String state(String path) {
        return vault.call("GET", path, tokens.get("dir")).json().path("state").asText();
    }

    private int disclosed(String path, String patron) {
        ObjectNode query = JsonNodeFactory.instance
                .objectNode()
                .put("case", path.substring(path.lastIndexOf('/') + 1))
                .put("outcome", "disclosed");
        JsonNode visits = vault.call("POST", "/v1/log/search", tokens.get("dir"), query)
                .json()
                .path("visits");
        int entries = 0;
        for (JsonNode visit : visits) {
            assertThat(visit.at("/patrons/0").asText()).isEqualTo(patron);
            entries += visit.path("entries").size();
        }
        return entries;
    }
}
