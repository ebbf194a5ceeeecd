package org.patronvault.core.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Role;

/** Tests of requests that wait for a second person, decided from a session of their own. */
final class ApprovalsTest {
    private static final List<Role> DIRECTOR = List.of(new Role("director"));

    private AccessTestVault vault;
    private Actor root;
    private Actor abel;
    private Actor dora;

    @BeforeEach
    void endCommissioning(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
        root = vault.staff("root", "admin");
        abel = vault.staff("abel", "admin", "circulation");
        dora = vault.staff("dora", "director");
        vault.staff("anna", "page");
        vault.storeFirstPatron();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Approvals approvals() {
        return vault.access().approvals();
    }

    private Accounts accounts() {
        return vault.access().accounts();
    }

    private static Approvals.Requester alone(Actor by) {
        return Approvals.Requester.of(by, Optional.empty());
    }

    /** Asks for anna to become director. */
    private Approval ask() {
        return accounts().grant(alone(root), "anna", DIRECTOR).filed().orElseThrow();
    }

    private Approval approve(Actor by, Approval filed) {
        return approvals().approve(by, filed.id(), Optional.of(filed.digest()));
    }

    private Problem refusedToApprove(Actor by, Approval filed) {
        return Refusals.problemOf(() -> approve(by, filed));
    }

    private List<String> rolesOf(String name) {
        return accounts().find(name).roles();
    }

    @Test
    void approvedRequestIsCarriedOutAtOnceAndOnce() {
        Approval filed = ask();
        assertThat(rolesOf("anna")).containsExactly("page");
        Approval done = approve(dora, filed);
        assertThat(done.state()).isEqualTo(Approval.State.DONE);
        assertThat(done.approvers()).containsExactly("dora");
        assertThat(rolesOf("anna")).containsExactly("page", "director");

        accounts().revoke(Approvals.Requester.alone(root), "anna", DIRECTOR);
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(refusedToApprove(abel, filed)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(rolesOf("anna")).containsExactly("page");
    }

    @Test
    void logSaysWhoAskedWhoAgreedAndFromWhere() {
        Approval filed = ask();
        AccessEvent asked = vault.lastEntry();
        assertThat(asked.outcome()).isEqualTo(Outcome.REQUESTED);
        assertThat(asked.actor()).isEqualTo(root);
        assertThat(HexFormat.of().formatHex(asked.request())).isEqualTo(filed.id());
        long before = vault.log().reader().size();
        approve(dora, filed);
        List<AccessEvent> entries = vault.entriesFrom(before);
        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).actor()).isEqualTo(dora);
        assertThat(entries.get(0).act()).isEqualTo(ActKind.APPROVAL);
        assertThat(entries.get(1).actor()).isEqualTo(root);
        assertThat(entries.get(1).act()).isEqualTo(ActKind.STAFF);
        assertThat(entries.get(1).about()).contains("anna");
        assertThat(entries.get(1).second()).contains(new Approver("dora", Approver.Origin.OWN_SESSION));
        assertThat(entries)
                .allMatch(entry -> HexFormat.of().formatHex(entry.request()).equals(filed.id()));

        Actor second = new Actor(Actor.Kind.STAFF, "dora", "director", "");
        accounts().grant(Approvals.Requester.of(root, Optional.of(second)), "anna", List.of(new Role("custodian")));
        assertThat(vault.lastEntry().second()).contains(new Approver("dora", Approver.Origin.SAME_TERMINAL));
    }

