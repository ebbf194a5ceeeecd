package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.change.PatronPatch;
import org.patronvault.patron.change.Registration;
import org.patronvault.patron.lookup.IdentityVerification.Claim;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.testing.OpenVault;

/** Tests of registration, correction, card replacement and verification on a real vault. */
final class PatronUseCasesTest {
    private static final Caller CLERK = OpenVault.person("circulation");
    private static OpenVault vault;

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static PatronId full(String card) {
        return vault.register("'card':'" + card + "','name':{'family':'O\\u2019Sullivan','given':'Katherine',"
                + "'preferred':'Kat'},'address':{'line1':'1437 South Elm St','city':'New Canaan','postalCode':'06840'},"
                + "'phone':['(203) 555-0143','203.555.0144'],'email':['Kat@Example.org'],'expires':'2029-01-31'");
    }

    private static PatronDirectory.Entry entry(PatronId id) {
        return vault.patrons().directory().find(CLERK, Optional.of(id), AuditLog.newRequest());
    }

    private static void assertProblem(Problem problem, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @Test
    void registeredPatronIsFoundByEveryTermAndReadsBackAsWritten() {
        PatronId id = full("RA1");
        for (String typed : List.of("ra1", "+1 203 555 0143", "2035550144", "KAT@example.ORG")) {
            assertThat(vault.find(typed).hits()).extracting(Lookup.Hit::id).contains(id);
        }
        PersonalData data = vault.reveal(id);
        assertThat(data.cards()).contains(List.of("RA1"));
        assertThat(data.name()).contains(new Name("O’Sullivan", "Katherine", "", "", "Kat"));
        assertThat(data.phone()).contains(List.of("+12035550143", "+12035550144"));
        assertThat(data.email()).contains(List.of("Kat@Example.org"));
    }

    @Test
    void registrationOpensNothing() {
        long from = vault.logSize();
        PatronId id = full("RB1");
        assertThat(vault.logSince(from)).singleElement().satisfies(event -> {
            assertThat(event.act()).isEqualTo(ActKind.REGISTER);
            assertThat(event.outcome()).isEqualTo(Outcome.WRITTEN);
            assertThat(event.subjects()).singleElement().satisfies(s -> {
                assertThat(s.patron()).isEqualTo(id);
                assertThat(s.writes()).hasSize(PatronField.values().length);
            });
        });
    }

    @Test
    void factsNameWhatIsSetAndTheConsentAndOpenNothing() {
        PatronId bare = vault.register("'card':'FA1','name':{'family':'F'}");
        PatronId full = full("FA2");
        long from = vault.logSize();
        assertThat(entry(bare).facts().set()).containsExactlyInAnyOrder(PatronField.CARD, PatronField.NAME);
        assertThat(entry(full).facts().set()).isEqualTo(PatronField.personal());
        assertThat(entry(full).facts().consents().history()).singleElement().satisfies(consent -> {
            assertThat(consent.purpose()).isEqualTo(Consent.SERVICE);
            assertThat(consent.policy()).isEqualTo("2018-05");
            assertThat(consent.given()).isTrue();
        });
        assertThat(vault.logSize()).isEqualTo(from);
    }

    @Test
    void similarCountsOtherPatronsWithThePhoneOrTheAddressOnce() {
        String name = "'name':{'family':'F'},";
        vault.register("'card':'SA1'," + name + "'phone':['203-555-0900'],'email':['s@example.com']");
        vault.register("'card':'SA2'," + name + "'phone':['203-555-0900']");
        vault.register("'card':'SA3'," + name + "'email':['other@example.com']");
        Registration.Result registered = vault.patrons()
                .registration()
                .register(
                        CLERK,
                        vault.draft("'card':'SA4'," + name + "'phone':['203-555-0900'],'email':['S@EXAMPLE.com']"),
                        Optional.empty(),
                        AuditLog.newRequest());
        assertThat(registered.similar()).isEqualTo(2);
    }

    @Test
    void cardInUseIsRefusedAndTheRefusalLogged() {
        full("CA1");
        long from = vault.logSize();
        assertProblem(Problem.CARD_IN_USE, () -> full("ca1"));
        assertThat(vault.logSince(from)).singleElement().satisfies(event -> {
            assertThat(event.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(event.reason()).contains(Problem.CARD_IN_USE);
        });
    }

    @Test
    void patchMergesNestedMembersAndLeavesTheOthers() {
        PatronId id = full("PA1");
        assertThat(vault.patch(id, 1, "{'name':{'given':'Katharine','preferred':null}}")
                        .version())
                .isEqualTo(2);
        PersonalData data = vault.reveal(id);
        assertThat(data.name()).contains(new Name("O’Sullivan", "Katharine", "", "", ""));
        assertThat(data.phone().orElseThrow()).hasSize(2);
        assertThat(data.address().orElseThrow().line1()).isEqualTo("1437 South Elm St");
    }

    @Test
    void patchReplacesAListAsAWholeAndTheIndexFollows() {
        PatronId id = full("PB1");
        vault.patch(id, 1, "{'phone':['203-555-0991']}");
        assertThat(vault.reveal(id).phone()).contains(List.of("+12035550991"));
        assertThat(vault.find("203-555-0991").hits()).extracting(Lookup.Hit::id).containsExactly(id);
        assertThat(vault.find("203-555-0143").hits()).extracting(Lookup.Hit::id).doesNotContain(id);
        assertThat(vault.find("PB1").hits()).extracting(Lookup.Hit::id).containsExactly(id);
    }

    @Test
    void patchWithNullRemovesAFieldAndFactsSaySo() {
        PatronId id = full("PC1");
        vault.patch(id, 1, "{'email':null,'address':null,'expires':null}");
        PersonalData data = vault.reveal(id);
        assertThat(data.email()).contains(List.of());
        assertThat(data.address().orElseThrow().isEmpty()).isTrue();
        assertThat(entry(id).attributes().expires()).isEmpty();
        assertThat(entry(id).facts().set())
                .containsExactlyInAnyOrder(PatronField.CARD, PatronField.NAME, PatronField.PHONE);
        assertThat(vault.find("kat@example.org").hits())
                .extracting(Lookup.Hit::id)
                .doesNotContain(id);
    }

    @Test
    void patchOfAttributesOpensNothing() {
        PatronId id = full("PD1");
        long from = vault.logSize();
        PatronPatch.Result corrected = vault.patch(id, 1, "{'status':'blocked','library':'DA','category':'staff'}");
        assertThat(corrected.entry()).isEmpty();
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).containsExactly(Outcome.WRITTEN);
        assertThat(entry(id).attributes().status()).isEqualTo(Status.BLOCKED);
        assertThat(vault.reveal(id).name().orElseThrow().given()).isEqualTo("Katherine");
    }

    @Test
    void patchOfAFieldIsLoggedAsOpenedForReindexBeforeItIsWritten() {
        PatronId id = full("PE1");
        long from = vault.logSize();
        PatronPatch.Result corrected = vault.patch(id, 1, "{'address':{'line2':'Apt 4B'}}");
        List<AccessEvent> events = vault.logSince(from);
        assertThat(events).extracting(AccessEvent::outcome).containsExactly(Outcome.DISCLOSED, Outcome.WRITTEN);
        assertThat(events.get(0).purpose()).contains(Purpose.REINDEX);
        assertThat(events.get(0).subjects().get(0).fields()).containsExactly(PatronField.ADDRESS);
        assertThat(events.get(1).subjects().get(0).fields())
                .containsExactlyInAnyOrder(PatronField.ADDRESS, PatronField.META);
        assertThat(corrected.entry()).contains(from);
    }

    @Test
    void patchOfAnotherVersionIsStaleAndWithoutOneIsRefused() {
        PatronId id = full("PF1");
        vault.patch(id, 1, "{'status':'blocked'}");
        assertProblem(Problem.VERSION_STALE, () -> vault.patch(id, 1, "{'status':'active'}"));
        assertProblem(Problem.VERSION_STALE, () -> vault.patch(id, 3, "{'status':'active'}"));
        assertProblem(
                Problem.PRECONDITION_REQUIRED,
                () -> vault.patrons()
                        .correction()
                        .apply(
                                CLERK,
                                Optional.of(id),
                                OptionalLong.empty(),
                                () -> OpenVault.json("{}"),
                                Optional.empty(),
                                AuditLog.newRequest()));
        assertThat(entry(id).version()).isEqualTo(2);
    }

    @Test
    void patchThatMakesNoPatronIsRefusedAndChangesNothing() {
        PatronId id = full("PG1");
        PersonalData before = vault.reveal(id);
        assertProblem(Problem.INVALID, () -> vault.patch(id, 1, "{'name':{'family':''}}"));
        assertProblem(Problem.INVALID, () -> vault.patch(id, 1, "{'phone':'203-555-0143'}"));
        assertProblem(Problem.NOT_COLLECTED, () -> vault.patch(id, 1, "{'notes':'x'}"));
        assertThat(vault.reveal(id)).isEqualTo(before);
        assertThat(entry(id).version()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'phone':['x']",
                "'phone':['203-555-0101','203-555-0102','203-555-0103','203-555-0104','203-555-0105']",
                "'email':['x']",
                "'card':'?'",
                "'name':null",
                "'name':{'family':' '}",
                "'name':{'given':1}",
                "'address':'x'",
                "'address':{'line1':['x']}",
                "'address':{'city':'x\\u0007'}",
                "'phone':['203-555-0101'],'status':'x'",
                "'phone':['203-555-0101'],'library':null",
                "'phone':['203-555-0101'],'category':'x'",
                "'phone':['203-555-0101'],'expires':'x'",
                "'phone':['203-555-0101'],'consent':{'policy':'1'}"
            })
    void patchThatFitsNoPatronIsRefusedBeforeAnythingIsOpened(String members) {
        PatronId id = full("PH" + vault.logSize());
        long from = vault.logSize();
        assertThatThrownBy(() -> vault.patch(id, 1, "{" + members + "}")).isInstanceOf(Refused.class);
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).containsExactly(Outcome.REFUSED);
    }

