package org.patronvault.patron.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.access.posted.PolicyVersions;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.change.ConsentRecording.Input;
import org.patronvault.patron.erasure.Erasure;
import org.patronvault.patron.lookup.IdentityVerification;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.record.ErasureRequests;
import org.patronvault.testing.OpenVault;

/** Tests of consent (P6, P9): what is kept of it, and the effect of a withdrawal. */
final class ConsentRecordingTest {
    private static final Caller CLERK = OpenVault.person("circulation");

    private OpenVault vault;
    private PatronId ann;

    @BeforeEach
    void register() {
        vault = OpenVault.onSqlite();
        ann = vault.register("'card':'ANN1','name':{'family':'Ames'},'phone':['203-555-0101']");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private ConsentRecording.Result put(Caller caller, String purpose, boolean given, String policy, String on) {
        return vault.patrons()
                .consenting()
                .put(
                        caller,
                        Optional.of(ann),
                        OptionalLong.empty(),
                        () -> new Input(
                                purpose,
                                given,
                                policy,
                                "desk",
                                Optional.ofNullable(on).map(java.time.LocalDate::parse)),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    private void says(String purpose, boolean given) {
        put(CLERK, purpose, given, "2018-05", null);
    }

    private Consents consents() {
        return vault.patrons()
                .consenting()
                .read(CLERK, Optional.of(ann), AuditLog.newRequest())
                .consents();
    }

    private List<PatronId> waiting() {
        return vault.patrons().erasures().asked(OpenVault.person("supervisor"), AuditLog.newRequest()).stream()
                .map(ErasureRequests.PendingRequest::patron)
                .toList();
    }

    private static void assertRefused(Problem problem, Runnable act) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(problem));
    }

    @Test
    void whatIsSaidIsKeptWithVersionDayChannelAndWhoTookItDown() {
        says("newsletter", true);
        says("newsletter", false);
        List<Consent> history = consents().history();
        assertThat(history).extracting(Consent::purpose).containsExactly("service", "newsletter", "newsletter");
        assertThat(history).extracting(Consent::given).containsExactly(true, true, false);
        assertThat(history).allSatisfy(one -> {
            assertThat(one.policy()).isEqualTo("2018-05");
            assertThat(one.by()).isEqualTo(CLERK.actor().name());
        });
        assertThat(history.get(2).on()).isEqualTo("2026-11-24");
        assertThat(consents().isGiven("newsletter")).isFalse();
    }

    @Test
    void writeIsInTheLogWithThePatronAndNothingIsOpened() {
        long before = vault.logSize();
        long version = put(CLERK, "fundraising", true, "2018-05", null).version();
        assertThat(version).isEqualTo(2);
        AccessEvent entry = vault.logSince(before).get(0);
        assertThat(entry.act()).isEqualTo(ActKind.CONSENT);
        assertThat(entry.outcome()).isEqualTo(Outcome.WRITTEN);
        assertThat(entry.subjects()).extracting(Subject::patron).containsExactly(ann);
        assertThat(entry.subjects().get(0).fields()).containsExactly(PatronField.META);
        assertThat(vault.patch(ann, 2, "{'phone':['203-555-0199']}").version()).isEqualTo(3);
        assertThat(consents().isGiven("fundraising")).isTrue();
    }

    @Test
    void unknownPurposeAnotherVersionAndADayInTheFutureAreRefused() {
        assertRefused(Problem.PURPOSE_UNKNOWN, () -> says("profiling", true));
        assertRefused(Problem.INVALID, () -> put(CLERK, "newsletter", true, "2019-01", null));
        assertRefused(Problem.INVALID, () -> put(CLERK, "newsletter", true, "2018-05", "2026-11-26"));
        assertThat(put(CLERK, "newsletter", true, "2018-05", "2026-11-01")
                        .consent()
                        .on())
                .isEqualTo("2026-11-01");
        for (String role : List.of("outreach", "custodian", "admin", "page")) {
            assertRefused(Problem.NOT_ALLOWED, () -> put(OpenVault.person(role), "newsletter", true, "2018-05", null));
        }
    }

    @Test
    void aYesOfBeforeTheLastNoIsRefusedAndOfThatDayOrLaterIsNot() {
        put(CLERK, "newsletter", true, "2018-05", "2026-11-01");
        put(CLERK, "newsletter", false, "2018-05", "2026-11-10");
        assertRefused(Problem.INVALID, () -> put(CLERK, "newsletter", true, "2018-05", "2026-11-09"));
        assertThat(vault.logSince(vault.logSize() - 1).get(0).reason()).hasValue(Problem.INVALID);
        assertThat(consents().isGiven("newsletter")).isFalse();
        put(CLERK, "fundraising", true, "2018-05", "2026-11-09");
        put(CLERK, "newsletter", true, "2018-05", "2026-11-10");
        assertThat(consents().isGiven("newsletter")).isTrue();
    }

    @Test
    void aNoOfAnyPastDayIsTakenDownAndTheNewestStillHoldsBackAnOlderYes() {
        put(CLERK, "newsletter", false, "2018-05", "2026-11-10");
        put(CLERK, "newsletter", false, "2018-05", "2020-01-01");
        assertRefused(Problem.INVALID, () -> put(CLERK, "newsletter", true, "2018-05", "2026-11-09"));
        assertThat(consents().isGiven("newsletter")).isFalse();
        says("newsletter", true);
        put(CLERK, "newsletter", false, "2018-05", "2020-01-01");
        assertThat(consents().isGiven("newsletter")).isFalse();
    }

    @Test
    void theServiceIsNotGivenAgainByAYesOfBeforeItWasTakenBack() {
        says("service", false);
        assertRefused(Problem.INVALID, () -> put(CLERK, "service", true, "2018-05", "2026-11-23"));
        assertThat(waiting()).containsExactly(ann);
    }

    private Lookup.RevealedPatron reveal(Caller caller, String purpose) {
        return AuditLog.await(vault.patrons()
                .lookup()
                .reveal(
                        caller,
                        Optional.of(ann),
                        Set.of(PatronField.PHONE),
                        Optional.of(new Purpose(purpose)),
                        Optional.empty(),
                        AuditLog.newRequest()));
    }

    @Test
    void whoTakesTheServiceBackIsUsedForNothingAnyMore() {
        says("newsletter", true);
        says("service", false);
        assertRefused(Problem.FIELD_NOT_ALLOWED, () -> reveal(CLERK, "account-service"));
        assertRefused(Problem.FIELD_NOT_ALLOWED, () -> reveal(OpenVault.person("director"), "registration"));
        assertThat(reveal(CLERK, "patron-request").data().phone()).contains(List.of("+12035550101"));
        Lookup.Result found = vault.find("ANN1", Set.of());
        assertThat(found.hits()).singleElement().satisfies(hit -> {
            assertThat(hit.id()).isEqualTo(ann);
            assertThat(hit.data()).isEqualTo(PersonalData.NOTHING);
            assertThat(hit.withdrawn()).isTrue();
        });
        assertRefused(Problem.CONSENT_REQUIRED, () -> vault.patch(ann, 3, "{'phone':[]}"));
        assertRefused(Problem.CONSENT_REQUIRED, () -> says("fundraising", true));
        assertRefused(
                Problem.CONSENT_REQUIRED,
                () -> vault.patrons()
                        .cardReplacement()
                        .replace(CLERK, Optional.of(ann), () -> "ANN2", Optional.empty(), AuditLog.newRequest()));
        assertRefused(
                Problem.FIELD_NOT_ALLOWED,
                () -> vault.patrons()
                        .verification()
                        .verify(
                                CLERK,
                                Optional.of(ann),
                                Map.of(IdentityVerification.Claim.PHONE, "203-555-0101"),
                                Optional.empty(),
                                AuditLog.newRequest()));
        assertThat(vault.check(OpenVault.client("films", "entitlement"), "ANN1", "ebooks")
                        .entitled())
                .isFalse();
        says("newsletter", false);
    }

    @Test
    void whoTakesTheServiceBackWaitsToBeErasedOrAsksNoMore() {
        assertThat(waiting()).isEmpty();
        says("service", false);
        says("service", false);
        assertThat(waiting()).containsExactly(ann);
        vault.restart();
        assertThat(waiting()).containsExactly(ann);
        says("service", true);
        assertThat(waiting()).isEmpty();
        assertThat(reveal(CLERK, "account-service").data().phone()).isPresent();
        says("service", false);
        vault.patrons()
                .erasure()
                .erase(
                        Erasure.Requester.alone(OpenVault.person("privacy-officer")),
                        Optional.of(ann),
                        Optional.empty(),
                        AuditLog.newRequest());
        assertThat(waiting()).isEmpty();
        assertRefused(Problem.NOT_ALLOWED, () -> vault.patrons().erasures().asked(CLERK, AuditLog.newRequest()));
    }

    @Test
    void copyOfTheDatabaseDoesNotSayWhoWaits() throws Exception {
        says("service", false);
        try (var connection = vault.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT name, body FROM authority WHERE kind = 'erasure-request'")) {
            row.next();
            assertThat(row.getString(1) + row.getString(2))
                    .doesNotContain(ann.toString())
                    .doesNotContain(Long.toString(ann.number()));
        }
    }

    @Test
    void noChangeOpensOrWritesWhoTookTheServiceBackNorGivesTheConsentAgain() {
        says("service", false);
        long before = vault.logSize();
        for (String patch : List.of(
                "{'phone':['203-555-0101']}",
                "{'status':'blocked'}",
                "{'consent':{'policy':'2018-05','given':'2026-11-24','channel':'desk'}}")) {
            assertRefused(Problem.CONSENT_REQUIRED, () -> vault.patch(ann, 2, patch));
        }
        assertThat(vault.logSince(before)).extracting(AccessEvent::outcome).containsOnly(Outcome.REFUSED);
        assertThat(consents().isWithdrawn()).isTrue();
        assertThat(waiting()).containsExactly(ann);
    }

    private void post(String version) {
        PolicyVersions versions = vault.vault().access().policyVersions();
        versions.post(
                OpenVault.person("director").actor(),
                PostedPolicy.of(version, "2026-01-15", "2027-01-15", "What is new.", versions.today()),
                IdempotencyStore.Once.withoutKey(),
                vault.vault().access().replay(),
                AuditLog.newRequest());
    }

    @Test
    void aConsentNamesAnyVersionThatWasPostedAndNoOther() {
        assertRefused(Problem.INVALID, () -> put(CLERK, "newsletter", true, "2026-01", null));
        assertRefused(Problem.INVALID, () -> put(CLERK, "newsletter", false, "1999-01", null));
        assertThat(vault.logSince(vault.logSize() - 1).get(0).reason()).hasValue(Problem.INVALID);
        post("2026-01");
        assertThat(put(CLERK, "newsletter", true, "2026-01", null).consent().policy())
                .isEqualTo("2026-01");
        // policy.yaml still names 2018-05; once it does not, a form signed under 2018-05 is still valid.
        assertThat(put(CLERK, "fundraising", true, "2018-05", null).consent().policy())
                .isEqualTo("2018-05");
    }

    @Test
    void nobodyIsRegisteredOrChangedUnderAVersionThatWasNeverPosted() {
        String other = "'consent':{'policy':'1999-01','given':'2026-11-24','channel':'desk'}";
        assertRefused(Problem.INVALID, () -> vault.register("'card':'BOB1','name':{'family':'Bell'}," + other));
        assertRefused(Problem.INVALID, () -> vault.patch(ann, 1, "{" + other + "}"));
        post("1999-01");
        assertThat(vault.patch(ann, 1, "{" + other + "}").version()).isEqualTo(2);
        assertThat(consents().history()).extracting(Consent::policy).containsExactlyInAnyOrder("2018-05", "1999-01");
    }

    @Test
    void aDayBeforeThereWereDaysIsRefused() {
        assertRefused(Problem.INVALID, () -> put(CLERK, "newsletter", true, "2018-05", "1969-12-31"));
    }
}
