package org.patronvault.patron.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.access.QuickAccess;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;

/** Tests that beyond the day's limit of one person, and of all people together, an erasure needs a second person. */
final class ErasureLimitTest {
    private static final Caller SAM = OpenVault.person("supervisor", true);
    private static final Actor SUE = new Actor(Actor.Kind.STAFF, "sue", "director", "NC");
    private static final Actor PIA = new Actor(Actor.Kind.STAFF, "pia", "privacy-officer", "");
    private static final Actor KIM = new Actor(Actor.Kind.STAFF, "kim", "circulation", "NC");

    private final AtomicInteger cards = new AtomicInteger(100);
    private OpenVault vault;

    @BeforeEach
    void open() {
        String policy = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        vault = OpenVault.under(policy.replace("erasures: {day: 20}", "erasures: {day: 2}")
                .replace("erasuresInAll: {day: 60}", "erasuresInAll: {day: 5}"));
        vault.enrol(SAM.actor(), SUE, PIA, KIM);
        register();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private PatronId register() {
        return vault.register("'card':'E" + cards.incrementAndGet() + "','name':{'family':'F'}");
    }

    private Erasure.Answer erase(Caller by, PatronId id, Optional<Actor> second) {
        return vault.patrons()
                .erasure()
                .erase(
                        new Erasure.Requester(by, () -> second),
                        Optional.of(id),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    private Erasure.Answer erase(PatronId id, Optional<Actor> second) {
        return erase(SAM, id, second);
    }

    private Erasure.Answer erase(PatronId id) {
        return erase(id, Optional.empty());
    }

    private boolean isHere(PatronId id) {
        return vault.vault().store().read(tx -> tx.patrons().find(id)).isPresent();
    }

    /** A supervisor's account that the administrator creates alone, after commissioning. */
    private Caller sybil(String name) {
        Approvals.Requester alone =
                Approvals.Requester.alone(new Actor(Actor.Kind.STAFF, "p-admin", Role.ADMIN.name(), "NC"));
        QuickAccess.accounts(vault).add(alone, name, List.of(new Role("supervisor")), "NC");
        Actor actor = new Actor(Actor.Kind.STAFF, name, "supervisor", "NC");
        return new Caller(actor, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), true);
    }

    private Problem refusedToApprove(Actor by, Approval filed) {
        return problemOf(() -> vault.vault().access().approvals().approve(by, filed.id(), Optional.empty()));
    }

    private static Problem problemOf(ThrowingCallable call) {
        return catchThrowableOfType(Refused.class, call).problem();
    }

    @Test
    void accountsOfOneMakerNeitherAgreeToEachOthersErasuresNorEraseMoreThanAllPeopleTogether() {
        Caller first = sybil("sybil1");
        Caller second = sybil("sybil2");
        for (Caller one : List.of(first, first, second, second)) {
            assertThat(erase(one, register(), Optional.empty()).certificate()).isPresent();
        }
        PatronId fifth = register();

        Approval filed = erase(first, fifth, Optional.empty()).filed().orElseThrow();

        assertThat(refusedToApprove(second.actor(), filed)).isEqualTo(Problem.NOT_FOUND);
        assertThat(refusedToApprove(new Actor(Actor.Kind.STAFF, "sybil2", "director", ""), filed))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        assertThat(problemOf(() -> erase(first, fifth, Optional.of(second.actor()))))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        assertThat(vault.merge(first, fifth, register()).filed()).isPresent();
        assertThat(problemOf(() -> vault.vault().privacy().retention().review(first, "expired", AuditLog.newRequest())))
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(isHere(fifth)).isTrue();

        assertThat(erase(sybil("sybil3"), fifth, Optional.empty()).certificate())
                .isPresent();
        PatronId sixth = register();
        assertThat(erase(sybil("sybil4"), sixth, Optional.empty()).filed())
                .as("the sixth of all people")
                .isPresent();
        assertThat(erase(sixth).filed()).as("whoever erases").isPresent();
        assertThat(isHere(sixth)).isTrue();
    }

    private List<String> alertsOf(Runnable work) {
        long before = vault.vault().log().reader().size();
        work.run();
        return vault.logSince(before).stream()
                .filter(event -> event.outcome() == Outcome.ALERT)
                .map(event -> event.actor().name() + " " + event.about().orElse(""))
                .toList();
    }

    @Test
    void firstErasureOfADayBeyondEachNumberIsAnAlert() {
        eraseTwo();
        assertThat(alertsOf(() -> erase(register(), Optional.of(SUE)))).containsExactly("p-supervisor erasure-limit");
        assertThat(alertsOf(() -> erase(register(), Optional.of(SUE)))).isEmpty();

        Caller sybil = sybil("sybil1");
        assertThat(alertsOf(() -> erase(sybil, register(), Optional.empty()))).isEmpty();
        assertThat(alertsOf(() -> erase(sybil, register(), Optional.of(SUE))))
                .as("the sixth of all people")
                .containsExactly("sybil1 erasure-limit");

        vault.clock().advance(Duration.ofDays(1));
        eraseTwo();
        assertThat(alertsOf(() -> erase(register(), Optional.of(SUE)))).hasSize(1);
    }

    @Test
    void erasureThatASecondPersonAgreedToCountsAmongThoseOfAllPeople() {
        eraseTwo();
        for (int i = 0; i < 3; i++) {
            assertThat(erase(register(), Optional.of(SUE)).certificate()).isPresent();
        }

        assertThat(erase(sybil("sybil1"), register(), Optional.empty()).filed()).isPresent();

        vault.clock().advance(Duration.ofDays(1));
        eraseTwo();
    }

    private void eraseTwo() {
        for (int i = 0; i < 2; i++) {
            assertThat(erase(register()).certificate()).isPresent();
        }
    }

    @Test
    void theNextIsFiledAndCarriedOutOnceAnotherAgreed() {
        eraseTwo();
        PatronId third = register();

        Approval filed = erase(third).filed().orElseThrow();

        assertThat(isHere(third)).isTrue();
        assertThat(filed.sentence()).contains(third.toString());
        assertThat(filed.about()).doesNotContain(third.toString());
        assertThatThrownBy(() -> vault.vault().access().approvals().approve(SAM.actor(), filed.id(), Optional.empty()))
                .isInstanceOf(Refused.class);
        assertThatThrownBy(() -> vault.vault().access().approvals().approve(KIM, filed.id(), Optional.empty()))
                .isInstanceOf(Refused.class);
        vault.vault().access().approvals().approve(PIA, filed.id(), Optional.empty());

        ErasureCertificate certificate = erase(third).certificate().orElseThrow();
        assertThat(certificate.members()).containsEntry("second", "pia");
        assertThat(isHere(third)).isFalse();
        assertThat(vault.logSince(certificate.entry()).get(0).second())
                .contains(new Approver("pia", Approver.Origin.OWN_SESSION));
    }

    private Merge.Answer merge(PatronId id, PatronId into) {
        return vault.merge(SAM, id, into);
    }

    @Test
    void whoIsMergedIntoAnotherIsErasedAndCountsAsThat() {
        PatronId stays = register();
        assertThat(merge(register(), stays).merged()).isPresent();
        assertThat(erase(register()).certificate()).isPresent();
        PatronId third = register();

        Approval filed = merge(third, stays).filed().orElseThrow();
        assertThat(isHere(third)).isTrue();
        assertThat(filed.sentence()).contains("Merge, and so erase, patron " + third + " into " + stays);
        assertThat(erase(third).filed()).as("another request").isNotEqualTo(Optional.of(filed));
        vault.vault().access().approvals().approve(PIA, filed.id(), Optional.empty());
        assertThat(merge(third, register()).filed()).as("into somebody else").isPresent();

        long entry = merge(third, stays).merged().orElseThrow().entry();
        assertThat(isHere(third)).isFalse();
        assertThat(vault.logSince(entry))
                .anySatisfy(
                        event -> assertThat(event.second()).contains(new Approver("pia", Approver.Origin.OWN_SESSION)));
    }

    @Test
    void whatWasAgreedToIsThatPatronAndNoOtherAndOnce() {
        eraseTwo();
        PatronId third = register();
        PatronId fourth = register();
        Approval filed = erase(third).filed().orElseThrow();
        vault.vault().access().approvals().approve(SUE, filed.id(), Optional.empty());
        assertThat(erase(fourth).filed()).isPresent();
        assertThat(isHere(fourth)).isTrue();
        assertThat(erase(third).certificate()).isPresent();
        assertThat(erase(fourth).filed()).isPresent();
    }

    @Test
    void aSecondBesideThemAtTheTerminalIsEnoughIfItIsSomebodyWhoMay() {
        eraseTwo();
        PatronId third = register();
        for (Actor nobody : new Actor[] {KIM, SAM.actor()}) {
            assertThatThrownBy(() -> erase(third, Optional.of(nobody)))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.SECOND_PERSON_REQUIRED));
        }
        assertThat(isHere(third)).isTrue();
        assertThat(erase(third, Optional.of(SUE)).certificate()).isPresent();
    }

    @Test
    void eachDayCountsAnewAndARestartDoesNot() {
        eraseTwo();
        vault.restart();
        assertThat(erase(register()).filed()).isPresent();
        vault.clock().advance(Duration.ofDays(1));
        eraseTwo();
        assertThat(erase(register()).filed()).isPresent();
    }

    @Test
    void aFieldCountsLikeAPatron() {
        eraseTwo();
        PatronId ann = vault.register("'card':'A1','name':{'family':'Ann'},'phone':['203-555-0101']");
        Approval filed = vault.patrons()
                .erasure()
                .eraseField(
                        Erasure.Requester.alone(SAM),
                        Optional.of(ann),
                        "phone",
                        Optional.empty(),
                        AuditLog.newRequest())
                .filed()
                .orElseThrow();
        assertThat(filed.sentence()).contains("phone of patron " + ann);
        assertThat(vault.find("203-555-0101").hits()).hasSize(1);
    }

    @Test
    void whoWasNotErasedIsNotCounted() {
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> erase(new PatronId(4711))).isInstanceOf(Refused.class);
        }
        eraseTwo();
    }
}