    private static void replaceCard(PatronId id, String card) {
        vault.patrons()
                .cardReplacement()
                .replace(CLERK, Optional.of(id), () -> card, Optional.empty(), AuditLog.newRequest());
    }

    @Test
    void replacedCardsStayKnownAsInactiveUpToFour() {
        PatronId id = full("RC1");
        for (String card : List.of("RC2", "RC3", "RC4")) {
            replaceCard(id, card);
        }
        assertThat(vault.reveal(id).cards()).contains(List.of("RC4", "RC3", "RC2", "RC1"));
        assertThat(vault.find("RC4").hits())
                .singleElement()
                .satisfies(hit -> assertThat(hit.match()).isEqualTo("exact"));
        for (String former : List.of("RC1", "RC2", "RC3")) {
            assertThat(vault.find(former).hits()).singleElement().satisfies(hit -> {
                assertThat(hit.id()).isEqualTo(id);
                assertThat(hit.match()).isEqualTo("inactive-card");
            });
            assertProblem(Problem.CARD_IN_USE, () -> full(former));
        }
        assertProblem(Problem.CARD_IN_USE, () -> replaceCard(id, "RC4"));
        replaceCard(id, "RC5");
        assertThat(vault.reveal(id).cards().orElseThrow())
                .hasSize(4)
                .startsWith("RC5")
                .doesNotContain("RC1");
    }

