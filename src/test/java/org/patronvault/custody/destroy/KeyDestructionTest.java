package org.patronvault.custody.destroy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.KeysInUse;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.custody.rotate.DyingJvm;
import org.patronvault.custody.rotate.DyingVault;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.OperationProbe;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests of the preconditions for destroying a key version, and of the result. */
final class KeyDestructionTest {
    private static final Actor CORA = new Actor(Actor.Kind.STAFF, "cora", "custodian", "");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    private final AtomicLong nanos = new AtomicLong();
    private OpenVault vault;
    private KeyDestruction destruction;
    private PatronId patron;

    @TempDir
    private static Path certificates;

    private static CmsRecipient recipient;

    @TempDir
    Path directory;

    @BeforeAll
    static void makeARecipient() throws IOException {
        recipient = OpenSsl.recipient(certificates, "keeper");
    }

    @BeforeEach
    void rotatePhoneOfAVaultWithAPatron() {
        vault = OpenVault.onSqlite();
        vault.enrol(CORA, CARL);
        patron = vault.register("'card':'D1','name':{'family':'Doe'},'phone':['203-555-0143']");
        rotate("phone");
        over(7);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    /** Makes a destruction with a waiting time of that many days, by a clock that tests advance. */
    private void over(int days) {
        destruction = new KeyDestruction(vault.destruction(days), nanos::get);
    }

    private void rotate(String field) {
        assertThat(vault.rotate(field).state()).isEqualTo(Operation.DONE);
    }

    private void backUp(String name) {
        vault.backup().make(OpenVault.person("custodian"), directory.resolve(name), Progress.UNSEEN);
    }

    private static Approvals.Requester both() {
        return Approvals.Requester.of(CORA, Optional.of(CARL));
    }

    private Operation ask(String field, int version, List<String> gone) {
        assertThat(destruction.ask(both(), field, version, gone).filed()).isEmpty();
        return destruction.find(field, version).orElseThrow();
    }

    private KeyState state(String name, int version) {
        return vault.vault().custody().keys().inventory().stream()
                .filter(key -> key.name().equals(name) && key.version() == version)
                .findFirst()
                .orElseThrow()
                .state();
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    private void serve(Duration time) {
        nanos.addAndGet(time.toNanos());
        destruction.turn();
    }

    @Test
    void versionThatValuesHangOnIsRefusedWithTheirNumberAndThePrimaryByName() {
        backUp("b1");
        assertThatThrownBy(() -> destruction.ask(both(), "name", 1, List.of())).hasMessageContaining("the one in use");
        vault.vault().custody().addVersion("name");
        assertThatThrownBy(() -> destruction.ask(both(), "name", 1, List.of()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEY_IN_USE))
                .hasMessageStartingWith("1 values still hang on version 1 of name")
                .hasMessageEndingWith("what it could not open comes back by `restore`, or goes with the patron.");
        AccessEvent refused = vault.logSince(vault.logSize() - 1).get(0);
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.actor()).isEqualTo(CORA);
        assertThat(refused.second().orElseThrow().name()).isEqualTo("carl");
        for (String wrong : List.of("rest", "log-content", "no-such", "search-x")) {
            assertRefused(Problem.NOT_FOUND, () -> destruction.ask(both(), wrong, 1, List.of()));
        }
        assertRefused(Problem.NOT_FOUND, () -> destruction.ask(both(), "phone", 9, List.of()));
        assertRefused(Problem.KEY_IN_USE, () -> destruction.ask(both(), "search", 1, List.of()));
    }

    @Test
    void backupMustBeNewerThanWhatEmptiedTheVersion() {
        assertRefused(Problem.BACKUP_REQUIRED, () -> destruction.ask(both(), "phone", 1, List.of()));
        backUp("b1");
        rotate("phone");
        assertRefused(Problem.BACKUP_REQUIRED, () -> destruction.ask(both(), "phone", 1, List.of()));
        rotate("email");
        backUp("b2");
        assertThat(ask("phone", 1, List.of()).state()).isEqualTo(KeyDestruction.WAITING);
        rotate(Rotations.ALL);
        assertRefused(Problem.BACKUP_REQUIRED, () -> destruction.ask(both(), "email", 1, List.of()));
        backUp("b3");
        assertThat(ask("email", 1, List.of()).state()).isEqualTo(KeyDestruction.WAITING);
    }

    @Test
    void onePersonFilesItAndAnotherCustodianAloneAgrees() {
        backUp("b1");
        Approval filed = destruction
                .ask(Approvals.Requester.alone(CORA), "phone", 1, List.of())
                .filed()
                .orElseThrow();
        assertThat(destruction.find("phone", 1)).isEmpty();
        Actor admin = new Actor(Actor.Kind.STAFF, "root", "admin", "");
        Approvals approvals = vault.vault().access().approvals();
        assertRefused(Problem.NOT_FOUND, () -> approvals.approve(admin, filed.id(), Optional.empty()));
        assertRefused(Problem.SECOND_PERSON_REQUIRED, () -> approvals.approve(CORA, filed.id(), Optional.empty()));
        for (Actor wrong : List.of(CORA, admin)) {
            assertRefused(
                    Problem.SECOND_PERSON_REQUIRED,
                    () -> destruction.ask(Approvals.Requester.of(CORA, Optional.of(wrong)), "phone", 1, List.of()));
        }
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
    }

    @Test
    void itIsDoneAfterTheWaitingTimeOfServiceWhateverTheWallClockSays() {
        backUp("b1");
        Operation waits = ask("phone", 1, List.of());
        assertThat(destruction.remainingSeconds(waits))
                .isEqualTo(Duration.ofDays(7).toSeconds());
        vault.clock().advance(Duration.ofDays(400));
        serve(Duration.ofDays(6));
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
        // A restart takes the time with it, but what passed while it was down does not count.
        nanos.addAndGet(Duration.ofDays(30).toNanos());
        over(7);
        serve(Duration.ofHours(23));
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
        long before = vault.logSize();
        serve(Duration.ofHours(1));
        assertThat(state("phone", 1)).isEqualTo(KeyState.DESTROYED);
        assertThat(destruction.find("phone", 1).orElseThrow().state()).isEqualTo(Operation.DONE);
        List<AccessEvent> entries = vault.logSince(before).stream()
                .filter(entry -> entry.act() == ActKind.DESTROY)
                .toList();
        assertThat(entries).hasSize(2);
        assertThat(entries.get(1).mark()).isPresent();
        assertThat(vault.reveal(patron).phone()).contains(List.of("+12035550143"));
        vault.restart();
        assertThat(vault.reveal(patron).phone()).contains(List.of("+12035550143"));
    }

    @Test
    void timeInWhichTheVaultIsSealedDoesNotCountSinceNobodyCouldCallItOff() {
        backUp("b1");
        Operation waits = ask("phone", 1, List.of());
        serve(Duration.ofDays(1));
        nanos.addAndGet(Duration.ofDays(30).toNanos());
        // As when a vault that was sealed for that long is opened.
        destruction.resume();
        serve(Duration.ofDays(5));
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
        assertThat(destruction.remainingSeconds(waits))
                .isEqualTo(Duration.ofDays(1).toSeconds());
    }

    @Test
    void waitThatIsEditedOrLostBeginsAnew() throws Exception {
        backUp("b1");
        Operation waits = ask("phone", 1, List.of());
        serve(Duration.ofDays(6));
        Path file = vault.home().node().resolve("destroy-waits");
        Files.writeString(file, Files.readString(file).replaceFirst(": [0-9]+", ": 99999999999999999"));
        over(7);
        serve(Duration.ofDays(2));
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
        assertThat(destruction.remainingSeconds(waits))
                .isEqualTo(Duration.ofDays(7).toSeconds());
    }

    @Test
    void oneCustodianCallsItOffAndNobodyElse() {
        backUp("b1");
        Operation waits = ask("phone", 1, List.of());
        assertRefused(Problem.OPERATION_RUNNING, () -> destruction.ask(both(), "phone", 1, List.of()));
        for (String role : List.of("admin", "director", "circulation")) {
            assertThatThrownBy(() -> destruction.cancel(
                            OpenVault.person(role), waits.id(), Optional::empty, AuditLog.newRequest()))
                    .isInstanceOf(Refused.class);
        }
        destruction.cancel(OpenVault.person("custodian"), waits.id(), Optional::empty, AuditLog.newRequest());
        serve(Duration.ofDays(8));
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
        assertRefused(
                Problem.APPROVAL_CLOSED,
                () -> destruction.cancel(
                        OpenVault.person("custodian"), waits.id(), Optional::empty, AuditLog.newRequest()));
        ask("phone", 1, List.of());
    }

    @Tag(LongRun.TAG)
    @Test
    void whoCallsItOffOnceMoreWithTheSameKeyIsAnsweredAsBefore() {
        backUp("b1");
        Operation waits = ask("phone", 1, List.of());
        Caller custodian = OpenVault.person("custodian");
        Operation off = cancel(custodian, waits, "one");
        long before = vault.logSize();
        assertThat(cancel(custodian, waits, "one")).isEqualTo(off);
        assertThat(vault.logSize()).isEqualTo(before);
        assertRefused(Problem.APPROVAL_CLOSED, () -> cancel(custodian, waits, "other"));
    }

    private Operation cancel(Caller by, Operation waits, String key) {
        return destruction.cancel(
                by,
                waits.id(),
                () -> vault.vault().access().replay().key(by, Optional.of(key), "cancel", new byte[0]),
                AuditLog.newRequest());
    }

    @Test
    void noneIsBegunWhileACopyHoldsTheVersionAndACopyMadeWhileItWaitsDoesNotHoldIt() {
        backUp("b1");
        String copy = export();
        assertThatThrownBy(() -> destruction.ask(both(), "phone", 1, List.of()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.COPIES_UNATTESTED))
                .hasMessageContaining(copy);
        assertRefused(
                Problem.COPIES_UNATTESTED, () -> destruction.ask(both(), "phone", 1, List.of("0011223344556677")));
        ask("phone", 1, List.of(copy));
        assertThat(vault.vault().keyCopies().all())
                .extracting(KeyCopies.Copy::state)
                .containsExactly("gone");
        export();
        serve(Duration.ofDays(7));
        assertThat(state("phone", 1)).isEqualTo(KeyState.DESTROYED);
        export();
    }

    private String export() {
        return exported().id();
    }

    private KeyCopies.ExportedCopy exported() {
        return vault.vault().keyCopies().export(CORA, Optional.empty(), recipient);
    }

    @Test
    void copyMadeWhileOneWaitsOpensAllThatIsStoredAndIsNotTakenForTheRingInUse() throws Exception {
        backUp("b1");
        ask("phone", 1, List.of());
        unzip(exported().sealed(), directory.resolve("copy"));
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);

        vault.accept(
                () -> OpenVault.putBack(vault.home().keys(), directory.resolve("copy")),
                log -> assertThat(log.acceptance().differences())
                        .singleElement()
                        .asString()
                        .contains("made while one waited to be destroyed"));
        assertThat(state("phone", 1)).isEqualTo(KeyState.DESTROYED);
        assertThat(vault.reveal(patron).phone()).contains(List.of("+12035550143"));
        // A destruction that waits in the restored database has no reason to wait any more.
        over(7);
        assertThat(destruction.find("phone", 1).orElseThrow().state()).isEqualTo(Operation.DONE);
    }

