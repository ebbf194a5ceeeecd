package org.patronvault.access.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.sql.StoreException;

/** Tests that the approved policy stays in force, whatever happens to the file, until two people approve more. */
final class PolicyWatchTest {
    private static final String SHIPPED = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
    private static final String WIDER = SHIPPED.replace("opened: {tenMinutes: 60", "opened: {tenMinutes: 90");
    private static final String NARROWER = SHIPPED.replace("opened: {tenMinutes: 60", "opened: {tenMinutes: 30");

    private Path file;
    private AccessTestVault vault;
    private PolicyWatch watch;
    private Actor abel;
    private Actor dora;

    @BeforeEach
    void approveTheShippedPolicy(@TempDir Path directory) throws IOException {
        file = directory.resolve("policy.yaml");
        vault = new AccessTestVault(directory);
        vault.staff("root", "admin");
        abel = vault.staff("abel", "admin");
        dora = vault.staff("dora", "director");
        Files.writeString(file, SHIPPED);
        watch = vault.access().watch(file);
        watch.begin();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    /** Saves it and waits until it is looked at. */
    private void save(String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        watch.look();
        watch.look();
    }

    private int tenMinutes() {
        return vault.access().policy().limits().openedTenMinutes();
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private List<Approval> requests() {
        return vault.access().approvals().list(dora);
    }

    private Approval pending() {
        return requests().stream()
                .filter(request -> request.state() == Approval.State.PENDING)
                .findFirst()
                .orElseThrow();
    }

    private Approval agree(Actor by, Approval request) {
        return vault.access().approvals().approve(by, request.id(), Optional.of(request.digest()));
    }

    /** Both files allow less than the approved policy; each allows something that the other does not. */
    @Test
    void fileThatAllowsMoreThanAnotherNodeApprovedAMomentAgoIsNotFollowed(@TempDir Path directory) throws Exception {
        vault.storeFirstPatron();
        Path otherFile = Files.writeString(directory.resolve("policy.yaml"), SHIPPED);
        PolicyWatch other = vault.access().watch(otherFile);
        other.begin();
        Files.writeString(file, NARROWER);
        Files.writeString(otherFile, SHIPPED.replace("opened: {tenMinutes: 60", "opened: {tenMinutes: 50"));
        watch.look();
        other.look();
        CountDownLatch goOn = new CountDownLatch(1);
        AccessEvent event = vault.log().event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest());
        CompletableFuture<?> busy = vault.log()
                .submit(
                        AuditLog.writing(event, now -> {
                            await(goOn);
                            return Decision.done(event);
                        }),
                        Lane.DESK);
        Thread first = waitingForTheLog(watch::look);
        Thread second = waitingForTheLog(other::look);
        goOn.countDown();
        busy.join();
        first.join();
        second.join();

        assertThat(vault.store().read(PolicyWatch::unprovenText)).hasValue(NARROWER.getBytes(StandardCharsets.UTF_8));
        other.look();
        assertThat(tenMinutes()).isEqualTo(30);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts the act, and returns once its unit is in the queue. */
    private static Thread waitingForTheLog(Runnable act) {
        Thread thread = new Thread(act, "policy");
        thread.start();
        while (Arrays.stream(thread.getStackTrace())
                .noneMatch(frame -> frame.getClassName().equals(AuditLog.class.getName())
                        && frame.getMethodName().equals("await"))) {
            assertThat(thread.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    void firstPolicyIsTakenAndItsDigestLogged() {
        AccessEvent entry = vault.lastEntry();
        assertThat(entry.act()).isEqualTo(ActKind.POLICY);
        assertThat(entry.outcome()).isEqualTo(Outcome.CONFIGURATION);
        assertThat(entry.policyDigest()).hasValueSatisfying(d -> assertThat(d).isEqualTo(digest(SHIPPED)));
        long size = vault.log().reader().size();
        watch.look();
        assertThat(vault.log().reader().size()).isEqualTo(size);
    }

    @Test
    void narrowerPolicyIsInForceByItself() {
        vault.storeFirstPatron();
        save(NARROWER);
        assertThat(tenMinutes()).isEqualTo(30);
        assertThat(vault.lastEntry().policyDigest())
                .hasValueSatisfying(d -> assertThat(d).isEqualTo(digest(NARROWER)));
        assertThat(requests()).isEmpty();
    }

    @Test
    void logIsKeptForLongerByOneAndForAShorterTimeByTwo() {
        vault.storeFirstPatron();
        String longer = SHIPPED.replace("accessLog: 24", "accessLog: 36");
        save(longer);
        assertThat(months()).isEqualTo(36);
        assertThat(requests()).isEmpty();

        save(longer.replace("accessLog: 36", "accessLog: 12"));
        Approval request = pending();
        assertThat(request.sentence()).contains("for 12 months whom it was about instead of for 36 months");
        agree(abel, request);
        watch.look();
        assertThat(months()).isEqualTo(36);
        agree(dora, request);
        assertThat(months()).isEqualTo(12);
    }

    private int months() {
        return vault.access().policy().accessLog().months().orElseThrow();
    }

    @Test
    void widerPolicyWaitsForTwoWhateverOneDoes() {
        vault.storeFirstPatron();
        save(WIDER);
        assertThat(tenMinutes()).isEqualTo(60);
        assertThat(vault.lastEntry().outcome()).isEqualTo(Outcome.ALERT);
        assertThat(vault.lastEntry().about()).contains("policy-waiting");
        Approval request = pending();
        assertThat(request.requester()).isEqualTo("vault");
        assertThat(request.sentence()).contains("90");

        assertThat(agree(abel, request).state()).isEqualTo(Approval.State.PENDING);
        Approval again = pending();
        assertThat(Refusals.problemOf(() -> agree(abel, again))).isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        Actor abelAsDirector = new Actor(Actor.Kind.STAFF, "abel", "director", "");
        assertThat(Refusals.problemOf(() -> agree(abelAsDirector, again))).isEqualTo(Problem.SECOND_PERSON_REQUIRED);
        watch.look();
        assertThat(tenMinutes()).isEqualTo(60);

        assertThat(agree(dora, request).state()).isEqualTo(Approval.State.DONE);
        assertThat(tenMinutes()).isEqualTo(90);
        assertThat(vault.lastEntry().policyDigest())
                .hasValueSatisfying(d -> assertThat(d).isEqualTo(digest(WIDER)));
        watch.look();
        assertThat(tenMinutes()).isEqualTo(90);
    }

    private void whileNoEntryCanBeStored(Runnable act) {
        int unused = vault.tamper(
                "CREATE TRIGGER no_entry BEFORE INSERT ON access_log" + " BEGIN SELECT RAISE(ABORT, 'no entry'); END");
        try {
            act.run();
        } finally {
            unused = vault.tamper("DROP TRIGGER no_entry");
        }
    }

    private void assertInForce(int tenMinutes, String text) {
        assertThat(tenMinutes()).isEqualTo(tenMinutes);
        assertThat(vault.store().read(PolicyWatch::unprovenText)).hasValue(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void policyWhoseTransactionWasUndoneIsInForceNeitherHereNorInTheDatabase() {
        vault.storeFirstPatron();
        whileNoEntryCanBeStored(() -> assertThatThrownBy(() -> save(NARROWER)).isInstanceOf(StoreException.class));
        assertInForce(60, SHIPPED);
        watch.look();
        assertInForce(30, NARROWER);

        save(WIDER);
        Approval request = pending();
        assertThat(agree(abel, request).state()).isEqualTo(Approval.State.PENDING);
        whileNoEntryCanBeStored(
                () -> assertThatThrownBy(() -> agree(dora, request)).isInstanceOf(StoreException.class));
        assertInForce(30, NARROWER);
        assertThat(agree(dora, pending()).state()).isEqualTo(Approval.State.DONE);
        assertInForce(90, WIDER);
    }

    @Test
    void narrowingAndWideningAgainIsAskedForAgain() {
        vault.storeFirstPatron();
        save(NARROWER);
        save(SHIPPED);
        assertThat(tenMinutes()).isEqualTo(30);
        Approval request = pending();
        agree(abel, request);
        agree(dora, request);
        save(NARROWER);
        save(SHIPPED);
        assertThat(tenMinutes()).isEqualTo(30);
        assertThat(pending().id()).isNotEqualTo(request.id());
    }

    @Test
    void requestDoesNotCoverAFileThatChangedMeanwhile() {
        vault.storeFirstPatron();
        save(WIDER);
        Approval request = pending();
        save(WIDER.replace("tenMinutes: 90", "tenMinutes: 99"));
        agree(abel, request);
        assertThat(Refusals.problemOf(() -> agree(dora, request))).isEqualTo(Problem.CHANGED_MEANWHILE);
        assertThat(tenMinutes()).isEqualTo(60);
    }

    @Test
    void brokenFileChangesNothingAndIsToldOnce() {
        vault.storeFirstPatron();
        long before = vault.log().reader().size();
        for (String broken : List.of("", "roles: [", SHIPPED + "\nunknown: 1\n")) {
            save(broken);
            watch.look();
            assertThat(tenMinutes()).isEqualTo(60);
        }
        assertThat(vault.entriesFrom(before))
                .filteredOn(entry -> entry.outcome() == Outcome.ALERT)
                .extracting(entry -> entry.about().orElseThrow())
                .containsExactly("policy-broken", "policy-broken", "policy-broken");
        save(SHIPPED);
        assertThat(requests()).isEmpty();
    }

    @Test
    void absentFileChangesNothing() throws IOException {
        Files.delete(file);
        watch.look();
        watch.look();
        assertThat(vault.access().policy().fields().roleNames()).contains("circulation");
        assertThat(vault.lastEntry().about()).contains("policy-broken");
    }

    @Test
    void fileThatIsStillBeingWrittenIsLeftAlone() throws IOException {
        vault.storeFirstPatron();
        long before = vault.log().reader().size();
        for (int written = 100; written < SHIPPED.length(); written += 500) {
            Files.writeString(file, SHIPPED.substring(0, written));
            watch.look();
        }
        save(NARROWER);
        assertThat(tenMinutes()).isEqualTo(30);
        assertThat(vault.entriesFrom(before)).noneMatch(entry -> entry.outcome() == Outcome.ALERT);
    }

    @Test
    void agreementOfSomebodyWhoseAccountWasClosedSinceCountsNoMore() {
        vault.storeFirstPatron();
        save(WIDER);
        Approval waiting = agree(abel, pending());
        vault.access().accounts().disable(Approvals.Requester.alone(dora), "abel");
        assertThat(Refusals.problemOf(() -> agree(dora, waiting))).isEqualTo(Problem.APPROVAL_CLOSED);
        assertThat(tenMinutes()).isEqualTo(60);
    }

    @Test
    void requestThatDoesNotSayAllThatIsMoreThanWhatIsApprovedNowIsNotCarriedOut() {
        vault.storeFirstPatron();
        save(WIDER);
        Approval earlier = agree(abel, pending());
        save(SHIPPED.replace("searches: {tenMinutes: 300", "searches: {tenMinutes: 100"));
        save(WIDER);
        assertThat(Refusals.problemOf(() -> agree(dora, earlier))).isEqualTo(Problem.CHANGED_MEANWHILE);
        assertThat(tenMinutes()).isEqualTo(60);
        Approval now = requests().stream()
                .filter(request -> request.sentence().contains("searches"))
                .findFirst()
                .orElseThrow();
        agree(abel, now);
        agree(dora, now);
        assertThat(tenMinutes()).isEqualTo(90);
    }

    @Test
    void inCommissioningAWiderPolicyIsTakenAndLogged() {
        save(WIDER);
        assertThat(tenMinutes()).isEqualTo(90);
        assertThat(vault.lastEntry().policyDigest())
                .hasValueSatisfying(d -> assertThat(d).isEqualTo(digest(WIDER)));
    }

    @Test
    void widerFileAtAStartIsNotInForceAndAskedForOnce() throws IOException {
        vault.storeFirstPatron();
        Files.writeString(file, WIDER);
        for (int i = 0; i < 2; i++) {
            vault.restart();
            watch = vault.access().watch(file);
            watch.begin();
            assertThat(tenMinutes()).isEqualTo(60);
        }
        assertThat(requests()).hasSize(1);
    }

    @Test
    void brokenFileAtAStartLeavesTheApprovedPolicyInForce() throws IOException {
        vault.storeFirstPatron();
        save(NARROWER);
        Files.writeString(file, "broken");
        vault.restart();
        watch = vault.access().watch(file);
        assertThatCode(watch::begin).doesNotThrowAnyException();
        assertThat(tenMinutes()).isEqualTo(30);
    }

    @Test
    void rejectedRequestStaysRejectedAndOneNobodyDecidedIsAskedForAgain() {
        vault.storeFirstPatron();
        save(WIDER);
        vault.advance(Duration.ofHours(24));
        watch.look();
        assertThat(requests()).hasSize(2);
        vault.access().approvals().reject(dora, pending().id());
        watch.look();
        vault.advance(Duration.ofHours(25));
        watch.look();
        assertThat(requests()).hasSize(2);
        assertThat(tenMinutes()).isEqualTo(60);
    }
}
