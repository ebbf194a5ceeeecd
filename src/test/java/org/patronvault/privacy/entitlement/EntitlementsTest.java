package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.Caller;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.privacy.entitlement.Entitlements.Answer;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.TestClock;

/** What a vendor is told (P8), and what of it is kept. */
final class EntitlementsTest {
    private static final Caller HOOPLA = OpenVault.client("hoopla", "entitlement");
    private static final Caller KANOPY = OpenVault.client("kanopy", "entitlement");
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
        return vault.vault()
                .privacy()
                .entitlements()
                .check(client, new Entitlements.Check(card, Optional.empty(), "ebooks"), Optional.empty());
    }

    @Test
    void subjectIsTheSameForOneClientAndAnotherForAnother() {
        String first = check(HOOPLA, "E1").subject().orElseThrow();
        assertThat(check(HOOPLA, " e1 ").subject()).contains(first);
        assertThat(vault.vault()
                        .privacy()
                        .entitlements()
                        .check(HOOPLA, new Entitlements.Check("E1", Optional.empty(), "films"), Optional.empty())
                        .subject())
                .contains(first);
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

    @ParameterizedTest
    @ValueSource(strings = {"PAST", "BLOCKED", "OLD", "ERASED", "NOBODYS", "", "not a card!", "123456789012345678901"})
    void everyReasonNotToBeEntitledGivesOneAnswer(String card) {
        assertThat(check(HOOPLA, card))
                .isEqualTo(new Answer(false, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @Test
    void unknownServiceEntitlesNobody() {
        assertThat(vault.vault()
                        .privacy()
                        .entitlements()
                        .check(HOOPLA, new Entitlements.Check("E1", Optional.empty(), "gambling"), Optional.empty())
                        .entitled())
                .isFalse();
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
            assertThat(event.act()).isEqualTo(Act.ENTITLEMENT);
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
}