    @Test
    void refusedActNamesWhoSatBesideTheOneWhoTried() {
        Actor clerk = new Actor(Actor.Kind.STAFF, "kim", "circulation", "");
        Approvals.Requester beside = Approvals.Requester.of(root, Optional.of(clerk));
        assertThat(Refusals.problemOf(() -> accounts().grant(beside, "anna", List.of(new Role("custodian")))))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        assertThat(vault.lastEntry().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(vault.lastEntry().actor()).isEqualTo(root);
        assertThat(vault.lastEntry().second()).contains(new Approver("kim", Approver.Origin.SAME_TERMINAL));
    }

    @Test
    void neitherAskerNorGainerNorAnybodyElsesRoleAgrees() {
        Approval filed = ask();
        Actor annaAsAdmin = new Actor(Actor.Kind.STAFF, "anna", "admin", "");
        for (Actor nobody : List.of(root, annaAsAdmin)) {
            assertThat(refusedToApprove(nobody, filed)).isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        }
        for (String role : List.of("circulation", "supervisor", "custodian", "privacy-officer", "page", "outreach")) {
            Actor other = new Actor(Actor.Kind.STAFF, "abel", role, "");
            assertThat(refusedToApprove(other, filed)).as(role).isEqualTo(Problem.NOT_FOUND);
            assertThat(approvals().list(other)).isEmpty();
        }
        assertThat(refusedToApprove(new Actor(Actor.Kind.CLIENT, "koha", "admin", ""), filed))
                .isEqualTo(Problem.NOT_FOUND);
        assertThat(rolesOf("anna")).containsExactly("page");
        assertThat(vault.lastEntry().outcome()).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void anApprovalBindsTheDigestOfWhatWasAsked() {
        Approval asked = ask();
        Approval other = accounts()
                .grant(alone(root), "anna", List.of(new Role("custodian")))
                .filed()
                .orElseThrow();
        assertThat(asked.digest()).isNotEqualTo(other.digest());
        assertThat(Refusals.problemOf(() -> approvals().approve(dora, asked.id(), Optional.of(other.digest()))))
                .isEqualTo(Problem.CHANGED_MEANWHILE);
        assertThat(approve(dora, asked).state()).isEqualTo(Approval.State.DONE);
        assertThat(rolesOf("anna")).containsExactly("page", "director");
    }

    @Test
    void digestsDifferInEveryPart() {
        List<ApprovalTerms> asks = List.of(
                new ApprovalTerms("staff.grant", "anna", java.util.Map.of("roles", List.of("admin", "page"))),
                new ApprovalTerms(
                        "staff.grant", "anna", java.util.Map.of("roles", List.of("admin"), "page", List.of())),
                new ApprovalTerms("staff.grant", "anna", java.util.Map.of("roles", List.of("adminpage"))),
                new ApprovalTerms("staff.grant", "annaroles", java.util.Map.of("", List.of("admin", "page"))),
                new ApprovalTerms("staff.grant", "dora", java.util.Map.of("roles", List.of("admin", "page"))),
                new ApprovalTerms("staff.add", "anna", java.util.Map.of("roles", List.of("admin", "page"))));
        assertThat(asks).extracting(ApprovalTerms::digest).doesNotHaveDuplicates();
    }

    @Test
    void requestEditedInTheDatabaseIsAnIntegrityErrorAndNothingIsDone() {
        Approval filed = ask();
        assertThat(vault.tamper(
                        "UPDATE authority SET body = replace(body, '\"anna\"', '\"abel\"') WHERE kind = 'approval'"))
                .isEqualTo(1);
        assertThatThrownBy(() -> approve(dora, filed)).isInstanceOf(IntegrityException.class);
        assertThat(rolesOf("abel")).doesNotContain("director");
    }

    @Test
    void decidedRequestPutBackIsAnIntegrityError() {
        Approval filed = ask();
        String body = vault.text("SELECT body FROM authority WHERE kind = 'approval'");
        byte[] mac =
                vault.store().read(tx -> tx.authority().all("approval").get(0).mac());
        approve(dora, filed);
        accounts().revoke(Approvals.Requester.alone(root), "anna", DIRECTOR);
        vault.tamper("UPDATE authority SET body = ?, generation = 1, mac = ? WHERE kind = 'approval'", body, mac);
        assertThatThrownBy(() -> approve(dora, filed)).isInstanceOf(IntegrityException.class);
        assertThat(rolesOf("anna")).containsExactly("page");
    }

    @Test
    void requestExpiresAfterTwentyFourHoursToTheSecond() {
        Approval early = ask();
        Approval late = accounts().grant(alone(abel), "anna", DIRECTOR).filed().orElseThrow();
        vault.advance(Duration.ofHours(24).minusSeconds(1));
        assertThat(approve(dora, early).state()).isEqualTo(Approval.State.DONE);
        vault.advance(Duration.ofSeconds(1));
        assertThat(refusedToApprove(dora, late)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(approvals().find(abel, late.id()).state()).isEqualTo(Approval.State.EXPIRED);
        vault.advance(Duration.ofDays(8));
        ask();
        assertThat(vault.access().tidy()).isEqualTo(2);
        assertThat(approvals().list(root)).hasSize(1);
    }

    @Test
    void requestOfATimeWhenTheClockWasAheadIsOverOnceItIsRight() {
        vault.clock.advance(Duration.ofDays(40));
        Approval ahead = ask();
        vault.clock.advance(Duration.ofDays(-40));
        assertThat(refusedToApprove(dora, ahead)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(approvals().find(abel, ahead.id()).state()).isEqualTo(Approval.State.EXPIRED);
        assertThat(ask().id()).isNotEqualTo(ahead.id());
        vault.advance(Duration.ofHours(6));
        assertThat(vault.access().tidy()).isEqualTo(1);
        assertThat(approvals().list(root)).as("what is over is forgotten").hasSize(1);
    }

    @Test
    void rejectedOrWithdrawnRequestIsClosed() {
        Approval rejected = ask();
        assertThat(approvals().reject(dora, rejected.id()).state()).isEqualTo(Approval.State.REJECTED);
        assertThat(refusedToApprove(abel, rejected)).isEqualTo(Problem.APPROVAL_CLOSED);
        Approval withdrawn = ask();
        approvals().reject(root, withdrawn.id());
        assertThat(refusedToApprove(dora, withdrawn)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(rolesOf("anna")).containsExactly("page");
    }

    @Test
    void whoLostRoleOrAccountMeanwhileNoLongerAsks() {
        Approval filed = accounts().grant(alone(abel), "anna", DIRECTOR).filed().orElseThrow();
        accounts().revoke(Approvals.Requester.alone(root), "abel", List.of(new Role("admin")));
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.APPROVAL_CLOSED);
        Approval other = ask();
        accounts().disable(Approvals.Requester.of(abel, Optional.of(dora)), "root");
        assertThat(refusedToApprove(dora, other)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(rolesOf("anna")).containsExactly("page");
    }

    @Test
    void grantFiledBeforeTheAccountWasTakenOverIsVoid() {
        Approval filed = ask();
        String code = accounts().resetPassword(alone(root), "anna").secret().orElseThrow();
        SignIn signIn = vault.access().signIn();
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.CHANGED_MEANWHILE);
        accounts().setOwnPassword(signIn.prove("anna", code, SignInOrigin.HOST), "another quiet room");
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.CHANGED_MEANWHILE);
        assertThat(rolesOf("anna")).containsExactly("page");
    }

    @Test
    void powerfulRoleIsNotGivenToAnAccountWhoseCodeAnotherKnows() {
        String code = accounts()
                .add(alone(root), "new", List.of(new Role("page")), "")
                .secret()
                .orElseThrow();
        assertThat(Refusals.problemOf(() -> accounts().grant(alone(root), "new", DIRECTOR)))
                .isEqualTo(Problem.NOT_ALLOWED);
        accounts().setOwnPassword(vault.access().signIn().prove("new", code, SignInOrigin.HOST), "another quiet room");
        assertThat(accounts().grant(alone(root), "new", DIRECTOR).filed()).isPresent();
    }

    @Test
    void nobodyFillsTheListOfRequests() {
        for (int i = 0; i < 50; i++) {
            accounts().add(alone(root), "new" + i, DIRECTOR, "");
        }
        assertThat(Refusals.problemOf(this::ask)).isEqualTo(Problem.REQUEST_LIMIT);
        assertThat(accounts().grant(alone(abel), "anna", DIRECTOR).filed()).isPresent();
        approvals().reject(root, approvals().list(root).get(1).id());
    }

    @Test
    void whoAsksOnceMoreFindsTheRequestThatWaitsAndTheLogHasBoth() {
        Approval filed = ask();
        long before = vault.log().reader().size();
        assertThat(ask()).isEqualTo(filed);
        assertThat(vault.entriesFrom(before)).extracting(AccessEvent::outcome).containsExactly(Outcome.REQUESTED);
        assertThat(approvals().list(root)).hasSize(1);
        assertThat(accounts()
                        .grant(alone(abel), "anna", DIRECTOR)
                        .filed()
                        .orElseThrow()
                        .id())
                .as("another's is another")
                .isNotEqualTo(filed.id());
        approvals().reject(dora, filed.id());
        assertThat(ask().id()).as("what was decided is asked anew").isNotEqualTo(filed.id());
    }

    @Test
    void whoAsksOnceMoreAfterHalfOfItsHoursFilesAnew() {
        Approval filed = ask();
        vault.advance(Duration.ofHours(12).minusSeconds(1));
        assertThat(ask()).isEqualTo(filed);
        vault.advance(Duration.ofSeconds(1));
        Approval anew = ask();
        assertThat(anew.id()).isNotEqualTo(filed.id());
        assertThat(anew.expires()).isEqualTo(filed.expires().plus(Duration.ofHours(12)));
        assertThat(ask()).isEqualTo(anew);
        vault.advance(Duration.ofHours(12));
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(approve(dora, anew).state()).isEqualTo(Approval.State.DONE);
    }

    @Test
    void resultIsForTheAskerAloneAndOnce() {
        Approval filed = accounts().resetPassword(alone(root), "dora").filed().orElseThrow();
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        Approval done = approve(abel, filed);
        assertThat(done.secretName()).contains("activationCode");
        assertThat(Refusals.problemOf(() -> collect(abel, filed))).isEqualTo(Problem.NOT_ALLOWED);
        String code = collect(root, filed);
        assertThat(vault.access()
                        .signIn()
                        .prove("dora", code, SignInOrigin.HOST)
                        .mustSetPassword())
                .isTrue();
        assertThat(Refusals.problemOf(() -> collect(root, filed))).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(vault.count("SELECT count(*) FROM authority WHERE body LIKE '%" + code + "%'"))
                .isZero();
    }

    private String collect(Actor by, Approval filed) {
        return approvals().collect(by, filed.id(), IdempotencyStore.Once.withoutKey());
    }

    @Test
    void requestOutlivesRestartAndIsStillBound() {
        Approval filed = ask();
        vault.restart();
        assertThat(approvals().find(dora, filed.id())).isEqualTo(filed);
        approve(dora, filed);
        vault.restart();
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(rolesOf("anna")).containsExactly("page", "director");
    }

    @Test
    void manyWhoAgreeAtOnceCarryItOutOnce() throws Exception {
        Approval filed =
                accounts().add(alone(root), "new", DIRECTOR, "").filed().orElseThrow();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> tries = java.util.stream.IntStream.range(0, 8)
                    .<Callable<Boolean>>mapToObj(i -> () -> {
                        try {
                            approve(i % 2 == 0 ? dora : abel, filed);
                            return true;
                        } catch (org.patronvault.core.model.Refused e) {
                            return false;
                        }
                    })
                    .toList();
            int carriedOut = 0;
            for (Future<Boolean> one : threads.invokeAll(tries)) {
                carriedOut += one.get() ? 1 : 0;
            }
            assertThat(carriedOut).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
        assertThat(accounts().find("new").roles()).containsExactly("director");
    }

    @Test
    void requestForWhatCannotBeDoneIsRefusedAtOnce() {
        assertThat(Refusals.problemOf(() -> accounts().grant(alone(root), "zoe", DIRECTOR)))
                .isEqualTo(Problem.NOT_FOUND);
        assertThat(Refusals.problemOf(() -> accounts().add(alone(root), "anna", DIRECTOR, "")))
                .isEqualTo(Problem.NAME_IN_USE);
        assertThat(Refusals.problemOf(() -> accounts().grant(alone(root), "anna", List.of(new Role("king")))))
                .isEqualTo(Problem.INVALID);
        assertThat(approvals().list(root)).isEmpty();
    }

    @Test
    void requestWhoseSubjectChangedMeanwhileIsRefusedAndStaysOpen() {
        Approval filed =
                accounts().add(alone(root), "new", DIRECTOR, "").filed().orElseThrow();
        accounts().add(alone(root), "new", List.of(new Role("page")), "");
        assertThat(refusedToApprove(dora, filed)).isEqualTo(Problem.CHANGED_MEANWHILE);
        assertThat(rolesOf("new")).containsExactly("page");
        assertThat(approvals().find(root, filed.id()).state()).isEqualTo(Approval.State.PENDING);
    }

    private static final ApprovalTerms CEREMONY = new ApprovalTerms("keys.test-ceremony", "root", java.util.Map.of());

    private Actor custodian(String name) {
        return vault.staff(name, "custodian");
    }

    private void registerCeremony() {
        approvals().registerLeave(CEREMONY.kind(), ActKind.ROTATE, SecondPerson.CUSTODY, ask -> "Renew the root.");
    }

    @Test
    void leaveForKeysIsAgreedToByAnotherCustodianAloneAndUsedOnceByTheOneWhoAsked() {
        registerCeremony();
        Actor cora = custodian("cora");
        Actor carl = custodian("carl");
        Approval filed = approvals().leave(alone(cora), CEREMONY).filed().orElseThrow();
        assertThat(Refusals.problemOf(() -> approvals().approve(abel, filed.id(), Optional.empty())))
                .isEqualTo(Problem.NOT_FOUND);
        assertThat(Refusals.problemOf(() -> approvals().approve(cora, filed.id(), Optional.empty())))
                .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        assertThat(approvals().leave(alone(cora), CEREMONY).second()).isEmpty();

        approve(carl, filed);
        assertThat(approvals().leave(alone(carl), CEREMONY).filed()).isPresent();
        ApprovalGrant leave = approvals().leave(alone(cora), CEREMONY);
        assertThat(leave.filed()).isEmpty();
        assertThat(leave.second()).contains(new Approver("carl", Approver.Origin.OWN_SESSION));
        assertThat(approvals().leave(alone(cora), CEREMONY).filed()).isPresent();
    }

    private Approval agreedLeave(Actor by, Actor second) {
        return approve(second, approvals().leave(alone(by), CEREMONY).filed().orElseThrow());
    }

    @Test
    void leaveIsNoLongerGoodWhenItsGiverIsGoneADayIsOverOrItWasTakenBack() {
        registerCeremony();
        Actor cora = custodian("cora");
        Actor carl = custodian("carl");
        agreedLeave(cora, carl);
        accounts().disable(Approvals.Requester.alone(root), "carl");
        assertThat(approvals().leave(alone(cora), CEREMONY).filed()).isPresent();

        Actor cleo = custodian("cleo");
        Approval taken = agreedLeave(cora, cleo);
        assertThat(approvals().reject(cleo, taken.id()).state()).isEqualTo(Approval.State.REJECTED);
        assertThat(approvals().leave(alone(cora), CEREMONY).filed()).isPresent();

        agreedLeave(cora, cleo);
        vault.advance(Duration.ofHours(24));
        assertThat(approvals().leave(alone(cora), CEREMONY).filed()).isPresent();

        vault.clock.advance(Duration.ofDays(40));
        agreedLeave(cora, cleo);
        vault.clock.advance(Duration.ofDays(-40));
        assertThat(approvals().leave(alone(cora), CEREMONY).filed()).isPresent();

        Approval used = agreedLeave(cora, cleo);
        assertThat(approvals().leave(alone(cora), CEREMONY).filed()).isEmpty();
        assertThat(Refusals.problemOf(() -> approvals().reject(cleo, used.id())))
                .isEqualTo(Problem.APPROVAL_CLOSED);
    }

    @Test
    void leaveIsGivenAtOnceWhereAnotherCustodianIsThereAndToNobodyWithAnAdministrator() {
        registerCeremony();
        Actor cora = custodian("cora");
        ApprovalGrant leave = approvals().leave(Approvals.Requester.of(cora, Optional.of(custodian("carl"))), CEREMONY);
        assertThat(leave.filed()).isEmpty();
        assertThat(leave.second()).contains(new Approver("carl", Approver.Origin.SAME_TERMINAL));
        for (Actor wrong : List.of(abel, dora, cora)) {
            assertThat(Refusals.problemOf(
                            () -> approvals().leave(Approvals.Requester.of(cora, Optional.of(wrong)), CEREMONY)))
                    .isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        }
    }
}