    @Test
    void cardOfAnotherPatronIsRefusedAsReplacement() {
        PatronId id = full("RD1");
        full("RD2");
        assertProblem(Problem.CARD_IN_USE, () -> replaceCard(id, "RD2"));
        assertThat(vault.find("RD1").hits())
                .singleElement()
                .satisfies(hit -> assertThat(hit.match()).isEqualTo("exact"));
    }

    @Test
    void cardThatThePatronHasIsRefusedBeforeAnythingIsOpened() {
        PatronId id = full("RE1");
        long from = vault.logSize();
        assertProblem(Problem.CARD_IN_USE, () -> replaceCard(id, "re1"));
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).containsExactly(Outcome.REFUSED);
        replaceCard(id, "RE2");
        replaceCard(id, "RE1");
        assertThat(vault.reveal(id).cards()).contains(List.of("RE1", "RE2"));
    }

    private static boolean verify(PatronId id, Claim claim, String said) {
        Map<Claim, Boolean> right = vault.patrons()
                .verification()
                .verify(CLERK, Optional.of(id), Map.of(claim, said), Optional.empty(), AuditLog.newRequest())
                .right();
        assertThat(right.keySet()).isEqualTo(Set.of(claim));
        return right.get(claim);
    }

    @ParameterizedTest
    @CsvSource({
        "FAMILY, de la Cruz, true",
        "FAMILY, DELACRUZ, true",
        "FAMILY, Cruz, false",
        "FAMILY, ' ', false",
        "FAMILY, '', false",
        "FAMILY, '-', false",
        "GIVEN, Ines, true",
        "GIVEN, inés, true",
        "GIVEN, NENA, true",
        "GIVEN, '', false",
        "PHONE, 203 555 0188, true",
        "PHONE, +1-203-555-0188, true",
        "PHONE, 2035550189, false",
        "PHONE, '', false",
        "PHONE, x, false",
        "EMAIL, INES@example.org, true",
        "EMAIL, '', false",
        "POSTAL_CODE, 0 6840, true",
        "POSTAL_CODE, 06841, false",
        "POSTAL_CODE, '', false"
    })
    void claimHoldsWhateverItsCaseMarksAndBlanks(Claim claim, String said, boolean right) {
        PatronId id =
                vault.register("'card':'V" + vault.logSize() + "','name':{'family':'de la Cruz','given':'In\\u00e9s',"
                        + "'preferred':'Nena'},'address':{'postalCode':'06840'},'phone':['203-555-0188'],"
                        + "'email':['ines@example.org']");
        assertThat(verify(id, claim, said)).isEqualTo(right);
    }

    @Test
    void blankNeverMatchesAFieldThatIsNotSet() {
        PatronId id = vault.register("'card':'VB1','name':{'family':'F'}");
        for (Claim claim : Claim.values()) {
            assertThat(verify(id, claim, "")).as(claim.wireName()).isFalse();
        }
    }

    @Test
    void tenFailedVerificationsAnHourAreRefusedTheEleventhTimeAndRightOnesAreFree() {
        PatronId id = full("VC1");
        for (int i = 0; i < 9; i++) {
            assertThat(verify(id, Claim.POSTAL_CODE, "00000")).isFalse();
            assertThat(verify(id, Claim.POSTAL_CODE, "06840")).isTrue();
        }
        assertThat(verify(id, Claim.POSTAL_CODE, "00000")).isFalse();
        assertProblem(Problem.VERIFY_LIMIT, () -> verify(id, Claim.POSTAL_CODE, "06840"));
        vault.clock().advance(Duration.ofMinutes(60));
        assertThat(verify(id, Claim.POSTAL_CODE, "06840")).isTrue();
    }
}
