package org.patronvault.custody.destroy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeysCopy;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;

/** Tests that exporting keys needs two people, and that no copy is forgotten. */
final class KeyCopiesTest {
    private static final Actor ONE = custodian("anna");
    private static final Actor OTHER = custodian("berta");

    @TempDir
    private static Path directory;

    private static CmsRecipient recipient;

    private OpenVault vault;
    private KeyCopies copies;
    private KeyCustody custody;

    @BeforeAll
    static void makeARecipient() throws IOException {
        recipient = OpenSsl.recipient(directory, "keeper");
    }

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        vault.enrol(ONE, OTHER);
        vault.register("'card':'21234000000018','name':{'family':'Ng'}");
        copies = vault.vault().keyCopies();
        custody = vault.vault().custody();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private static Actor custodian(String name) {
        return new Actor(Actor.Kind.STAFF, name, "custodian", "");
    }

    private KeyCopies.ExportedCopy export() {
        ApprovalGrant leave = copies.mayExport(Approvals.Requester.of(ONE, Optional.of(OTHER)), recipient);
        return copies.export(ONE, leave.second(), recipient);
    }

    private List<String> holding(String name, int version) {
        return vault.vault().store().read(tx -> copies.holding(tx, name, version)).stream()
                .map(KeyCopies.Copy::id)
                .toList();
    }

    private void attestGone(String... ids) {
        AccessEvent event = vault.vault().log().event(ONE, ActKind.DESTROY, Outcome.KEY, AuditLog.newRequest());
        vault.vault().log().call(event, now -> {
            WriteTx tx = now.tx();
            copies.attestGone(tx, List.of(ids));
            return Decision.done(event);
        });
    }