    /** The keys as they are now, as somebody has them who copied the directory. */
    private Path keptKeys() {
        Path kept = directory.resolve("keys-kept");
        vault.keep(vault.home().keys(), kept);
        over(7);
        return kept;
    }

    @Test
    void whatWaitsAndIsInUseAgainIsInTheCopyAndIsNotDestroyed() {
        Path before = keptKeys();
        rotate("email");
        backUp("b1");
        ask("email", 1, List.of());
        vault.putBackAndAccept(vault.home().keys(), before);
        over(7);
        export();
        assertThat(vault.vault()
                        .store()
                        .<List<KeyCopies.Copy>>read(
                                tx -> vault.vault().keyCopies().holding(tx, "email", 1)))
                .hasSize(1);
        serve(Duration.ofDays(7));
        assertThat(state("email", 1)).isEqualTo(KeyState.PRIMARY);
    }

    @Tag(LongRun.TAG)
    @Test
    void whatWaitsAndIsNotInAnOlderRingAtAllIsNotSaidToBeDestroyed() {
        Path before = keptKeys();
        rotate("phone");
        rotate("phone");
        backUp("b1");
        Operation waits = ask("phone", 3, List.of());
        vault.putBackAndAccept(vault.home().keys(), before);
        assertThat(vault.vault().operations().find(waits.id()).state()).isEqualTo(KeyDestruction.WAITING);
    }

