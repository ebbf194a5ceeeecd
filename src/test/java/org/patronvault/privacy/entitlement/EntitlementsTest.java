package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.NotEntitledReason;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.privacy.entitlement.Entitlements.Answer;
import org.patronvault.testing.AlertHook;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.TestClock;

/** Tests of the answers a vendor gets (P8), and of the data kept of them. */
final class EntitlementsTest {
    private static final Caller HOOPLA = OpenVault.client("hoopla", "entitlement");
    private static final Caller KANOPY = OpenVault.client("kanopy", "entitlement");
    private static final Answer NO = new Answer(false, Optional.empty(), Optional.empty(), Optional.empty());
    private static OpenVault vault;
    private static PatronId patron;

    @BeforeAll
    static void register() {
        vault = OpenVault.onSqlite();
        patron = vault.register("'card':'E1','name':{'family':'F'},'expires':'2029-01-31'");
        vault.register("'card':'TODAY','name':{'family':'F'},'expires':'2026-11-24'");
        vault.register("'card':'PAST','name':{'family':'F'},'expires':'2026-11-23'");
        vault.register("'card':'EVER','name':{'family':'F'}");
        vault.register("'card':'BLOCKED','name':{'family':'F'},'status':'blocked'");
        PatronId replaced = vault.register("'card':'OLD','name':{'family':'F'}");
        vault.patrons()
                .cardReplacement()
                .replace(
                        OpenVault.person("circulation"),
                        Optional.of(replaced),
                        () -> "NEW",
                        Optional.empty(),
                        AuditLog.newRequest());
        PatronId erased = vault.register("'card':'ERASED','name':{'family':'F'}");
        vault.erase(erased);
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static Answer check(Caller client, String card) {
        return vault.check(client, card, "ebooks");
    }

    @Test
    void subjectIsTheSameForOneClientAndAnotherForAnother() {
        String first = check(HOOPLA, "E1").subject().orElseThrow();
        assertThat(check(HOOPLA, " e1 ").subject()).contains(first);
        assertThat(vault.check(HOOPLA, "E1", "films").subject()).contains(first);
        assertThat(check(KANOPY, "E1").subject()).isPresent().get().isNotEqualTo(first);
        assertThat(check(HOOPLA, "EVER").subject()).isPresent().get().isNotEqualTo(first);
        assertThat(first).hasSize(24).doesNotContain(patron.toString());
    }

    @Test
    void subjectOutlivesCardReplacementAndRestart() {
        PatronId id = vault.register("'card':'S1','name':{'family':'F'}");
        String before = check(HOOPLA, "S1").subject().orElseThrow();
        vault.patrons()
                .cardReplacement()
                .replace(
                        OpenVault.person("circulation"),
                        Optional.of(id),
                        () -> "S2",
                        Optional.empty(),
                        AuditLog.newRequest());
        vault.restart();
        assertThat(check(HOOPLA, "S2").subject()).contains(before);
    }

    @Test
    void answerHoldsForADayAtMostAndNeverPastExpiry() {
        Instant now = vault.clock().instant();
        assertThat(check(HOOPLA, "E1").validUntil()).contains(now.plus(Duration.ofHours(24)));
        assertThat(check(HOOPLA, "EVER").validUntil()).contains(now.plus(Duration.ofHours(24)));
        assertThat(check(HOOPLA, "TODAY").validUntil()).contains(Instant.parse("2026-11-25T00:00:00Z"));
        assertThat(now).isEqualTo(TestClock.MORNING);
    }

    @Test
    void damagedRowOfSomebodyElseIsNotTheMatterOfAnUnknownCard() throws SQLException {
        try (OpenVault other = under("{}");
                Connection connection = other.connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE patron SET library = 'ELSEWHERE'");
            for (int i = 0; i < 20; i++) {
                assertThat(ask(other, HOOPLA, "NOBODYS")).isEqualTo(NO);
            }
            assertThatThrownBy(() -> ask(other, HOOPLA, "GOOD")).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void lastDayEndsAtMidnightOfTheLibrary() {
        try (OpenVault other = under("{}")) {
            other.clock().take(ZoneId.of("America/New_York"));
            other.register("'card':'LAST','name':{'family':'F'},'expires':'2026-11-24'");
            other.clock().advance(Duration.ofHours(19));
            assertThat(other.clock().instant()).isEqualTo(Instant.parse("2026-11-25T04:00:00Z"));
            assertThat(ask(other, HOOPLA, "LAST").validUntil()).contains(Instant.parse("2026-11-25T05:00:00Z"));
            other.clock().advance(Duration.ofHours(1));
            assertThat(ask(other, HOOPLA, "LAST")).isEqualTo(NO);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PAST", "BLOCKED", "OLD", "ERASED", "NOBODYS", "", "not a card!", "123456789012345678901"})
    void everyReasonNotToBeEntitledGivesOneAnswer(String card) {
        assertThat(check(HOOPLA, card)).isEqualTo(NO);
    }

    @Test
    void unknownServiceEntitlesNobody() {
        assertThat(vault.check(HOOPLA, "E1", "gambling").entitled()).isFalse();
    }

    @Test
    void checksAreLoggedAsCountsByClientServiceAndAnswerWithoutAnyPatron() {
        vault.vault().privacy().entitlements().logCounts();
        long from = vault.logSize();
        for (int i = 0; i < 7; i++) {
            check(HOOPLA, i % 2 == 0 ? "E1" : "NOBODYS");
        }
        check(KANOPY, "E1");
        assertThat(vault.logSize()).isEqualTo(from);

        vault.vault().privacy().entitlements().logCounts();
        vault.vault().privacy().entitlements().logCounts();

        List<AccessEvent> logged = vault.logSince(from);
        assertThat(logged).hasSize(3).allSatisfy(event -> {
            assertThat(event.act()).isEqualTo(ActKind.ENTITLEMENT);
            assertThat(event.outcome()).isEqualTo(Outcome.COUNTED);
            assertThat(event.subjects()).isEmpty();
            assertThat(event.about()).contains("ebooks");
        });
        assertThat(logged)
                .extracting(event -> event.actor().name() + " "
                        + event.count().orElseThrow()
                        + event.reason().map(why -> " " + why.slug()).orElse(""))
                .containsExactlyInAnyOrder("hoopla 4", "hoopla 3 not-entitled", "kanopy 1");
    }

    @Test
    void clientOfAnotherScopeIsRefusedAndTheRefusalLogged() {
        long from = vault.logSize();
        assertThatThrownBy(() -> check(OpenVault.client("koha", "ils"), "E1"))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem().kind()).isEqualTo(Problem.Kind.FORBIDDEN));
        assertThat(vault.logSince(from))
                .singleElement()
                .satisfies(event -> assertThat(event.outcome()).isEqualTo(Outcome.REFUSED));
    }

    /** A vault under that policy of the service ebooks, with a PIN program that knows 4711. */
    private static OpenVault under(String ebooks, String... pinCommand) {
        OpenVault other = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("ebooks: {}", "ebooks: " + ebooks));
        other.register("'card':'GOOD','name':{'family':'F'},'expires':'2029-01-31'");
        other.register("'card':'JUST','name':{'family':'F'},'expires':'2026-11-20'");
        other.register("'card':'LONG','name':{'family':'F'},'expires':'2026-10-01'");
        other.register("'card':'BLOCKED','name':{'family':'F'},'status':'blocked'");
        other.register("'card':'CHILD','name':{'family':'F'},'category':'juvenile'");
        if (pinCommand.length > 0) {
            String pins = "pins: {command: ['" + String.join("', '", pinCommand) + "']}\n";
            other.whileStopped(() -> append(other.home().settings(), pins));
        }
        return other;
    }

    private static void append(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer ask(OpenVault other, Caller client, String card, String... pin) {
        return other.vault().privacy().entitlements().check(client, check(card, pin), Optional.empty());
    }

    private static Entitlements.Check check(String card, String... pin) {
        return new Entitlements.Check(card, Arrays.stream(pin).findFirst().map(Sensitive::of), "ebooks");
    }

    @Test
    void serviceSaysHowLongAfterExpiryWhetherBlockedAndOfWhichCategory() {
        try (OpenVault other = under("{graceDays: 5, blocked: served, categories: [adult]}")) {
            assertThat(ask(other, HOOPLA, "JUST").validUntil())
                    .contains(other.clock().instant().plus(Duration.ofHours(24)));
            other.clock().advance(Duration.ofDays(1));
            assertThat(ask(other, HOOPLA, "JUST").validUntil()).contains(Instant.parse("2026-11-26T00:00:00Z"));
            other.clock().advance(Duration.ofDays(1));
            assertThat(ask(other, HOOPLA, "JUST")).isEqualTo(NO);
            assertThat(ask(other, HOOPLA, "BLOCKED").entitled()).isTrue();
            assertThat(ask(other, HOOPLA, "CHILD")).isEqualTo(NO);
        }
    }

    @Test
    void reasonIsToldWhereThePolicySaysSoAndNeverWhetherACardIsKnown() {
        try (OpenVault other =
                under("{tells: [expired, blocked, not-covered], categories: [adult], clients: [hoopla]}")) {
            assertThat(ask(other, HOOPLA, "LONG").told()).contains(NotEntitledReason.EXPIRED);
            assertThat(ask(other, HOOPLA, "BLOCKED").told()).contains(NotEntitledReason.BLOCKED);
            assertThat(ask(other, HOOPLA, "CHILD").told()).contains(NotEntitledReason.NOT_COVERED);
            assertThat(ask(other, HOOPLA, "NOBODYS")).isEqualTo(NO);
            assertThat(ask(other, HOOPLA, "LONG", "4711")).isEqualTo(NO);
            assertThat(ask(other, KANOPY, "LONG")).isEqualTo(NO);
            assertThat(ask(other, KANOPY, "GOOD")).isEqualTo(NO);
        }
    }

    @Test
    void pinIsAskedOfTheProgramAndWrongOnesAreTooManyForARightOne() {
        try (OpenVault other = under("{}", "/bin/sh", "-c", "grep -q pin...4711 || exit 1")) {
            assertThat(ask(other, HOOPLA, "GOOD", "4711").entitled()).isTrue();
            assertThat(ask(other, HOOPLA, "GOOD").entitled()).isTrue();
            assertThat(ask(other, HOOPLA, "JUST", "4711")).isEqualTo(NO);
            for (int i = 0; i < 50; i++) {
                assertThat(ask(other, i % 2 == 0 ? HOOPLA : KANOPY, " good ", "000" + i))
                        .isEqualTo(NO);
                assertThat(ask(other, HOOPLA, "GOOD", "")).isEqualTo(NO);
            }
            assertThat(ask(other, HOOPLA, "GO\u00a0OD", "4711").entitled()).isTrue();
            assertThat(ask(other, HOOPLA, "GOOD", "0050")).isEqualTo(NO);
            assertThat(ask(other, HOOPLA, "\u3000GO\u00a0OD\u2028", "4711")).isEqualTo(NO);
            assertThat(ask(other, HOOPLA, "GOOD", "4711")).isEqualTo(NO);
            assertThat(ask(other, HOOPLA, "GOOD").entitled()).isTrue();
        }
    }

    private static void tellWrongPins(OpenVault other, String card, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(ask(other, HOOPLA, card, "000" + i)).isEqualTo(NO);
        }
    }

    @Test
    void wrongPinsOfTheLastTenMinutesCountOverARestartAndThenNoMore() throws Exception {
        try (OpenVault other = under("{}", "/bin/sh", "-c", "grep -q pin...4711 || exit 1")) {
            tellWrongPins(other, "GOOD", 51);
            other.restart();
            assertThat(ask(other, HOOPLA, "GOOD", "4711")).isEqualTo(NO);
            assertThat(ask(other, HOOPLA, "JUST", "4712")).isEqualTo(NO);
            other.clock().advance(Duration.ofMinutes(10));
            assertThat(ask(other, HOOPLA, "GOOD", "4711"))
                    .as("too many in the while that is over")
                    .isEqualTo(NO);
            other.clock().advance(Duration.ofMinutes(9));
            assertThat(ask(other, HOOPLA, "GOOD", "4711"))
                    .as("too many of the while before")
                    .isEqualTo(NO);
            other.clock().advance(Duration.ofMinutes(1));
            assertThat(ask(other, HOOPLA, "GOOD", "4711").entitled()).isTrue();
            other.vault().privacy().entitlements().sharePins();
            other.clock().advance(Duration.ofMinutes(30));
            other.vault().privacy().entitlements().sharePins();
            assertThat(wrongPins(other))
                    .as("removed by a clock that was just set")
                    .isNotEmpty();
        }
    }

    @Test
    void whatIsWrittenOfPinsTellsNotWhichAreOfOneCardNorWhetherTheyWereWrong() throws Exception {
        try (OpenVault other = under("{}", "/bin/sh", "-c", "grep -q pin...4711 || exit 1")) {
            tellWrongPins(other, "GOOD", 3);
            tellWrongPins(other, "NOBODYS", 2);
            assertThat(ask(other, HOOPLA, "GOOD", "4711").entitled()).isTrue();
            other.restart();
            assertThat(wrongPins(other)).hasSize(6).doesNotHaveDuplicates().allMatch(token -> token.length() == 32);
        }
    }

    private static List<String> wrongPins(OpenVault other) throws SQLException {
        List<String> tokens = new ArrayList<>();
        try (Connection connection = other.connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT hex(token) FROM limit_seen WHERE actor = 'wrong-pin'")) {
            while (rows.next()) {
                tokens.add(rows.getString(1));
            }
        }
        return tokens;
    }

    @Test
    void wrongPinsThatAnotherNodeCountsInTheWhileToComeCountNow() throws Exception {
        try (OpenVault other = under("{}", "/bin/sh", "-c", "grep -q pin...4711 || exit 1")) {
            other.clock().advance(Duration.ofMinutes(10));
            tellWrongPins(other, "GOOD", 51);
            other.restart();
            other.clock().advance(Duration.ofMinutes(-10));
            assertThat(ask(other, HOOPLA, "GOOD", "4711")).isEqualTo(NO);
        }
    }

    @Test
    void withoutWhoKnowsPinsNoneIsRight() {
        try (OpenVault other = under("{}")) {
            assertThat(ask(other, HOOPLA, "GOOD", "4711")).isEqualTo(NO);
            assertThat(ask(other, HOOPLA, "GOOD", "")).isEqualTo(NO);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit 2", "kill -9 $$", "exit 127"})
    void whoKnowsPinsAndDoesNotAnswerIsToldAsSuchWhateverTheCard(String program) {
        try (OpenVault other = under("{}", "/bin/sh", "-c", program)) {
            for (String card : List.of("GOOD", "NOBODYS", "BLOCKED")) {
                assertThatThrownBy(() -> ask(other, HOOPLA, card, "4711"))
                        .isInstanceOfSatisfying(
                                Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.VERIFIER_UNAVAILABLE));
            }
            long from = other.logSize();
            other.vault().privacy().entitlements().logCounts();
            assertThat(other.logSince(from)).singleElement().satisfies(entry -> {
                assertThat(entry.reason()).contains(Problem.VERIFIER_UNAVAILABLE);
                assertThat(entry.count()).hasValue(3);
            });
        }
    }

    @Test
    void pinMayBeAskedOfAnAddress() {
        try (AlertHook hook = new AlertHook();
                OpenVault other = under("{}")) {
            other.whileStopped(() -> append(other.home().settings(), "pins: {url: '" + hook.url() + "'}\n"));
            hook.answer(200, 403, 500);
            assertThat(ask(other, HOOPLA, "GOOD", "4711").entitled()).isTrue();
            assertThat(ask(other, HOOPLA, "GOOD", "4712")).isEqualTo(NO);
            assertThatThrownBy(() -> ask(other, HOOPLA, "GOOD", "4711")).isInstanceOf(Refused.class);
        }
    }

    @Test
    void checkUnderTheSameKeyIsAnsweredAndCountedOnce() throws Exception {
        try (OpenVault other = under("{}")) {
            Entitlements entitlements = other.vault().privacy().entitlements();
            Optional<String> key = Optional.of("once");
            Answer first = entitlements.check(HOOPLA, check("GOOD"), key);
            other.clock().advance(Duration.ofMinutes(1));
            List<Callable<Answer>> again =
                    Collections.nCopies(16, () -> entitlements.check(HOOPLA, check("GOOD"), key));
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                for (Future<Answer> answer : threads.invokeAll(again)) {
                    assertThat(answer.get()).isEqualTo(first);
                }
            } finally {
                threads.shutdownNow();
            }
            assertThatThrownBy(() -> entitlements.check(HOOPLA, check("BLOCKED"), key))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.IDEMPOTENCY_KEY_REUSED));
            assertThat(entitlements.check(KANOPY, check("BLOCKED"), key)).isEqualTo(NO);
            long from = other.logSize();
            entitlements.logCounts();
            assertThat(other.logSince(from))
                    .extracting(
                            entry -> entry.actor().name() + " " + entry.count().orElseThrow())
                    .containsExactlyInAnyOrder("hoopla 1", "kanopy 1");
        }
    }

