package org.patronvault.custody.destroy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.KeysInUse;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests of an immediate erasure by two custodians: afterwards older copies can no longer be decrypted. */
final class ImmediateErasureTest {
    private static final Caller CORA = OpenVault.person("custodian");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    @TempDir
    private Path directory;

    private OpenVault vault;
    private PatronId ann;
    private PatronId bob;

    @BeforeEach
    void registerTwo() {
        vault = OpenVault.onSqlite();
        vault.enrol(CORA.actor(), CARL);
        ann = vault.register("'card':'A1','name':{'family':'Ann'},'phone':['203-555-0101']");
        bob = vault.register("'card':'B1','name':{'family':'Bob'},'phone':['203-555-0102']");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private ImmediateErasure atOnce() {
        return vault.vault().erasureAtOnce();
    }

    private ApprovalGrant may(Caller caller, Optional<Actor> second, PatronId id) {
        return atOnce().may(caller, Approvals.Requester.of(caller.actor(), second), id, List.of());
    }

    private ApprovalGrant bothMay(PatronId id) {
        ApprovalGrant leave = may(CORA, Optional.of(CARL), id);
        assertThat(leave.filed()).isEmpty();
        return leave;
    }

    private ErasureCertificate eraseAndRotate(PatronId id) {
        return atOnce().eraseAndRotate(CORA, bothMay(id).second(), id, one -> {});
    }

    private void destroy(ErasureCertificate certificate) {
        atOnce().destroy(CORA, Optional.empty(), certificate, List.of());
    }

    private Path backUp(String name) {
        Path into = directory.resolve(name);
        vault.backup().make(CORA, into, Progress.UNSEEN);
        return into;
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private KeyState state(PatronField field, int version) {
        return vault.vault().custody().keys().inventory().stream()
                .filter(key -> key.name().equals(field.wireName()) && key.version() == version)
                .findFirst()
                .orElseThrow()
                .state();
    }

    private List<KeysInUse.Version> left(ErasureCertificate certificate) {
        return certificate.keys().left(vault.vault().custody().keys());
    }

    @Test
    void noCopyMadeBeforeOpensAnythingOfWhomWasErasedAndTheCertificateSaysSo() {
        Path before = backUp("before");
        try (StoreCopy copy = StoreCopy.open(vault.opened(before))) {
            StoredPatron then = copy.read(tx -> tx.patrons().find(ann)).orElseThrow();
            assertThat(vault.patrons().vault().facts(then).set()).contains(PatronField.PHONE);

            ErasureCertificate certificate = eraseAndRotate(ann);
            assertThat(certificate.members())
                    .containsEntry("by", CORA.actor().name())
                    .containsEntry("second", "carl")
                    .containsEntry("keysDestroyed", "due");
            backUp("after");
            destroy(certificate);

            assertThat(left(certificate)).isEmpty();
            then.values()
                    .forEach((field, row) -> assertThat(
                                    state(field, ByteBuffer.wrap(row.envelope()).getInt(1)))
                            .as(field.wireName())
                            .isEqualTo(KeyState.DESTROYED));
            assertThatThrownBy(() -> vault.patrons().vault().facts(then)).isInstanceOf(IntegrityException.class);
        }
        assertThat(vault.patrons().erasures().again(ann).members())
                .containsEntry("keysDestroyed", "done")
                .containsEntry("keysLeft", List.of());
        assertThat(vault.find("A1").hits()).isEmpty();
        assertThat(vault.reveal(bob).phone()).contains(List.of("+12035550102"));
        assertThat(vault.find("B1").hits()).hasSize(1);
        assertThat(vault.vault().check().run(CORA, Progress.UNSEEN).listed()).isEmpty();
    }

    @Test
    void withoutANewerBackupNothingIsDestroyedAndBegunAgainItGoesOnWhereItWas() {
        backUp("before");
        ErasureCertificate certificate = eraseAndRotate(ann);
        assertRefused(Problem.BACKUP_REQUIRED, () -> destroy(certificate));
        assertThat(left(certificate)).hasSize(8);

        KeysInUse rotated = KeysInUse.of(vault.vault().custody().keys());
        assertThat(eraseAndRotate(ann)).isEqualTo(certificate);
        assertThat(KeysInUse.of(vault.vault().custody().keys())).isEqualTo(rotated);
        backUp("after");
        destroy(certificate);
        assertThat(left(certificate)).isEmpty();
    }

    @Test
    void whoWasErasedBeforeBySomebodyElseIsTakenUpFromThere() {
        ErasureCertificate due = vault.erase(ann);
        vault.rotate("all");
        vault.rotate("search");
        KeysInUse rotated = KeysInUse.of(vault.vault().custody().keys());
        ErasureCertificate certificate = eraseAndRotate(ann);
        assertThat(certificate.entry()).isEqualTo(due.entry());
        assertThat(KeysInUse.of(vault.vault().custody().keys()))
                .as("rotated since: not once more")
                .isEqualTo(rotated);
        backUp("after");
        destroy(certificate);
        assertThat(vault.patrons().erasures().again(ann).text("keysDestroyed")).isEqualTo("done");
    }

    @Test
    void oneCustodianAloneFilesItAndNobodyElseMayAsk() {
        Approval filed = may(CORA, Optional.empty(), ann).filed().orElseThrow();
        assertThat(filed.sentence()).contains(ann.toString()).contains("destroy every version");
        assertThat(filed.about()).doesNotContain(ann.toString());
        assertThat(vault.find("A1").hits()).hasSize(1);
        vault.vault().access().approvals().approve(CARL, filed.id(), Optional.empty());
        assertThat(may(CORA, Optional.empty(), bob).filed())
                .as("of that patron alone")
                .isPresent();
        ApprovalGrant leave = may(CORA, Optional.empty(), ann);
        assertThat(leave.filed()).isEmpty();
        assertThat(may(CORA, Optional.empty(), ann).filed()).as("once").isPresent();

        for (String role : List.of("supervisor", "privacy-officer", "admin", "director")) {
            assertRefused(Problem.NOT_ALLOWED, () -> may(OpenVault.person(role), Optional.of(CARL), ann));
        }
        assertRefused(
                Problem.SECOND_PERSON_REQUIRED,
                () -> may(CORA, Optional.of(OpenVault.person("admin").actor()), ann));
    }

    @Test
    void thereIsNothingToDoForSomebodyWhoNeverWas() {
        assertRefused(Problem.NOT_FOUND, () -> eraseAndRotate(new PatronId(4711)));
    }

    @Test
    void theLogSaysWhatWasDestroyedAndByWhom() {
        ErasureCertificate certificate = eraseAndRotate(ann);
        backUp("after");
        long from = vault.logSize();
        destroy(certificate);
        assertThat(vault.logSince(from))
                .filteredOn(
                        event -> event.outcome() == Outcome.KEY && event.actor().equals(CORA.actor()))
                .extracting(event -> event.about().orElse(""))
                .containsExactlyInAnyOrderElementsOf(certificate.keys().versions().entrySet().stream()
                        .map(one -> one.getKey() + "-" + one.getValue())
                        .toList());
    }
}
