package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Sensitive;
import org.patronvault.testing.Kiosk;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/** Tests of the answers that SIP2 clients get, over real connections. */
final class Sip2GatewayTest {
    private static final Optional<String> NO_PIN = Optional.empty();
    private static final Optional<String> PIN = Optional.of("4711");
    private static final String DATE = "20261124    090000";
    /** More than may wait for the program that knows the PINs, and more than the gateway lets wait. */
    private static final int SLOW = 300;

    /** More than are asked at a time, and fewer than may wait. */
    private static final int CROWD = 120;

    private static ServedGateway served;

    @BeforeAll
    static void serve() {
        served = ServedGateway.of(ServedGateway.KIOSK);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private static String timeless(String answer) {
        return Kiosk.timeless(answer);
    }

    @Test
    void statusOfTheServiceSaysWhatIsUnderstood() {
        try (Kiosk kiosk = served.signedIn()) {
            assertThat(kiosk.ask("9900401.00AY1AZFCA5"))
                    .isEqualTo(Kiosk.summed("98YNNNNN030005" + DATE + "2.00AONC library|BXYNNNYYYYYNNNNNNN|AY1AZ"));
            assertThat(kiosk.ask("9900802.00"))
                    .isEqualTo("98YNNNNN030005" + DATE + "2.00AONC library|BXYNNNYYYYYNNNNNNN|");
        }
    }

    @Test
    void loginIsAnsweredAsInPublishedExamples() {
        try (Kiosk kiosk = Kiosk.at(served.port())) {
            assertThat(kiosk.ask(Kiosk.summed("9300CNkiosk|CO" + ServedGateway.PASSWORD + "|AY0AZ")))
                    .isEqualTo("941AY0AZFDFD");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9300CNkiosk|COwrong|",
                "9300CNkiosk|CO|",
                "9300CNkiosk|",
                "9300COa kiosk by the door|",
                "9300CNnobody|COa kiosk by the door|",
                "9310CNkiosk|COa kiosk by the door|"
            })
    void whoDoesNotSignInIsToldSoAndCutOff(String login) {
        try (Kiosk kiosk = Kiosk.at(served.port())) {
            assertThat(kiosk.ask(login)).isEqualTo("940");
            assertThat(kiosk.answer()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9900401.00AY1AZFCA5", "97", "11YN", "23000" + DATE + "AOx|AAGOOD|AC|AD|"})
    void nobodyIsAnsweredBeforeTheLogin(String message) {
        try (Kiosk kiosk = Kiosk.at(served.port())) {
            assertThat(kiosk.ask(message)).isNull();
        }
    }

    @Test
    void entitledPatronIsToldAsSuchAndByNoName() {
        try (Kiosk kiosk = served.signedIn()) {
            assertThat(kiosk.ask("23001" + DATE + "AONC|AAgood|AC|AD|"))
                    .isEqualTo("24" + " ".repeat(14) + "001" + DATE + "AONC|AAgood|AE|BLY|");
            assertThat(kiosk.ask("63001" + DATE + "YYYYYYYYYYAONC|AAGOOD|AC|AD|BP1|BQ99|"))
                    .isEqualTo("64" + " ".repeat(14) + "001" + DATE + "0000".repeat(6) + "AONC|AAGOOD|AE|BLY|");
            assertThat(kiosk.ask("35" + DATE + "AONC|AAGOOD|AC|AD|")).isEqualTo("36Y" + DATE + "AONC|AAGOOD|");
        }
    }

    @Test
    void withoutAVerifierNoPinIsRight() {
        try (Kiosk kiosk = served.signedIn()) {
            String denied = "24YYYY" + " ".repeat(10) + "000TIMEAONC|AAGOOD|AE|BLN|CQN|";
            assertThat(timeless(kiosk.ask(kiosk.status("GOOD", PIN)))).isEqualTo(denied);
            assertThat(timeless(kiosk.ask(kiosk.status("GOOD", NO_PIN))))
                    .contains("BLY")
                    .doesNotContain("CQ");
        }
    }

    @Test
    void unknownExpiredBlockedAndWrongPinAreTheSameBytes() {
        try (Kiosk kiosk = served.signedIn()) {
            List<String> answers = new ArrayList<>();
            for (String card : List.of("NOBODYS", "EXPIRED", "BLOCKED", "", "no card!", "GOOD")) {
                Optional<String> pin = card.equals("GOOD") ? PIN : NO_PIN;
                answers.add(timeless(kiosk.ask(kiosk.status(card, pin))).replace("AA" + card + "|", "AA|"));
            }
            assertThat(answers).containsOnly("24YYYY" + " ".repeat(10) + "000TIMEAONC|AA|AE|BLN|CQN|");
            answers.clear();
            for (String card : List.of("NOBODYS", "EXPIRED", "BLOCKED", "GOOD")) {
                answers.add(timeless(kiosk.ask(kiosk.information(card, PIN))).replace("AA" + card + "|", "AA|"));
            }
            assertThat(answers)
                    .containsOnly("64YYYY" + " ".repeat(10) + "001TIME" + "0000".repeat(6) + "AONC|AA|AE|BLN|CQN|");
        }
    }

    @Test
    void absentFieldsAreEmptyOnes() {
        try (Kiosk kiosk = served.signedIn()) {
            assertThat(kiosk.ask("23xyz" + DATE))
                    .isEqualTo("24YYYY" + " ".repeat(10) + "000" + DATE + "AONC library|AA|AE|BLN|CQN|");
            assertThat(kiosk.ask("35" + DATE)).isEqualTo("36Y" + DATE + "AONC library|AA|");
        }
    }

    @Test
    void wrongChecksumAndBrokenMessagesAreAskedForAgainUntilTheyAreTooMany() {
        try (Kiosk kiosk = served.signedIn()) {
            for (String broken : List.of("9900401.00AY1AZFCA6", "23", "\u0001\u0002", "23000" + DATE + "AA1|AA2|")) {
                assertThat(kiosk.ask(broken)).isEqualTo("96AZFEF6");
            }
            assertThat(kiosk.ask(kiosk.status("GOOD", NO_PIN))).contains("BLY");
            for (int i = 0; i < 20; i++) {
                assertThat(kiosk.ask("9")).isEqualTo("96AZFEF6");
            }
            assertThat(kiosk.ask("9")).isNull();
        }
    }

    @Test
    void cardsThatAKioskTriesInTheirOrderAreToldOfAndNoneIsAnsweredBeyondTheClientsNumber() {
        try (ServedGateway other = ServedGateway.of(ServedGateway.KIOSK)) {
            other.setChecks("kiosk", "10");
            long from = other.vault().logSize();
            try (Kiosk kiosk = other.signedIn()) {
                for (int i = 0; i < 10; i++) {
                    assertThat(kiosk.ask(kiosk.status("7000" + i, NO_PIN))).contains("BLN");
                }
                assertThat(kiosk.ask(kiosk.status("GOOD", NO_PIN))).contains("BLN");
            }
            // The alert is written after the answer.
            var alerts = Awaitility.await().until(() -> other.vault().logSince(from), log -> !log.isEmpty());
            assertThat(alerts).singleElement().satisfies(alert -> {
                assertThat(alert.actor().name()).isEqualTo("kiosk");
                assertThat(alert.about()).contains("sequential-cards");
            });
        }
    }

    @Test
    void whatIsNotUnderstoodIsIgnored() {
        try (Kiosk kiosk = served.signedIn()) {
            kiosk.send("17" + DATE + "AONC|AB1|AC|\rzz\r11YN\r\r\n");
            assertThat(kiosk.ask(kiosk.status("GOOD", NO_PIN))).startsWith("24");
        }
    }

    @Test
    void lastAnswerIsSentAgainWhenAskedFor() {
        try (Kiosk kiosk = served.signedIn()) {
            assertThat(kiosk.ask("97")).isEqualTo("941AY0AZFDFD");
            String answer = kiosk.ask(kiosk.status("GOOD", NO_PIN));
            assertThat(kiosk.ask("97")).isEqualTo(answer);
            assertThat(kiosk.ask(Kiosk.summed("97AZ"))).isEqualTo(answer);
        }
    }

    @Test
    void pipelinedMessagesAreAnsweredInTheirOrder() {
        try (Kiosk kiosk = served.signedIn()) {
            int many = 300;
            StringBuilder all = new StringBuilder();
            IntStream.range(0, many)
                    .forEach(n -> all.append(kiosk.status(n % 3 == 0 ? "GOOD" : "NONE" + n, NO_PIN))
                            .append(n % 2 == 0 ? "\r" : "\n"));
            kiosk.send(all.toString());
            for (int n = 0; n < many; n++) {
                assertThat(kiosk.answer()).contains(n % 3 == 0 ? "|AAGOOD|AE|BLY|" : "|AANONE" + n + "|AE|BLN|");
            }
        }
    }

    @Test
    void lineThatIsTooLongEndsTheConnection() {
        try (Kiosk kiosk = served.signedIn()) {
            kiosk.send("2".repeat(1 << 20));
            assertThat(kiosk.answer()).isNull();
        }
    }

    @Test
    void eachQuestionCountsOnceThoughEverySecondIsSentTwice() {
        served.vault().vault().privacy().entitlements().logCounts();
        long from = served.vault().logSize();
        Map<String, Long> asked = new TreeMap<>();
        try (Kiosk kiosk = served.signedIn()) {
            for (int n = 0; n < 200; n++) {
                String card = List.of("GOOD", "BLOCKED", "NOT" + n, "EXPIRED").get(n % 4);
                String message = n % 8 < 4 ? kiosk.status(card, NO_PIN) : kiosk.information(card, NO_PIN);
                String answer = kiosk.ask(message);
                assertThat(answer).isNotNull();
                if (n % 2 == 0) {
                    assertThat(kiosk.ask(message)).isEqualTo(answer);
                }
                asked.merge(n % 4 == 0 ? "" : "not-entitled", 1L, Long::sum);
            }
        }
        served.vault().vault().privacy().entitlements().logCounts();
        Map<String, Long> counted = new TreeMap<>();
        for (AccessEvent entry : served.vault().logSince(from)) {
            assertThat(entry.act()).isEqualTo(ActKind.ENTITLEMENT);
            assertThat(entry.outcome()).isEqualTo(Outcome.COUNTED);
            assertThat(entry.subjects()).isEmpty();
            assertThat(entry.about()).contains("ebooks");
            assertThat(entry.actor().name()).isEqualTo("kiosk");
            counted.merge(
                    entry.reason().map(Problem::slug).orElse(""), entry.count().orElseThrow(), Long::sum);
        }
        assertThat(counted).isEqualTo(asked);
    }

    @Test
    void sameQuestionLaterIsAnotherQuestion() {
        try (Kiosk kiosk = served.signedIn()) {
            served.vault().register("'card':'LATER','name':{'family':'Later'}");
            String first = kiosk.status("LATER", NO_PIN);
            assertThat(kiosk.ask(first)).contains("BLY");
            assertThat(kiosk.ask(kiosk.end("LATER"))).startsWith("36Y");
            served.vault()
                    .erase(served.vault()
                            .patrons()
                            .directory()
                            .holder("LATER")
                            .orElseThrow()
                            .id());
            assertThat(kiosk.ask(first)).contains("BLN");
        }
    }

    @Test
    void accountsAreKnownByWhatTheyDid() {
        try (Kiosk kiosk = served.signedIn();
                Kiosk wrong = Kiosk.at(served.port())) {
            assertThat(wrong.ask("9300CNkiosk|COwrong|")).isEqualTo("940");
            assertThat(kiosk.ask("23 broken")).isEqualTo("96AZFEF6");
            assertThat(served.gateway().accounts()).singleElement().satisfies(account -> {
                assertThat(account.login()).isEqualTo("kiosk");
                assertThat(account.service()).isEqualTo("ebooks");
                assertThat(account.connections()).isPositive();
                assertThat(account.lastHeard()).contains(served.vault().clock().instant());
                assertThat(account.refusedLogins()).isPositive();
                assertThat(account.brokenMessages()).isPositive();
            });
        }
    }

    private static Sip2Account account(
            Charset charset, boolean lineFeed, boolean detection, Sip2Account.Refusal refusal, boolean pin) {
        return new Sip2Account(
                "k\u00efosk",
                Sensitive.of("p\u00e4ssword".getBytes(charset)),
                "kiosk",
                "ebooks",
                charset,
                lineFeed,
                detection,
                refusal,
                pin,
                "Bitte an die Theke, f\u00fcr alles Weitere.");
    }

    private static String in(Charset charset, String text) {
        return new String(text.getBytes(charset), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CP850", "UTF-8", "ISO-8859-1"})
    void accountHasItsOwnCharsetTerminatorAndWayToRefuse(String name) {
        Charset charset = Charset.forName(name);
        Sip2Account account = account(charset, true, true, Sip2Account.Refusal.BLY, false);
        try (ServedGateway other = ServedGateway.of(account);
                Kiosk kiosk = Kiosk.at(other.port())) {
            assertThat(kiosk.ask(kiosk.login(in(charset, "k\u00efosk"), in(charset, "p\u00e4ssword"))))
                    .startsWith("941AY0AZ");
            String answer = kiosk.ask(kiosk.status("BLOCKED", NO_PIN));
            assertThat(timeless(answer))
                    .isEqualTo("\n24YYYY" + " ".repeat(10) + "000TIMEAONC|AABLOCKED|AE|BLY|CQN|AF"
                            + in(charset, "Bitte an die Theke, f\u00fcr alles Weitere.") + "|");
            assertThat(timeless(kiosk.ask(kiosk.status("GOOD", NO_PIN))))
                    .isEqualTo("\n24" + " ".repeat(14) + "000TIMEAONC|AAGOOD|AE|BLY|");
            assertThat(kiosk.ask("23000" + DATE + "AONC|AAGOOD|AC|AD|")).isEqualTo("\n96AZFEF6");
        }
    }

    @Test
    void whereThereMustBeAPinNoneIsAWrongOne() {
        Sip2Account strict = account(StandardCharsets.UTF_8, false, false, Sip2Account.Refusal.BLN, true);
        try (ServedGateway other = ServedGateway.of(strict, "/bin/sh", "-c", "grep -q 4711");
                Kiosk kiosk = Kiosk.at(
                        other.port(),
                        in(StandardCharsets.UTF_8, "k\u00efosk"),
                        in(StandardCharsets.UTF_8, "p\u00e4ssword"))) {
            assertThat(kiosk.ask(kiosk.status("GOOD", PIN))).contains("BLY|CQY|");
            assertThat(kiosk.ask(kiosk.status("GOOD", NO_PIN))).contains("BLN|CQN|");
        }
    }

    @Test
    void pinIsCheckedByTheNamedProgramForUnknownCardsToo() {
        String program = "cat >> asked; tail -n 1 asked | grep -q '\\\"pin\\\":\\\"4711\\\"'";
        try (ServedGateway other = ServedGateway.of(ServedGateway.KIOSK, "/bin/sh", "-c", program);
                Kiosk kiosk = other.signedIn()) {
            String right = kiosk.status("good", PIN);
            String answer = kiosk.ask(right);
            assertThat(answer).contains("|AAgood|AE|BLY|CQY|");
            assertThat(kiosk.ask(right)).isEqualTo(answer);
            assertThat(kiosk.ask(kiosk.status("GOOD", Optional.of("0000")))).contains("BLN|CQN|");
            assertThat(kiosk.ask(kiosk.status("NOBODYS", PIN))).contains("BLN|CQN|");
            assertThat(kiosk.ask(kiosk.status("BLOCKED", PIN))).contains("BLN|CQN|");
            assertThat(other.vault().home().directory().resolve("asked"))
                    .hasContent("{\"card\":\"GOOD\",\"pin\":\"4711\"}\n{\"card\":\"GOOD\",\"pin\":\"0000\"}\n"
                            + "{\"card\":\"NOBODYS\",\"pin\":\"4711\"}\n{\"card\":\"BLOCKED\",\"pin\":\"4711\"}");
        }
    }

    @Test
    void revokedClientIsCutOffAndSealedVaultAnswersNobody() {
        try (ServedGateway other = ServedGateway.of(ServedGateway.KIOSK);
                Kiosk kiosk = other.signedIn();
                Kiosk second = other.signedIn()) {
            assertThat(kiosk.ask(kiosk.status("GOOD", NO_PIN))).contains("BLY");
            other.vault().vault().seal().seal(OpenVault.person("director"), new byte[16]);
            assertThat(second.ask(second.status("GOOD", NO_PIN))).isNull();
            other.vault().unseal();
            other.revoke("kiosk");
            assertThat(kiosk.ask(kiosk.status("GOOD", NO_PIN))).isNull();
            try (Kiosk late = Kiosk.at(other.port())) {
                assertThat(late.ask(late.login("kiosk", ServedGateway.PASSWORD)))
                        .startsWith("940");
            }
        }
    }

    @Test
    void accountOfAClientThereIsNotSignsNobodyIn() {
        Sip2Account orphan = new Sip2Account(
                "kiosk",
                Sensitive.of("x".getBytes(StandardCharsets.US_ASCII)),
                "nobody",
                "ebooks",
                StandardCharsets.UTF_8,
                false,
                false,
                Sip2Account.Refusal.BLN,
                false,
                "");
        try (ServedGateway other = ServedGateway.of(orphan);
                Kiosk kiosk = Kiosk.at(other.port())) {
            assertThat(kiosk.ask(kiosk.login("kiosk", "x"))).startsWith("940");
        }
    }

    @Test
    void oneConnectionTooManyIsClosedAndThereIsRoomAgainOnceOneEnds() {
        try (ServedGateway other = ServedGateway.of(List.of(ServedGateway.KIOSK), Optional.empty(), 2)) {
            Kiosk first = other.signedIn();
            try (Kiosk second = other.signedIn()) {
                try (Kiosk third = Kiosk.at(other.port())) {
                    assertThat(third.answer()).isNull();
                }
                first.close();
                assertThat(eventuallySignedIn(other)).isTrue();
                assertThat(second.ask(second.status("GOOD", NO_PIN))).contains("BLY");
            }
        }
    }

    private static boolean eventuallySignedIn(ServedGateway other) {
        for (int i = 0; i < 1_000; i++) {
            try (Kiosk kiosk = Kiosk.at(other.port())) {
                if (Optional.ofNullable(kiosk.ask(kiosk.login("kiosk", ServedGateway.PASSWORD)))
                        .filter(answer -> answer.startsWith("941"))
                        .isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Eight of twenty places are reserved for the other account. */
    @Test
    void accountTakesNoPlaceThatIsAnothersOwn() {
        String login = in(StandardCharsets.UTF_8, "k\u00efosk");
        String password = in(StandardCharsets.UTF_8, "p\u00e4ssword");
        Sip2Account second = account(StandardCharsets.UTF_8, false, false, Sip2Account.Refusal.BLN, false);
        List<Kiosk> all = new ArrayList<>();
        try (ServedGateway other = ServedGateway.of(List.of(ServedGateway.KIOSK, second), Optional.empty(), 20)) {
            for (int i = 0; i < 20 - Logins.OWN_PLACES; i++) {
                all.add(other.signedIn());
            }
            try (Kiosk crowd = Kiosk.at(other.port())) {
                assertThat(crowd.ask(crowd.login("kiosk", ServedGateway.PASSWORD)))
                        .startsWith("940");
            }
            for (int i = 0; i < Logins.OWN_PLACES; i++) {
                all.add(Kiosk.at(other.port(), login, password));
            }
            assertThat(other.gateway().accounts())
                    .extracting(account -> account.connections() + " " + account.refusedLogins())
                    .containsExactly("12 1", "8 0");
            // A second login on the same connection takes no other place.
            Kiosk last = all.get(all.size() - 1);
            assertThat(last.ask(last.login(login, password))).startsWith("941");
            assertThat(last.ask(last.login("kiosk", ServedGateway.PASSWORD))).startsWith("940");
        } finally {
            all.forEach(Kiosk::close);
        }
    }

    @Test
    void everyMessageOfAnEndedClientEndsTheConnection() {
        try (ServedGateway other = ServedGateway.of(ServedGateway.KIOSK);
                Kiosk status = other.signedIn();
                Kiosk end = other.signedIn();
                Kiosk resend = other.signedIn()) {
            other.revoke("kiosk");
            assertThat(status.ask("9900802.00")).isNull();
            assertThat(end.ask(end.end("GOOD"))).isNull();
            assertThat(resend.ask("97")).isNull();
        }
    }

    @Test
    void wrongPasswordsLockTheirOwnAccountAndNoOther() {
        Sip2Account second = account(StandardCharsets.UTF_8, false, false, Sip2Account.Refusal.BLN, false);
        try (ServedGateway other = ServedGateway.of(List.of(ServedGateway.KIOSK, second), Optional.empty(), 600)) {
            for (int i = 0; i < Logins.WRONG_FROM_ONE_ADDRESS; i++) {
                try (Kiosk wrong = Kiosk.at(other.port())) {
                    assertThat(wrong.ask("9300CNkiosk|COwrong|")).isEqualTo("940");
                }
            }
            try (Kiosk locked = Kiosk.at(other.port());
                    Kiosk free = Kiosk.at(other.port())) {
                assertThat(locked.ask(locked.login("kiosk", ServedGateway.PASSWORD)))
                        .startsWith("940");
                assertThat(free.ask(free.login(
                                in(StandardCharsets.UTF_8, "k\u00efosk"), in(StandardCharsets.UTF_8, "p\u00e4ssword"))))
                        .startsWith("941");
            }
            assertThat(other.gateway().accounts().get(0).refusedLogins()).isEqualTo(Logins.WRONG_FROM_ONE_ADDRESS + 1);
        }
    }

    @Test
    void strangersMakeRoomForWhoSignsIn() {
        try (ServedGateway other = ServedGateway.of(List.of(ServedGateway.KIOSK), Optional.empty(), 60)) {
            List<Kiosk> strangers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                strangers.add(Kiosk.at(other.port()));
            }
            assertThat(eventuallySignedIn(other)).isTrue();
            strangers.forEach(Kiosk::close);
        }
    }

    @Test
    void whoSendsEmptyLinesForEverIsCutOff() {
        try (Kiosk flood = served.signedIn();
                Kiosk kiosk = served.signedIn()) {
            flood.send("\r".repeat(FrameCutter.MOST_EMPTY + 1));
            assertThat(flood.answer()).isNull();
            assertThat(kiosk.ask("\r".repeat(FrameCutter.MOST_EMPTY) + kiosk.status("GOOD", NO_PIN)))
                    .contains("BLY");
        }
    }

    /** The answer is no, and arrives. A client that asks without a PIN does not notice. */
    @Test
    @Tag(LongRun.TAG)
    @Execution(ExecutionMode.CONCURRENT)
    void systemOfPinsThatIsTooSlowForAllIsNoForSomeAndHoldsUpNobody() throws Exception {
        try (ServedGateway other =
                        ServedGateway.of(ServedGateway.KIOSK, "/bin/sh", "-c", "cat > /dev/null; read x < go");
                Kiosk without = other.signedIn()) {
            Path go = other.vault().home().directory().resolve("go");
            assertThat(new ProcessBuilder("mkfifo", go.toString()).start().waitFor())
                    .isZero();
            List<Kiosk> kiosks = new ArrayList<>();
            for (int i = 0; i < SLOW; i++) {
                Kiosk kiosk = other.signedIn();
                kiosk.send(kiosk.status("GOOD", PIN) + "\r");
                kiosks.add(kiosk);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(without.ask(without.status("GOOD", NO_PIN))).contains("BLY");
            }
            for (Kiosk kiosk : kiosks) {
                assertThat(kiosk.answer()).contains("|BLN|CQN|");
                kiosk.close();
            }
            long from = other.vault().logSize();
            other.vault().vault().privacy().entitlements().logCounts();
            assertThat(other.vault().logSince(from))
                    .filteredOn(entry -> entry.reason().equals(Optional.of(Problem.VERIFIER_UNAVAILABLE)))
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.count()).hasValue(SLOW));
        }
    }

    @Test
    void oneVendorsPinsKeepNoOthersFromBeingAsked() {
        Sip2Account second = account(StandardCharsets.UTF_8, false, false, Sip2Account.Refusal.BLN, false);
        try (ServedGateway other = ServedGateway.of(
                List.of(ServedGateway.KIOSK, of("other", second)),
                Optional.empty(),
                600,
                "/bin/sh",
                "-c",
                "sleep 0.1; grep -q 4711")) {
            other.vault().addVendor("other");
            List<Kiosk> crowd = new ArrayList<>();
            for (int i = 0; i < CROWD; i++) {
                Kiosk kiosk = other.signedIn();
                kiosk.send(kiosk.status("GOOD", PIN) + "\r");
                crowd.add(kiosk);
            }
            try (Kiosk alone = Kiosk.at(
                    other.port(),
                    in(StandardCharsets.UTF_8, "k\u00efosk"),
                    in(StandardCharsets.UTF_8, "p\u00e4ssword"))) {
                for (int i = 0; i < 5; i++) {
                    assertThat(alone.ask(alone.status("GOOD", PIN))).contains("BLY|CQY|");
                }
            }
            crowd.forEach(Kiosk::close);
        }
    }

    /** Returns an account like this one for that client. */
    private static Sip2Account of(String client, Sip2Account account) {
        return new Sip2Account(
                account.login(),
                account.password(),
                client,
                account.service(),
                account.charset(),
                account.endsWithLineFeed(),
                account.requiresErrorDetection(),
                account.refusal(),
                account.requiresPin(),
                account.message());
    }

    @Test
    void withoutTlsItListensOnThisMachineOnly() {
        Sip2Settings open = new Sip2Settings("0.0.0.0", 0, 10, "", List.of(ServedGateway.KIOSK));
        assertThatThrownBy(() -> Sip2Gateway.start(open, Optional.empty(), null))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID))
                .hasMessageContaining("sip2.tlsCert");
        Sip2Settings taken = new Sip2Settings("127.0.0.1", served.port(), 10, "", List.of(ServedGateway.KIOSK));
        assertThatThrownBy(() -> ServedGateway.start(taken, Optional.empty(), served))
                .hasMessageContaining("port of sip2");
    }
}
