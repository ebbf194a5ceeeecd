package org.patronvault.access.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.testing.AlertHook;

/** Tests of the delivery of alerts, to a real HTTP server and a real program. */
final class AlertsTest {
    private static final List<Duration> SHORT = List.of(Duration.ofMillis(1), Duration.ofMillis(1));
    private static final Actor ANNA = new Actor(Actor.Kind.STAFF, "anna", "circulation", "NC");

    @TempDir
    private Path directory;

    private AccessTestVault vault;
    private AlertHook hook;
    private Alerts alerts;

    @BeforeEach
    void open() {
        vault = new AccessTestVault(directory.resolve("vault"));
        hook = new AlertHook();
    }

    @AfterEach
    void close() {
        hook.goOn();
        alerts.settle();
        vault.close();
        alerts.close();
        hook.close();
    }

    private void tell(Optional<URI> webhook, Optional<Path> token, String... command) {
        alerts = new Alerts(
                vault.log(),
                vault.access(),
                new AlertSettings(webhook, token, List.of(command), directory),
                "vault-nc-01",
                vault.nanos::get,
                SHORT);
    }

    private void tellHook() {
        tell(Optional.of(hook.url()), Optional.empty());
    }

    /** Logs a look with that alert; returns the alert's entry. */
    private long look(Actor actor, Alert alert) {
        AccessEvent look = vault.log()
                .event(actor, ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(List.of(Subject.opened(new PatronId(0x1234abcdL), Set.of(PatronField.PHONE))));
        return 1 + vault.log().record(look, alert).index();
    }

    private static Actor actor(int number) {
        return new Actor(Actor.Kind.STAFF, "clerk-" + number, "circulation", "NC");
    }

    private long ended(String receiver, String end) {
        return alerts.deliveries().stream()
                .filter(d -> d.receiver().equals(receiver) && d.end().equals(end))
                .mapToLong(d -> d.count().getAsLong())
                .sum();
    }

    private static void await(String what, BooleanSupplier holds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void webhookIsToldWhatHappenedAndOfNoPatron() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "s3cret\n");
        tell(Optional.of(hook.url()), Optional.of(token));
        long entry = look(ANNA, Alert.DECOY_OPENED);

        AlertHook.Got got = hook.next();
        assertThat(got.method()).isEqualTo("POST");
        assertThat(got.header("Content-type")).isEqualTo("application/json");
        assertThat(got.header("Authorization")).isEqualTo("Bearer s3cret");
        assertThat(got.json().toString())
                .isEqualTo("{\"vault\":\"vault-nc-01\",\"entry\":" + entry
                        + ",\"time\":\"2026-11-24T09:00:00Z\",\"alert\":\"decoy-opened\",\"actor\":\"anna\","
                        + "\"role\":\"circulation\",\"purpose\":\"account-service\",\"count\":1}");
        assertThat(got.body()).doesNotContain(new PatronId(0x1234abcdL).toString(), "phone");
        assertThat(alerts.count(Alert.DECOY_OPENED)).isEqualTo(1);
        await("delivered", () -> ended("webhook", "delivered") == 1);
    }

    @Test
    void alikeAlertsAreToldOfOnceInTenMinutesAndThenWithTheirNumber() {
        tellHook();
        look(ANNA, Alert.DECOY_OPENED);
        assertThat(hook.next().json().path("count").asLong()).isEqualTo(1);
        look(ANNA, Alert.DECOY_OPENED);
        long last = look(ANNA, Alert.DECOY_OPENED);
        // An alert of another kind, or by another actor, is separate.
        look(ANNA, Alert.PROTECTED_ASKED);
        assertThat(hook.next().json().path("alert").asText()).isEqualTo("protected-asked");
        look(actor(1), Alert.DECOY_OPENED);
        assertThat(hook.next().json().path("actor").asText()).isEqualTo("clerk-1");
        assertThat(hook.rest()).isEmpty();

        vault.advance(Duration.ofMinutes(10));
        JsonNode held = hook.next("decoy-opened");
        assertThat(held.path("count").asLong()).isEqualTo(2);
        assertThat(held.path("entry").asLong()).isEqualTo(last);
        assertThat(alerts.count(Alert.DECOY_OPENED)).isEqualTo(4);
    }

