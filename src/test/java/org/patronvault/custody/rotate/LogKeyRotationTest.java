package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.LogVerifier.SavedCheckpoint;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.custody.rotate.OperationProbe.Stage;
import org.patronvault.testing.OpenVault;

/** Tests of a rotation of the key that signs the log. */
final class LogKeyRotationTest {
    private final List<SavedCheckpoint> saved = new ArrayList<>();
    private OpenVault vault;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        save();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private SignedCheckpoint save() {
        SignedCheckpoint checkpoint = vault.vault().log().checkpoint();
        saved.add(new SavedCheckpoint("saved-" + checkpoint.size(), checkpoint.note()));
        return checkpoint;
    }

    private void assertVerifies() throws IOException {
        String published = Files.readString(vault.home().published().resolve("log.vkey"));
        assertThat(LogVerifier.verify(
                                vault.vault().store(),
                                new LogVerifier.TrustAnchors(saved, List.of(), Optional.of(published)))
                        .problems())
                .isEmpty();
    }

    private List<String> versions() {
        return vault.vault().keyStatus().now().keys().stream()
                .filter(key -> key.field().equals("log"))
                .flatMap(key -> key.versions().stream())
                .map(version -> version.version() + " " + version.state())
                .toList();
    }

    private static int signatures(SignedCheckpoint checkpoint) {
        return checkpoint.note().split("\n\u2014 ", -1).length - 1;
    }

    private static Operation begin(Rotations rotations, String role) {
        return rotations
                .begin(OpenVault.person(role), "log", 0, Optional::empty, AuditLog.newRequest())
                .get(0);
    }

    private Operation rotate() {
        Operation begun = begin(vault.vault().rotations(), "custodian");
        return vault.vault().operations().await(begun.id());
    }