    /** Unpacks the copy with the recipient's key. */
    private static void unzip(byte[] sealed, Path into) throws IOException {
        Path file = Files.write(certificates.resolve("copy.p7m"), sealed);
        Path zip = certificates.resolve("copy.zip");
        assertThat(OpenSsl.decrypt(certificates, "keeper", file, zip)).isZero();
        Files.createDirectories(into);
        try (ZipFile copy = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : Collections.list(copy.entries())) {
                Files.write(
                        into.resolve(entry.getName()),
                        copy.getInputStream(entry).readAllBytes());
            }
        }
    }

    @Test
    void withoutAWaitingTimeItIsDoneAtOnceAndOldValuesOpenNeverAgain() throws Exception {
        over(0);
        backUp("b1");
        byte[] old = envelopeUnderVersionOne();
        ask("phone", 1, List.of());
        assertThat(state("phone", 1)).isEqualTo(KeyState.DESTROYED);
        try (var connection = vault.connect();
                var update = connection.prepareStatement(
                        "UPDATE cell SET envelope = ? WHERE field = 'phone' AND patron = ?")) {
            update.setBytes(1, old);
            update.setLong(2, patron.number());
            update.executeUpdate();
        }
        assertThatThrownBy(() -> vault.reveal(patron)).isInstanceOf(IntegrityException.class);
        assertRefused(Problem.NOT_FOUND, () -> destruction.ask(both(), "phone", 1, List.of()));
    }

    @Tag(LongRun.TAG)
    @Test
    void whatDoesNotWaitIsDoneThoughTheFileOfWhatWaitsIsOutOfReach() throws IOException {
        backUp("b1");
        Files.createDirectory(vault.home().node().resolve("destroy-waits"));
        assertThatThrownBy(destruction::turn).isInstanceOf(UncheckedIOException.class);
        destruction.now(CORA, Optional.empty(), List.of(new KeysInUse.Version("phone", 1)), List.of());
        assertThat(state("phone", 1)).isEqualTo(KeyState.DESTROYED);
    }

    private byte[] envelopeUnderVersionOne() {
        PatronField phone = PatronField.PHONE;
        byte[] value = {1, 0, 1, 'x'};
        byte[] now = vault.vault().custody().keys().fields().seal(phone, patron, 1, new byte[0], value);
        now[4] = 1;
        return now;
    }

    @Test
    void killAfterThePointOfNoReturnIsFinishedAtTheNextStart() {
        assertFinishedAfterKill(new DyingJvm(), "phone", OperationProbe.Stage.COMMITTED);
    }

    @Tag(LongRun.TAG)
    @Test
    void killAfterTheKeyIsDestroyedIsFinishedAtTheNextStart() {
        assertFinishedAfterKill(new DyingJvm(), "email", OperationProbe.Stage.ENDED);
    }

    /** Killed when it was agreed and begun and the ring not written, or when that was written and the row was not. */
    private void assertFinishedAfterKill(DyingJvm jvm, String field, OperationProbe.Stage stage) {
        rotate(field);
        backUp(field);
        Operation waits = waitingFor(field, 1);
        vault.whileStopped(() -> jvm.die(vault, DyingVault.DESTROY + field, stage, "1", true));
        assertThat(state(field, 1)).isEqualTo(KeyState.DESTROYED);
        assertThat(vault.vault().operations().find(waits.id()).state()).isEqualTo(Operation.DONE);
        assertThat(vault.reveal(patron).phone()).contains(List.of("+12035550143"));
    }

    @Test
    void destructionWhoseRingCannotBeWrittenIsFinishedByALaterTurn() throws Exception {
        backUp("b1");
        Operation begun = waitingFor("phone", 1);
        destruction.begin(begun);
        Path inTheWay = Files.createDirectories(vault.home().keys().resolve("ring.json.new/in-the-way"));
        assertRefused(Problem.STORE_FULL, destruction::turn);
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
        Files.delete(inTheWay);
        destruction.turn();
        assertThat(state("phone", 1)).isEqualTo(KeyState.DESTROYED);
        assertThat(vault.vault().operations().find(begun.id()).state()).isEqualTo(Operation.DONE);
    }

    @Tag(LongRun.TAG)
    @Test
    void turnThatFailsIsMadeAgainWhateverItThrows() throws Exception {
        backUp("b1");
        ask("phone", 1, List.of());
        Path inTheWay = Files.createDirectories(vault.home().node().resolve("destroy-waits.new/in-the-way"));
        nanos.addAndGet(Duration.ofDays(7).toNanos());
        assertThatThrownBy(destruction::turn).isInstanceOf(UncheckedIOException.class);
        GuardedRunnable turn = new GuardedRunnable(destruction::turn);
        nanos.addAndGet(1);
        turn.run();
        assertThat(state("phone", 1)).isEqualTo(KeyState.RETIRED);
        Files.delete(inTheWay);
        nanos.addAndGet(1);
        turn.run();
        assertThat(state("phone", 1)).isEqualTo(KeyState.DESTROYED);
        new GuardedRunnable(() -> {
                    throw new OutOfMemoryError("as if");
                })
                .run();
    }

    @Test
    void retiredSigningKeyOfTheLogIsDestroyedAndWhatItSignedStaysGood() {
        over(0);
        LogVerifier.SavedCheckpoint saved = new LogVerifier.SavedCheckpoint(
                "saved", vault.vault().log().checkpoint().note());
        backUp("b1");
        assertRefused(Problem.KEY_IN_USE, () -> destruction.ask(both(), "log", 1, List.of()));
        rotate("log");
        assertRefused(Problem.BACKUP_REQUIRED, () -> destruction.ask(both(), "log", 1, List.of()));
        backUp("b2");
        ask("log", 1, List.of());
        assertThat(state("log", 1)).isEqualTo(KeyState.DESTROYED);
        vault.restart();
        assertThat(LogVerifier.verify(vault.vault().store(), List.of(saved)).problems())
                .isEmpty();
    }

    @Test
    void killBetweenTheTwoKeysOfTheSearchIndexIsFinishedAtTheNextStart() {
        rotate("search");
        backUp("b1");
        destruction.begin(waitingFor("search", 1));
        vault.vault().custody().destroy("index-label", 1);
        vault.restart();
        assertThat(state("index-label", 1)).isEqualTo(KeyState.DESTROYED);
        assertThat(state("index-value", 1)).isEqualTo(KeyState.DESTROYED);
        over(7);
        assertThat(destruction.find("search", 1).orElseThrow().state()).isEqualTo(Operation.DONE);
        assertThat(vault.find("D1").hits()).hasSize(1);
    }

    private Operation waitingFor(String field, int version) {
        over(7);
        return ask(field, version, List.of());
    }

    @Test
    void agreementAndEndAreInTheLogAndTheFirstNamesBoth() {
        backUp("b1");
        long before = vault.logSize();
        ask("phone", 1, List.of());
        AccessEvent agreed = vault.logSince(before).get(0);
        assertThat(agreed.act()).isEqualTo(ActKind.DESTROY);
        assertThat(agreed.outcome()).isEqualTo(Outcome.KEY);
        assertThat(agreed.actor()).isEqualTo(CORA);
        assertThat(agreed.second().orElseThrow().name()).isEqualTo("carl");
        assertThat(agreed.about()).contains("phone-1");
    }
}