    private static void assertRefused(ThrowingCallable call, Problem problem) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(problem));
    }

    @Test
    void copyIsRegisteredAndLoggedWithBothNames() {
        long before = vault.logSize();
        KeyCopies.ExportedCopy exported = export();

        assertThat(copies.all()).singleElement().satisfies(copy -> {
            assertThat(copy.id()).isEqualTo(exported.id()).matches("[0-9a-f]{16}");
            assertThat(copy.made()).isEqualTo(vault.clock().instant().truncatedTo(ChronoUnit.SECONDS));
            assertThat(List.of(copy.by(), copy.second(), copy.recipient(), copy.state()))
                    .containsExactly("anna", "berta", recipient.fingerprint(), "held");
            assertThat(copy.ringRevision()).isEqualTo(custody.mark().revision());
        });
        assertThat(vault.vault().keyStatus().now().copies()).isEqualTo(copies.all());
        AccessEvent last = vault.logSince(before).get(vault.logSince(before).size() - 1);
        assertThat(last.act()).isEqualTo(ActKind.KEY_EXPORT);
        assertThat(last.outcome()).isEqualTo(Outcome.KEY);
        assertThat(last.about()).contains(exported.id());
        assertThat(last.second()).contains(new Approver("berta", Approver.Origin.SAME_TERMINAL));
    }

    @Test
    void oneCustodianAloneGetsNothingAndAnAgreementIsGoodOnce() {
        ApprovalGrant filed = copies.mayExport(Approvals.Requester.alone(ONE), recipient);
        assertThat(filed.filed()).isPresent();
        Approvals approvals = vault.vault().access().approvals();
        String request = filed.filed().orElseThrow().id();
        assertThat(approvals.find(OTHER, request).sentence()).contains(recipient.fingerprint());
        assertThatThrownBy(() -> approvals.approve(ONE, request, Optional.empty()))
                .isInstanceOf(Refused.class);
        approvals.approve(OTHER, request, Optional.empty());

        ApprovalGrant given = copies.mayExport(Approvals.Requester.alone(ONE), recipient);
        assertThat(given.filed()).isEmpty();
        assertThat(given.second()).contains(new Approver("berta", Approver.Origin.OWN_SESSION));
        assertThat(copies.mayExport(Approvals.Requester.alone(ONE), recipient).filed())
                .isPresent();
        assertRefused(
                () -> copies.mayExport(Approvals.Requester.of(ONE, Optional.of(ONE)), recipient),
                Problem.SECOND_PERSON_REQUIRED);
        assertThat(copies.all()).isEmpty();
    }

    @Test
    void copyCountsForEveryVersionInItWhateverTheClockSaid() {
        String early = export().id();
        custody.addVersion("phone");
        vault.clock().advance(Duration.ofDays(-400));
        String between = export().id();
        vault.clock().advance(Duration.ofDays(400));
        custody.destroy("phone", 1);
        String late = export().id();

        assertThat(holding("phone", 1)).containsExactlyInAnyOrder(early, between);
        assertThat(holding("phone", 2)).containsExactlyInAnyOrder(between, late);
        assertThat(holding("card", 1)).containsExactlyInAnyOrder(early, between, late);
        assertThat(holding("phone", 3)).isEmpty();
        assertThat(holding("phone", 11)).isEmpty();
    }

    @Test
    void copySaysWhatItHoldsThatIsDestroyedHereUntilItIsGone() {
        String first = export().id();
        assertThat(copies.all().get(0).destroyed()).isEmpty();
        custody.destroy("log-content", 202611);
        String second = export().id();
        assertThat(copies.all())
                .filteredOn(copy -> copy.id().equals(first))
                .singleElement()
                .satisfies(copy -> assertThat(copy.destroyed()).containsExactly("log-content 202611"));
        assertThat(copies.all())
                .filteredOn(copy -> copy.id().equals(second))
                .allMatch(copy -> copy.destroyed().isEmpty());
        assertThat(holdingMonth(202611)).containsExactly(first);
        assertThat(holdingMonth(203001)).isEmpty();
        attestGone(first);
        assertThat(copies.all()).allMatch(copy -> copy.destroyed().isEmpty());
        assertThat(holdingMonth(202611)).isEmpty();
    }

    private List<String> holdingMonth(int month) {
        return vault.vault().store().read(tx -> KeyCopies.holdingWritten(tx, "log-content", one -> one == month));
    }

    @Test
    void copyAttestedToBeGoneCountsNoMoreAndStaysInTheRegister() {
        String first = export().id();
        String second = export().id();

        attestGone(first);
        attestGone(first);

        assertThat(holding("phone", 1)).containsExactly(second);
        assertThat(copies.all()).extracting(KeyCopies.Copy::state).containsExactlyInAnyOrder("held", "gone");
        assertRefused(() -> attestGone(second, "0123456789abcdef"), Problem.NOT_FOUND);
        assertThat(holding("phone", 1)).as("none or all").containsExactly(second);
    }

    @Test
    void versionThatBeginsToWaitToBeDestroyedWhileACopyIsMadeIsNotHandedOut() {
        custody.addVersion("phone");
        custody.retire("phone", 1);
        AtomicInteger asked = new AtomicInteger();
        copies.leaveOut(tx -> asked.getAndIncrement() == 0 ? List.of() : List.of(new KeyVersionToDestroy("phone", 1)));

        assertRefused(this::export, Problem.CHANGED_MEANWHILE);
        assertThat(asked).hasValue(2);
        assertThat(copies.all()).isEmpty();
        long before = vault.logSize();
        export();
        assertThat(holding("phone", 1)).isEmpty();
        assertThat(holding("phone", 2)).hasSize(1);
        AccessEvent last = vault.logSince(before).get(vault.logSince(before).size() - 1);
        assertThat(last.mark().orElseThrow().digest()).isEqualTo(custody.mark().digest());
    }

    @Test
    void twoCopiesOfOneStateHaveTheSameBytesAndNoKeyInThem() {
        KeysCopy copy = custody.copy(Set.of());
        assertThat(custody.copy(Set.of()).zip()).isEqualTo(copy.zip());
        assertThat(copy.isWithin(custody.keys(), Set.of())).isTrue();
        custody.addVersion("phone");
        assertThat(copy.isWithin(custody.keys(), Set.of("phone 2"))).isTrue();
        assertThat(copy.isWithin(custody.keys(), Set.of("phone 1"))).isFalse();
        custody.destroy("phone", 1);
        assertThat(copy.isWithin(custody.keys(), Set.of())).isFalse();
        assertThat(custody.copy(Set.of()).versions()).contains("phone 2").doesNotContain("phone 1");
        assertThat(copy.toString()).matches("KeysCopy\\[revision [0-9]+, [0-9]+ bytes]");
    }

    @Test
    void ringThatIsNotTheOneInUseIsNotHandedOut() throws IOException {
        Path ring = vault.home().keys().resolve("ring.json");
        byte[] older = Files.readAllBytes(ring);
        custody.addVersion("phone");
        Files.write(ring, older);
        assertRefused(() -> custody.copy(Set.of()), Problem.CHANGED_MEANWHILE);
    }
}