    @Test
    void heldBackAlertsAreToldOfAtTheEnd() {
        tellHook();
        look(ANNA, Alert.DECOY_OPENED);
        hook.next();
        look(ANNA, Alert.DECOY_OPENED);
        await("handed over", () -> alerts.count(Alert.DECOY_OPENED) == 2);
        alerts.close();
        assertThat(hook.next().json().path("count").asLong()).isEqualTo(1);
    }

    @Test
    void receiverThatFailsIsTriedAgain() {
        tellHook();
        hook.answer(500, 503);
        look(ANNA, Alert.DECOY_OPENED);
        String first = hook.next().body();
        assertThat(hook.next().body()).isEqualTo(first);
        assertThat(hook.next().body()).isEqualTo(first);
        await("delivered", () -> ended("webhook", "delivered") == 1);
        assertThat(ended("webhook", "failed")).isZero();
    }

    @Test
    void receiverThatAlwaysFailsIsCountedAndTheNextMessageIsTriedAgainstIt() {
        tellHook();
        hook.answer(500, 500, 500, 500);
        look(ANNA, Alert.DECOY_OPENED);
        await("given up", () -> ended("webhook", "failed") == 1);
        assertThat(hook.rest()).hasSize(3);
        look(ANNA, Alert.PROTECTED_ASKED);
        await("tried once", () -> ended("webhook", "failed") == 2);
        assertThat(hook.rest()).hasSize(1);
        look(ANNA, Alert.UNUSUAL_PURPOSE);
        assertThat(hook.next().json().path("alert").asText()).isEqualTo("unusual-purpose");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308})
    void redirectionIsNotFollowed(int status) {
        tellHook();
        hook.answer(status, status, status);
        look(ANNA, Alert.DECOY_OPENED);
        await("given up", () -> ended("webhook", "failed") == 1);
        assertThat(hook.rest()).extracting(AlertHook.Got::path).containsOnly("/alerts?key=not-to-be-said");
    }

    @Test
    void whyItIsNotToldSaysNeitherAddressNorToken() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "s3cret");
        URI closed = hook.url();
        tell(Optional.empty(), Optional.empty());
        hook.answer(418);
        assertThatThrownBy(() -> new AlertReceiver.Webhook(closed, Optional.of(token)).deliver(new byte[] {'1'}))
                .hasMessage("it answers with status 418");
        hook.close();
        assertThatThrownBy(() -> new AlertReceiver.Webhook(closed, Optional.of(token)).deliver(new byte[] {'1'}))
                .hasMessage("it cannot be reached");
        assertThatThrownBy(() ->
                        new AlertReceiver.Webhook(closed, Optional.of(directory.resolve("none"))).deliver(new byte[0]))
                .hasMessage("its token file cannot be read");
        assertThatThrownBy(() -> new AlertReceiver.Command(List.of("./no-such-program", "s3cret"), directory)
                        .deliver(new byte[0]))
                .hasMessage("it cannot be started");
    }

    @Test
    void hangingReceiverDelaysNeitherTheLogNorAnotherReceiver() throws IOException {
        Path out = directory.resolve("told");
        tell(
                Optional.of(hook.url()),
                Optional.empty(),
                script("cat >> '" + out + "'").toString());
        hook.hang();
        IntStream.range(0, 20).forEach(i -> look(actor(i), Alert.DECOY_OPENED));
        // The server still holds its first answer back.
        assertThat(hook.rest()).hasSizeLessThanOrEqualTo(3);
        await("the other is told", () -> ended("command", "delivered") == 20);
        assertThat(ended("webhook", "delivered")).isZero();
        assertThat(Files.readString(out).split("\\}", -1)).hasSize(21);
    }

    @Test
    void whatHasNoRoomIsDroppedAndCounted() {
        tellHook();
        hook.hang();
        IntStream.range(0, 300).forEach(i -> look(actor(i), Alert.DECOY_OPENED));
        await("handed over", () -> alerts.count(Alert.DECOY_OPENED) == 300);
        assertThat(ended("webhook", "dropped")).isBetween(40L, 44L);
    }

    /** A program in a directory of its own. */
    private Path script(String line) throws IOException {
        Path script = Files.writeString(directory.resolve("tell.sh"), "#!/bin/sh\n" + line + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }

    @Test
    void programGetsTheAlertOnStandardInputAndItsArgumentsAsTheyAre() throws IOException {
        Path out = directory.resolve("told");
        Path shell = directory.resolve("shell-was-here");
        String odd = "$(touch " + shell + "); `touch " + shell + "` > x";
        Path program = script("printf '%s\\n' \"$1\" > '" + out + ".new'; cat >> '" + out + ".new'; mv '" + out
                + ".new' '" + out + "'");
        tell(Optional.empty(), Optional.empty(), program.toString(), odd);
        long entry = look(ANNA, Alert.PROTECTION_LIFTED);

        await("told", () -> ended("command", "delivered") == 1);
        assertThat(Files.readString(out, StandardCharsets.UTF_8))
                .startsWith(odd + "\n{\"vault\":\"vault-nc-01\",\"entry\":" + entry + ",")
                .contains("\"alert\":\"protection-lifted\"");
        assertThat(shell).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit 3", "kill -9 $$"})
    void programThatFailsIsCounted(String line) throws IOException {
        tell(Optional.empty(), Optional.empty(), script(line).toString());
        look(ANNA, Alert.DECOY_OPENED);
        await("given up", () -> ended("command", "failed") == 1);
    }

    @Test
    void whyTheLastMessageDidNotArriveIsSaidUntilOneDoes() throws IOException {
        Path ready = directory.resolve("ready");
        tell(
                Optional.empty(),
                Optional.empty(),
                script("test -e '" + ready + "'").toString());
        assertThat(alerts.faults()).isEmpty();
        look(actor(1), Alert.DECOY_OPENED);
        await("given up", () -> ended("command", "failed") == 1);
        assertThat(alerts.faults()).isEqualTo(Map.of("command", "it ends with exit code 1"));
        Files.createFile(ready);
        look(actor(2), Alert.DECOY_OPENED);
        await("told", () -> ended("command", "delivered") == 1);
        assertThat(alerts.faults()).isEmpty();
    }

    @Test
    void programThatDoesNotReadIsFine() throws IOException {
        tell(Optional.empty(), Optional.empty(), script("exec <&-; exit 0").toString());
        look(ANNA, Alert.DECOY_OPENED);
        await("told", () -> ended("command", "delivered") == 1);
    }

    @Test
    void limitsReachTheWebhookHalfAndWhole() {
        tellHook();
        Caller anna = AccessTestVault.person("anna", "circulation");
        for (int i = 0; i < 60; i++) {
            vault.take(vault.access().limits().of(anna, List.of(new PatronId(i)), 0, 0));
        }
        assertThat(hook.next().json().path("alert").asText()).isEqualTo("limit-half");
        for (int i = 60; i < 63; i++) {
            PatronId next = new PatronId(i);
            assertThat(Refusals.problemOf(
                            () -> vault.take(vault.access().limits().of(anna, List.of(next), 0, 0))))
                    .isEqualTo(Problem.REVEAL_LIMIT);
        }
        assertThat(hook.next().json().path("alert").asText()).isEqualTo("limit-reached");
        // The next alert is delivered, so the ones before it were processed.
        look(actor(1), Alert.DECOY_OPENED);
        hook.next("decoy-opened");
        vault.advance(Duration.ofMinutes(10));
        assertThat(hook.next("limit-reached").path("count").asLong()).isEqualTo(2);
    }

    @Test
    void clientsLimitReachesTheWebhook() {
        tellHook();
        Caller client = AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(1));
        vault.take(vault.access().limits().of(client, List.of(new PatronId(1)), 0, 0));
        assertThat(hook.next().json().path("alert").asText()).isEqualTo("limit-half");
        assertThat(Refusals.problemOf(
                        () -> vault.take(vault.access().limits().of(client, List.of(new PatronId(2)), 0, 0))))
                .isEqualTo(Problem.REVEAL_LIMIT);
        assertThat(hook.next().json().path("alert").asText()).isEqualTo("limit-reached");
    }

    @Test
    void refusedRowIsLoggedByTheVaultAndToldOfOnceInTenMinutesWithItsNumber() {
        tellHook();
        vault.staff("berta", "circulation");
        long from = vault.log().reader().size();
        vault.tamper("UPDATE authority SET body = replace(body, 'circulation', 'director') WHERE name = 'berta'");
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> vault.access().accounts().list()).isInstanceOf(IntegrityException.class);
        }
        JsonNode first = hook.next().json();
        assertThat(first.path("alert").asText()).isEqualTo("authority-row");
        assertThat(first.path("actor").asText()).isEqualTo("vault");
        List<AccessEvent> entries = vault.entriesFrom(from);
        assertThat(entries.get(0).act()).isEqualTo(ActKind.TIDY);
        assertThat(entries.get(0).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(entries.get(0).actor()).isEqualTo(Actor.VAULT);
        assertThat(entries.get(1).about()).contains("authority-row");
        assertThat(entries).hasSize(2);

        alerts.settle();
        // A thread of its own reports the alerts in the log.
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> alerts.count(Alert.AUTHORITY_ROW) >= 5);
        assertThat(alerts.count(Alert.AUTHORITY_ROW))
                .as("none is lost, and none is told twice")
                .isEqualTo(5);
    }

    @Test
    void rowRefusedInsideATransactionIsToldOfToo() {
        tellHook();
        vault.staff("berta", "circulation");
        vault.tamper("UPDATE authority SET body = body || ' ' WHERE name = 'berta'");
        assertThatThrownBy(() -> vault.write(
                        tx -> vault.access().authority().find(tx, StaffAccount.KIND, "berta", StaffAccount.class)))
                .isInstanceOf(IntegrityException.class);
        assertThat(hook.next().json().path("alert").asText()).isEqualTo("authority-row");
    }

    @Test
    void lockIsToldOfWithoutTheNameThatWasTyped() {
        tellHook();
        String typed = "correct horse battery staple";
        for (int i = 0; i < 5; i++) {
            assertThat(alerts.count(Alert.LOCKED_OUT)).isZero();
            assertThat(Refusals.problemOf(
                            () -> vault.access().signIn().prove(typed, "wrong", SignInOrigin.of("10.0.0.7"))))
                    .isEqualTo(Problem.INVALID_CREDENTIALS);
        }
        AlertHook.Got got = hook.next();
        assertThat(got.json().path("alert").asText()).isEqualTo("locked-out");
        assertThat(got.json().path("actor").asText()).isEmpty();
        assertThat(got.body()).doesNotContain("horse", "10.0.0.7");
        assertThat(Refusals.problemOf(() -> vault.access().signIn().prove(typed, "wrong", SignInOrigin.of("10.0.0.7"))))
                .isEqualTo(Problem.TOO_MANY_ATTEMPTS);
        assertThat(alerts.count(Alert.LOCKED_OUT)).as("once for each lock").isEqualTo(1);

        vault.advance(Duration.ofSeconds(31));
        assertThat(Refusals.problemOf(() -> vault.access().signIn().prove(typed, "wrong", SignInOrigin.of("10.0.0.7"))))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
        await("the second lock", () -> alerts.count(Alert.LOCKED_OUT) == 2);
    }

    @Test
    void logSaysWhichAccountWasLocked() {
        tellHook();
        vault.staff("berta", "circulation");
        for (int i = 0; i < 5; i++) {
            assertThat(Refusals.problemOf(
                            () -> vault.access().signIn().prove("berta", "wrong", SignInOrigin.of("10.0.0.8"))))
                    .isEqualTo(Problem.INVALID_CREDENTIALS);
        }
        long entry = hook.next("locked-out").path("entry").asLong();
        AccessEvent act = vault.entriesFrom(entry - 1).get(0);
        assertThat(act.about()).contains("berta");
        assertThat(act.outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    void refusedReasonsAreNoAlerts() {
        tellHook();
        assertThat(vault.log()
                        .refuse(vault.event(), new Refused(Problem.NOT_ALLOWED, "No."))
                        .inLog())
                .isTrue();
        assertThat(Alert.values())
                .allSatisfy(kind -> assertThat(alerts.count(kind)).isZero());
    }
}
