package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.AlertHook;
import org.patronvault.testing.LongRun;

/** A real service tells a real webhook and a real program of what happens at the desk, and nothing of whom. */
class AlertsIT {
    private static final String FAMILY = "Zqxvmarmot";
    private static final String STREET = "Wyxlperch";
    private static final String EMAIL = "wvx.canary@example.org";
    private static final String PHONE = "203-555-0173";
    private static final int CARD = 90_210_117;
    private static final String TYPED = "Vroqblenth typed as a name";

    private final AlertHook hook = new AlertHook();
    private RunningVault vault;
    private Path told;

    @BeforeEach
    void start() throws IOException {
        vault = RunningVault.create();
        told = vault.root().resolve("told");
        Path program = vault.root().resolve("tell.sh");
        Files.writeString(program, "#!/bin/sh\n{ cat; echo; env; } >> '" + told + "'\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        vault.secret("hook.token", "a-token-of-the-hook");
        Files.writeString(
                vault.home().resolve("vault.yaml"),
                "alerts:\n  webhook: " + hook.url() + "\n  tokenFile: ../hook.token\n  command: [../tell.sh, desk]\n",
                StandardOpenOption.APPEND);
        vault.start();
    }

    @AfterEach
    void stop() {
        vault.close();
        hook.close();
    }

    private static ObjectNode canary(int card) {
        ObjectNode patron = SamplePatron.of(card);
        patron.putObject("name").put("family", FAMILY).put("given", "Ada");
        patron.putObject("address").put("line1", STREET).put("city", "New Canaan");
        patron.putArray("phone").add(PHONE);
        patron.putArray("email").add(EMAIL);
        return patron;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode question() {
        return object().put("purpose", "account-service");
    }

    private static ObjectNode fields(String... names) {
        ObjectNode body = question();
        List.of(names).forEach(body.putArray("fields")::add);
        return body;
    }

    private void put(String user, String id, ObjectNode what, int status) {
        Answer answer = vault.call("PUT", "/v1/patrons/" + id + "/protection", vault.signIn(user), what);
        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    }

    @Test
    @Tag(LongRun.TAG)
    void everyAlertReachesBothWithinAMinuteAndHoldsNothingOfAPatron() throws IOException {
        String clerk = vault.signIn("clerk");
        String guarded = vault.register(clerk, canary(CARD));
        String decoy = vault.register(clerk, canary(CARD + 5_000));
        put("boss", guarded, object().put("protected", true), 200);
        put("officer", decoy, object().put("decoy", true), 200);
        put("boss", guarded, object().put("protected", false), 403);

        search(clerk, SamplePatron.card(CARD + 5_000), 1);
        reveal(clerk, decoy, 200, "email");
        reveal(clerk, guarded, 403, "name", "phone");
        assertThat(vault.call("POST", "/v1/patrons/search", clerk, question().put("q", PHONE))
                        .json()
                        .path("results"))
                .as("only the decoy is not protected")
                .hasSize(1);
        for (int i = 1; i <= 6; i++) {
            search(clerk, SamplePatron.card(CARD + 100 + i), 0);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(vault.call("POST", "/v1/sessions", "", RunningVault.credentials(TYPED, TYPED))
                            .status())
                    .isEqualTo(401);
        }
        assertThat(vault.as("dir", "patrons", "unprotect", guarded).exit()).isZero();
        reveal(clerk, guarded, 200, "phone");

        Set<String> kinds =
                Set.of("decoy-opened", "protected-asked", "sequential-cards", "locked-out", "protection-lifted");
        List<AlertHook.Got> posted = posted(kinds);
        String piped = piped(kinds);
        Needles needles = new Needles(List.of(
                FAMILY,
                STREET,
                EMAIL,
                PHONE,
                "+12035550173",
                SamplePatron.card(CARD),
                SamplePatron.card(CARD + 5_000),
                SamplePatron.card(CARD + 101),
                TYPED,
                guarded,
                decoy,
                RunningVault.PASSWORD,
                RunningVault.PASSPHRASE));
        assertThat(posted).allSatisfy(got -> {
            assertThat(got.header("Authorization")).isEqualTo("Bearer a-token-of-the-hook");
            assertThat(needles.hitsIn(got.body().getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
            assertThat(needles.hitsIn(got.headers().toString().getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
            assertThat(got.json().fieldNames())
                    .toIterable()
                    .containsExactly("vault", "entry", "time", "alert", "actor", "role", "purpose", "count");
        });
        assertThat(needles.hitsIn(piped.getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(piped).doesNotContain("PATRON_VAULT_", "a-token-of-the-hook");
        assertThat(needles.hitsIn(vault.server().printed().getBytes(StandardCharsets.UTF_8)))
                .isEmpty();

        assertListsShowThem(guarded, posted);
        assertThat(vault.call("GET", "/metrics").text())
                .contains("vault_alerts_total{kind=\"decoy-opened\"}")
                .contains("vault_alerts_total{kind=\"protection-lifted\"} 1.0")
                .contains("vault_alerts_total{kind=\"policy-broken\"} 0.0")
                .contains("vault_alert_messages_total{end=\"failed\",receiver=\"webhook\"} ");
        assertThat(vault.run("log", "verify").exit()).isZero();
    }

    private void search(String token, String card, int results) {
        Answer answer =
                vault.call("POST", "/v1/patrons/search", token, question().put("card", card));
        assertThat(answer.json().path("results")).hasSize(results);
    }

    private void reveal(String token, String id, int status, String... fields) {
        Answer answer = vault.call("POST", "/v1/patrons/" + id + "/reveal", token, fields(fields));
        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    }

    /** What was posted until each kind was. */
    private List<AlertHook.Got> posted(Set<String> kinds) {
        List<AlertHook.Got> posted = new ArrayList<>();
        Set<String> missing = new TreeSet<>(kinds);
        while (!missing.isEmpty()) {
            AlertHook.Got got = hook.next();
            posted.add(got);
            missing.remove(got.json().path("alert").asText());
        }
        return posted;
    }

    /** What the program wrote once each kind is in it. */
    private String piped(Set<String> kinds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String text = "";
        while (!kinds.stream().allMatch(text::contains)) {
            assertThat(System.nanoTime()).as("told within a minute: %s", text).isLessThan(end);
            try {
                text = Files.exists(told) ? Files.readString(told) : "";
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return text;
    }

    /** Each posted alert is that entry of the log; in the patron's own view each look stands once, and this reading last. */
    private void assertListsShowThem(String guarded, List<AlertHook.Got> posted) {
        String officer = vault.signIn("officer");
        JsonNode entries = vault.call("GET", "/v1/log/entries", officer).json().path("entries");
        assertThat(posted).allSatisfy(got -> {
            JsonNode entry = entries.path(got.json().path("entry").asInt());
            assertThat(entry.path("outcome").asText()).isEqualTo("alert");
            assertThat(entry.path("about").asText())
                    .isEqualTo(got.json().path("alert").asText());
        });
        assertThat(vault.call("GET", "/v1/patrons/" + guarded + "/accesses", officer)
                        .json()
                        .path("accesses")
                        .findValuesAsText("outcome"))
                .containsExactly(
                        "written", "written", "refused", "refused", "disclosed", "written", "disclosed", "searched");
    }

    @Test
    void noAnswerTellsADecoyFromAPatron() {
        String clerk = vault.signIn("clerk");
        String real = vault.register(clerk, canary(1));
        String decoy = vault.register(clerk, canary(2));
        put("officer", decoy, object().put("decoy", true), 200);
        put("officer", real, object().put("decoy", false), 200);
        for (String user : List.of("clerk", "boss", "dir", "officer")) {
            String token = vault.signIn(user);
            assertThat(shape(vault.call("GET", "/v1/patrons/" + decoy, token), decoy))
                    .as(user)
                    .isEqualTo(shape(vault.call("GET", "/v1/patrons/" + real, token), real));
        }
        assertThat(shape(vault.call("POST", "/v1/patrons/" + decoy + "/reveal", clerk, fields("phone")), decoy))
                .isEqualTo(shape(vault.call("POST", "/v1/patrons/" + real + "/reveal", clerk, fields("phone")), real));
        assertThat(vault.call("GET", "/v1/patrons/" + decoy + "/protection", vault.signIn("boss"))
                        .status())
                .isEqualTo(403);
        assertThat(vault.call("GET", "/v1/patrons/" + decoy + "/protection", vault.signIn("dir"))
                        .json()
                        .path("decoy")
                        .asBoolean())
                .isTrue();
    }

    /** Status, headers and body without what differs between any two patrons. */
    private static String shape(Answer answer, String id) {
        Map<String, List<String>> headers =
                new java.util.TreeMap<>(answer.response().headers().map());
        headers.remove("date");
        headers.remove("content-length");
        headers.remove("x-request-id");
        return answer.status() + " " + headers + " "
                + answer.text().replace(id, "ID").replaceAll("\"entry\":[0-9]+", "\"entry\":N");
    }

    @Test
    @Tag(LongRun.TAG)
    void receiverThatIsDownIsSaidOnceWithoutItsAddressAndTheDeskGoesOn() {
        hook.close();
        String clerk = vault.signIn("clerk");
        String decoy = vault.register(clerk, canary(3));
        put("officer", decoy, object().put("decoy", true), 200);
        reveal(clerk, decoy, 200, "email");

        vault.server().awaitLine(java.util.regex.Pattern.compile("(The webhook named in vault.yaml takes no alerts)"));
        assertThat(vault.server().printed())
                .doesNotContain(
                        "not-to-be-said",
                        "a-token-of-the-hook",
                        "127.0.0.1:" + hook.url().getPort());
        assertThat(vault.run("doctor").out())
                .containsPattern("wrong +alerts +The webhook did not take the last message: ");
        reveal(clerk, decoy, 200, "phone");
    }

    @Test
    void doctorSaysWhoIsToldAndWhatIsWrong() throws IOException {
        assertThat(vault.run("doctor").out())
                .contains("Somebody is told of them")
                .containsPattern("fine +settings ");
        Files.writeString(vault.home().resolve("vault.yaml"), "check: {every: 2}\n", StandardOpenOption.APPEND);
        assertThat(vault.run("doctor").out())
                .containsPattern("wrong +settings +vault.yaml was changed since the service started");
        Files.delete(vault.root().resolve("tell.sh"));
        assertThat(vault.run("doctor").out()).contains("alerts.command names no program that can be run.");
        Files.delete(vault.root().resolve("hook.token"));
        assertThat(vault.run("doctor").out()).contains("alerts.tokenFile is not there");
    }

    @Test
    void startOnRowsThatWerePutBackIsRefusedAndSaidOnStandardError() throws SQLException {
        vault.signIn("clerk");
        vault.stop();
        try (Connection connection = Databases.connect(vault.home());
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("DELETE FROM authority WHERE kind = 'session'"))
                    .isEqualTo(1);
        }
        try (VaultProcess server = vault.process(vault.environment(), List.of(), "serve", "--port", "0")) {
            VaultProcess.Ran ran = server.await();
            assertThat(ran.exit()).isEqualTo(4);
            assertThat(ran.err()).contains("are not those last written");
        }
    }
}