    @Test
    void oneCardIsCheckedSoOftenAMinuteByOneClientWhetherItIsKnownOrNot() {
        try (OpenVault other = under("{}")) {
            for (String card : List.of("GOOD", "NOBODYS")) {
                Caller hoopla = checking(HOOPLA, 10_000);
                for (int i = 0; i < 600; i++) {
                    assertThat(ask(other, hoopla, i % 2 == 0 ? card : " " + card.toLowerCase(Locale.ROOT))
                                    .subject()
                                    .isPresent())
                            .isEqualTo(card.equals("GOOD"));
                }
                assertThatThrownBy(() -> ask(other, hoopla, card)).isInstanceOfSatisfying(Refused.class, e -> {
                    assertThat(e.problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
                    assertThat(e.retryAfterSeconds()).isEqualTo(60);
                });
            }
            assertThat(ask(other, KANOPY, "GOOD").entitled()).isTrue();
            assertThat(ask(other, checking(HOOPLA, 10_000), "CHILD").entitled()).isTrue();
        }
    }

    /** The client with that number of checks a minute. */
    private static Caller checking(Caller client, int most) {
        return new Caller(
                client.actor(),
                client.scopes(),
                client.fields(),
                client.purposes(),
                client.daily(),
                client.limited(),
                Optional.empty(),
                OptionalInt.of(most));
    }

    private static void assertTooMany(OpenVault other, Caller client, String card) {
        assertThatThrownBy(() -> ask(other, client, card))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS));
    }

    @Test
    void vendorThatAsksFor1500CardsInTheirOrderGets600AnswersAndRaisesAnAlert() {
        try (OpenVault other = under("{}")) {
            long from = other.logSize();
            int answered = 0;
            for (int i = 0; i < 1_500; i++) {
                try {
                    ask(other, HOOPLA, Integer.toString(10_000_000 + i));
                    answered++;
                } catch (Refused e) {
                    assertThat(e.problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
                }
            }
            // If the calls take more than a minute, part of the first ones no longer counts.
            assertThat(answered).isBetween(600, 700);
            assertThat(other.logSince(from)).singleElement().satisfies(alert -> {
                assertThat(alert.actor()).isEqualTo(HOOPLA.actor());
                assertThat(alert.outcome()).isEqualTo(Outcome.ALERT);
                assertThat(alert.about()).contains("sequential-cards");
                assertThat(alert.subjects()).isEmpty();
            });
            assertThat(ask(other, KANOPY, "GOOD").entitled())
                    .as("another client")
                    .isTrue();
        }
    }

    @Test
    void clientHasTheNumberOfChecksThatItWasGivenInPlaceOfThePolicys() {
        try (OpenVault other = under("{}")) {
            Caller seldom = checking(HOOPLA, 2);
            assertThat(ask(other, seldom, "GOOD").entitled()).isTrue();
            assertThat(ask(other, seldom, "NOBODYS")).isEqualTo(NO);
            assertTooMany(other, seldom, "GOOD");
            assertTooMany(other, seldom, "NOBODYS");
            Caller often = checking(KANOPY, 700);
            for (int i = 0; i < 700; i++) {
                assertThat(ask(other, often, "C" + i)).isEqualTo(NO);
            }
        }
    }
}