    @Test
    void newKeySignsAloneAfterOneCheckpointThatBothSigned() throws IOException {
        long from = vault.logSize();
        Operation ended = rotate();

        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended.done()).isEqualTo(1).isEqualTo(ended.total());
        assertThat(versions()).containsExactly("1 retired", "2 primary");
        List<AccessEvent> entries = vault.logSince(from).stream()
                .filter(entry -> entry.act() == ActKind.ROTATE)
                .toList();
        assertThat(entries).hasSize(2).allSatisfy(entry -> {
            assertThat(entry.about()).contains("log");
            assertThat(entry.outcome()).isEqualTo(Outcome.KEY);
            assertThat(entry.mark()).isPresent();
        });
        SignedCheckpoint alone = save();
        assertThat(signatures(alone)).isEqualTo(1);
        assertThat(alone.handsOver()).isFalse();
        String published = Files.readString(vault.home().published().resolve("handover-2"));
        SignedCheckpoint dual = new SignedCheckpoint(0, published);
        assertThat(signatures(dual)).isEqualTo(2);
        assertThat(dual.handsOver()).isTrue();
        saved.add(new SavedCheckpoint("dual", published));
        assertVerifies();
    }

    @Test
    void handOverWaitsUntilWhoHasNoDatabaseCanFollowIt() throws Exception {
        Path published = vault.home().published();
        Path aside = vault.home().directory().resolve("aside");
        Files.move(published, aside);
        Files.createFile(published);
        Operation begun = begin(vault.vault().rotations(), "custodian");
        await().untilAsserted(() -> assertThat(versions()).containsExactly("1 active", "2 primary"));
        assertThat(vault.vault().operations().find(begun.id()).isRunning()).isTrue();

        Files.delete(published);
        Files.move(aside, published);
        assertThat(vault.vault().operations().await(begun.id()).state()).isEqualTo(Operation.DONE);
        SignedCheckpoint dual = new SignedCheckpoint(0, Files.readString(published.resolve("handover-2")));
        assertThat(dual.handsOver()).isTrue();
        save();
        assertVerifies();
    }

    @Test
    void logIsHandedOverAgainAndAgainAndVerifiesWithoutTheKeysThatSignedIt() throws IOException {
        for (int version = 2; version <= 4; version++) {
            assertThat(rotate().state()).isEqualTo(Operation.DONE);
            assertThat(signatures(save())).isEqualTo(1);
        }
        vault.destroy("log", 1);
        vault.destroy("log", 2);
        assertThat(versions()).containsExactly("1 destroyed", "2 destroyed", "3 retired", "4 primary");
        assertThat(signatures(save())).isEqualTo(1);
        assertVerifies();
    }

    @Test
    void onlyACustodianRotatesIt() {
        for (String role : List.of("admin", "director", "supervisor")) {
            assertThatThrownBy(() -> begin(vault.vault().rotations(), role)).isInstanceOf(Refused.class);
        }
        assertThat(versions()).containsExactly("1 primary");
    }

    @Test
    void ringThatIsAheadOfAKilledBeginningIsUsedByTheNext() throws IOException {
        vault.vault().custody().addVersion("log");
        vault.restart();
        assertThat(signatures(save())).isEqualTo(2);
        assertVerifies();
        assertThat(rotate().state()).isEqualTo(Operation.DONE);
        assertThat(versions()).containsExactly("1 retired", "2 primary");
        assertThat(signatures(save())).isEqualTo(1);
        assertVerifies();
    }

    @ParameterizedTest
    @EnumSource(
            value = Stage.class,
            names = {"PREPARING", "ENDING", "ENDED"})
    void killAnywhereIsFinishedAtTheNextStart(Stage stage) throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        Operations operations = new Operations(
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().access(),
                vault.vault().log(),
                vault.clock(),
                System::nanoTime,
                (at, operation) -> {
                    if (at == stage) {
                        reached.countDown();
                        throw new Refused(Problem.LOG_UNAVAILABLE, "Killed.", 1);
                    }
                });
        Rotations rotations = new Rotations(
                operations,
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().log(),
                vault.patrons());
        Operation begun = begin(rotations, "custodian");
        assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
        operations.close();

        assertThat(vault.vault().operations().find(begun.id()).isRunning()).isTrue();
        assertThat(signatures(save())).isEqualTo(stage == Stage.ENDED ? 1 : 2);
        assertVerifies();
        vault.restart();
        Operation ended = vault.vault().operations().await(begun.id());

        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(versions()).containsExactly("1 retired", "2 primary");
        assertThat(signatures(save())).isEqualTo(1);
        assertVerifies();
    }

    /** Ends a hand-over whose checkpoint row is changed between its signature and its end. */
    private Operation endAfter(UnaryOperator<String> change) throws SQLException {
        AuditLog log = vault.vault().log();
        LogKeyRotation handOver = new LogKeyRotation(vault.vault().custody(), log);
        AccessEvent event = log.event(Actor.VAULT, ActKind.ROTATE, Outcome.KEY, AuditLog.newRequest());
        log.call(event, now -> {
            WriteTx tx = now.tx();
            handOver.begin(tx, "log");
            return Decision.done(
                    event.about("log").marking(vault.vault().custody().mark()));
        });
        Operation now = Operation.begun(LogKeyRotation.KIND, "log", 1, 0, 0, Actor.VAULT);
        KeyOperation.Run run = handOver.run(now);
        assertThat(run.next(1)).isEmpty();
        SignedCheckpoint signed = log.lastCheckpoint().orElseThrow();
        assertThat(signed.handsOver()).isTrue();
        put(signed.size(), change.apply(signed.note()));
        return vault.vault().store().write(tx -> run.end(tx, now));
    }

    private void put(long size, String note) throws SQLException {
        try (var connection = vault.connect();
                var update = connection.prepareStatement("UPDATE log_checkpoint SET note = ? WHERE size = ?")) {
            update.setString(1, note);
            update.setLong(2, size);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void bothSignOnWhereSomethingElseWasPutInTheCheckpointsPlace() throws Exception {
        AtomicReference<String> signed = new AtomicReference<>();
        Operation ended = endAfter(note -> {
            signed.set(note);
            return saved.get(0).note();
        });
        assertThat(ended.state()).isEqualTo(Operation.FAILED);
        assertThat(versions()).containsExactly("1 active", "2 primary");

        put(vault.vault().log().lastCheckpoint().orElseThrow().size(), signed.get());
        assertThat(rotate().state()).isEqualTo(Operation.DONE);
        assertThat(versions()).containsExactly("1 retired", "2 primary");
        save();
        assertVerifies();
    }

    @Test
    void handOverEndsThoughAWitnessSignsItsCheckpointMeanwhile() throws Exception {
        String witness = "\u2014 witness.example.org/w1 " + Base64.getEncoder().encodeToString(new byte[76]) + "\n";
        assertThat(endAfter(note -> note + witness).state()).isEqualTo(Operation.DONE);
        assertThat(versions()).containsExactly("1 retired", "2 primary");
        save();
        assertVerifies();
    }
}
