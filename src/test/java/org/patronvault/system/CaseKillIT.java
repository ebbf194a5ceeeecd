package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;

/** A server that is killed while a step of a case is taken: the case stands before that step or after it (P10). */
@Tag(LongRun.TAG)
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
            String designation = JsonNodeFactory.instance
                    .objectNode()
                    .put("designee", "clerk")
                    .put("until", LocalDate.now(Clock.systemUTC()).plusDays(2).toString())
                    .toString();
            assertThat(vault.send("POST", "/v1/designations", tokens.get("dir"), designation, Map.of())
                            .status())
                    .isEqualTo(201);
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
                new Step("intake", "clerk", "{\"badge\":\"417\"}", "referred"),
                new Step("referral", "dir", "{\"to\":\"clerk\"}", "referred"),
                new Step("counsel", "dir", "{\"counsel\":\"L. Exner\",\"advice\":\"Valid.\"}", "counselled"),
                new Step("gag", "dir", "{\"ordered\":true,\"reason\":\"by order\"}", "counselled"),
                new Step("gag", "dir", "{\"ordered\":false,\"reason\":\"it has ended\"}", "counselled"),
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
        int taken = 1;
        for (Step step : steps) {
            String key = "key-" + random.nextLong();
            Optional<byte[]> received = killedAt(path, step, key);
            JsonNode stands = look(path);
            boolean isAfter = stands.path("steps").size() == taken + 1;
            assertThat(isAfter || stands.path("steps").size() == taken)
                    .as("steps after %s: %s", step.name(), stands)
                    .isTrue();
            assertThat(stands.path("state").asText()).as(step.name()).isEqualTo(isAfter ? step.leadsTo() : state);
            if (received.isPresent()) {
                assertThat(isAfter).as("what was acknowledged: %s", step).isTrue();
            }
            before += isAfter ? 0 : 1;
            after += isAfter ? 1 : 0;
            spreadNanos *= isAfter ? 0.5 : 2;
            taken++;
            Answer again = send(path, step, key);
            assertThat(again.status()).as("sent again: %s", again).isEqualTo(200);
            assertThat(look(path).path("state").asText()).isEqualTo(step.leadsTo());
            if (step.name().equals("release")) {
                received.ifPresent(first -> assertThat(again.response().body()).isEqualTo(first));
                assertThat(disclosed(path, patron))
                        .as("entries of what was received")
                        .isPositive();
            }
            state = step.leadsTo();
        }
        JsonNode seen = look(path).path("steps");
        assertThat(seen).as("each step once").hasSize(1 + steps.size());
    }

    /** Taken down while the server is killed, and sent again: one case. */
    private String opened() {
        int known = cases();
        Step intake =
                new Step("", "clerk", "{\"agency\":\"Norwalk Police\",\"instrument\":\"court-order\"}", "referred");
        String key = "key-" + random.nextLong();
        Optional<byte[]> received = killedAt("/v1/disclosures", intake, key);
        assertThat(cases()).isBetween(received.isPresent() ? known + 1 : known, known + 1);
        Answer answer = send("/v1/disclosures", intake, key);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(cases()).isEqualTo(known + 1);
        return answer.json().path("id").asText();
    }

    private int cases() {
        return look("/v1/disclosures").path("cases").size();
    }

    private Answer send(String path, Step step, String key) {
        return vault.send(
                "POST",
                step.name().isEmpty() ? path : path + "/" + step.name(),
                tokens.get(step.by()),
                step.body(),
                Map.of("Idempotency-Key", key));
    }

    /** What arrived of a step during which the server was killed; it runs again then. */
    private Optional<byte[]> killedAt(String path, Step step, String key) {
        CompletableFuture<Optional<byte[]>> answer = CompletableFuture.supplyAsync(() -> {
            try {
                Answer whole = send(path, step, key);
                assertThat(whole.status()).as("%s", whole).isIn(200, 201);
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

    private JsonNode look(String path) {
        return vault.call("GET", path, tokens.get("dir")).json();
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
