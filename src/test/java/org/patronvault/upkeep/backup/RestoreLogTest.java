package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.LogVerifier.SavedCheckpoint;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.log.retention.Forgetting;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.patron.check.PatronRestoration;
import org.patronvault.testing.OpenVault;

/**
 * Tests of a lost machine with a backup and a newer export of the log. Between the two one patron was changed, one
 * erased, one registered, one lost a field, and one withdrew a consent. One account was closed.
 */
final class RestoreLogTest {
    private static final Caller CORA = OpenVault.person("custodian");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");
    private static final Actor KIM = new Actor(Actor.Kind.STAFF, "kim", "circulation", "");

    @TempDir
    private Path directory;

    private OpenVault vault;
    private PatronId ann;
    private PatronId bob;
    private PatronId cid;
    private PatronId dan;
    private PatronId eve;
    private PatronId fay;

    @BeforeEach
    void backUpAndGoOn() {
        vault = OpenVault.onSqlite();
        vault.enrol(CORA.actor(), CARL, KIM);
        ann = vault.register("'card':'A1','name':{'family':'Ann'},'phone':['203-555-0101']");
        bob = vault.register("'card':'B1','name':{'family':'Bob'}");
        cid = vault.register("'card':'C1','name':{'family':'Cid'},'email':['cid@example.org']");
        dan = vault.register("'card':'D1','name':{'family':'Dan'}");
        fay = vault.register("'card':'F1','name':{'family':'Fay'}");
        vault.backup().make(CORA, backup(), Progress.UNSEEN);
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        vault.patch(ann, 2, "{'phone':['203-555-0178']}");
        vault.erase(bob);
        // More often than what is made good afterwards counts on from the backup.
        for (int n = 1; n <= 3; n++) {
            vault.patch(cid, n, "{'email':['cid" + n + "@example.org']}");
            vault.patch(fay, n, "{'phone':['203-555-020" + n + "']}");
        }
        vault.eraseField(cid, "email");
        vault.say(fay, "service", false);
        vault.vault()
                .access()
                .accounts()
                .disable(Approvals.Requester.alone(OpenVault.person("admin").actor()), "kim");
        eve = vault.register("'card':'E1','name':{'family':'Eve'}");
        export(export());
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Path backup() {
        return directory.resolve("backup");
    }

    private Path export() {
        return directory.resolve("export");
    }

    private void export(Path into) {
        new LogExport(vault.vault().log(), vault.vault().access())
                .make(OpenVault.person("privacy-officer"), into, Progress.UNSEEN);
    }

    private void open(Path log, Path file) {
        OpenedBackup.write(
                backup(),
                OpenedKeys.at(vault.home().keys(), vault.clock()).keys(),
                file,
                Optional.of(log),
                vault.home().nodeToAnchor(file),
                Progress.UNSEEN);
    }

    /** Leaves only the home's keys, and restores the backup under the export's log. */
    private void loseTheMachine() {
        OpenVault.delete(vault.home().database().getParent());
        OpenVault.delete(vault.home().node());
        open(export(), vault.home().database());
    }

    private void accept() {
        vault.accept(this::loseTheMachine, log -> {
            assertRefused(Problem.KEYS_REFUSED, "log accept", log::resume);
            assertThat(log.acceptance().differences())
                    .anySatisfy(how -> assertThat(how).contains("restore --log"));
        });
    }

    private static void assertRefused(Problem problem, String says, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e).hasMessageContaining(says);
        });
    }

    private List<Finding> check() {
        return vault.vault().check().run(CORA, Progress.UNSEEN).listed();
    }

    private PatronRestoration.Result restore() {
        return vault.restores()
                .restore(
                        CORA,
                        Approvals.Requester.of(CORA.actor(), Optional.of(CARL)),
                        new Restore.Source(backup(), false),
                        Progress.UNSEEN)
                .done()
                .orElseThrow();
    }

    private void assertGone(PatronId patron, String card) {
        assertRefused(Problem.NOT_FOUND, "", () -> vault.reveal(patron));
        assertThat(vault.find(card).hits()).isEmpty();
    }

    private boolean isOpen(String account) {
        return !vault.vault().access().accounts().list().stream()
                .filter(one -> one.name().equals(account))
                .findFirst()
                .orElseThrow()
                .disabled();
    }

    private boolean isWithdrawn(PatronId patron) {
        return vault.patrons()
                .consenting()
                .read(OpenVault.person("supervisor"), Optional.of(patron), AuditLog.newRequest())
                .consents()
                .isWithdrawn();
    }

    @Test
    void checkpointOfThenFitsTheLogAndWhatTheLogSaysWasTakenAwayIsNotThereAgain() {
        String kept = vault.vault().log().checkpoint().note();
        long exported = vault.logSize();
        accept();

        assertThat(LogVerifier.verify(vault.vault().store(), List.of(new SavedCheckpoint("kept", kept)))
                        .problems())
                .isEmpty();
        List<AccessEvent> since = vault.logSince(exported);
        assertThat(since.get(0).act()).isEqualTo(ActKind.ACCEPT);
        // The size this node knew, and the log size of the rows.
        assertThat(since.get(0).about().orElseThrow()).matches("[0-9]+ [A-Za-z0-9+/=]{44} [0-9]+ [0-9]+");
        assertGone(bob, "B1");
        assertThat(vault.reveal(cid).email()).contains(List.of());
        assertThat(isWithdrawn(fay)).isTrue();
        assertThat(isOpen("kim")).isFalse();
        assertThat(isOpen("carl")).isTrue();
        assertThat(vault.reveal(ann).phone().orElseThrow()).containsExactly("+12035550101");
    }

    @Test
    void checkNamesWhoWasChangedSinceAndNobodyOnceTheyAreBroughtInLine() {
        accept();
        assertThat(check())
                .isNotEmpty()
                .noneSatisfy(found -> assertThat(found.patron()).contains(eve))
                .noneSatisfy(found -> assertThat(found.patron()).contains(dan))
                .anySatisfy(found -> assertThat(found.what()).isEqualTo("rolled-back"));
        assertThat(restore().leftOut()).isZero();
        assertThat(check()).isEmpty();

        assertThat(vault.reveal(ann).phone().orElseThrow()).containsExactly("+12035550101");
        // Above every version that others have seen.
        assertThat(version(ann)).isGreaterThan(3);
        assertGone(eve, "E1");
        assertGone(bob, "B1");
        assertThat(vault.reveal(cid).email()).contains(List.of());
        assertThat(vault.register("'card':'E1','name':{'family':'Eve'}")).isNotEqualTo(eve);
        vault.restart();
        assertThat(check()).isEmpty();
    }

    private long version(PatronId patron) {
        return vault.vault()
                .store()
                .read(tx -> tx.patrons().find(patron))
                .orElseThrow()
                .row()
                .version();
    }

    @Test
    void whoWasRegisteredSinceIsNotMissedOnceTheirMonthIsForgottenEither() {
        accept();
        restore();
        vault.clock().advance(Duration.ofDays(760));
        Forgetting.ofWhatIsDue(vault);
        assertThat(check()).isEmpty();
    }

    @Test
    void whoIsDeletedBehindItsBackLaterIsStillMissed() throws SQLException {
        accept();
        restore();
        PatronId gus = vault.register("'card':'G1','name':{'family':'Gus'}");
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            for (PatronId patron : List.of(dan, gus)) {
                assertThat(statement.executeUpdate("DELETE FROM patron WHERE id = " + patron.number()))
                        .isPositive();
            }
        }
        assertThat(check())
                .filteredOn(found -> found.what().equals("deleted"))
                .extracting(Finding::patron)
                .containsExactlyInAnyOrder(Optional.of(dan), Optional.of(gus));
    }

    @Test
    void acceptedAgainSinceTheNodeKnewALongerLogItStillMakesGoodWhatTheRowsKnowNothingOf() {
        vault.erase(dan);
        Path node = vault.home().node();
        Path kept = directory.resolve("node");
        vault.whileStopped(() -> OpenVault.copyOf(node, kept));
        vault.accept(
                () -> {
                    OpenVault.delete(vault.home().database().getParent());
                    open(export(), vault.home().database());
                },
                log -> {
                    log.acceptance().accept(acceptance(log));
                    // Killed before it had written down which log it knows now.
                    OpenVault.putBack(node, kept);
                });
        assertGone(bob, "B1");
        assertGone(dan, "D1");
        assertThat(vault.reveal(cid).email()).contains(List.of());
        assertThat(isOpen("kim")).isFalse();
        restore();
        assertThat(check()).isEmpty();
    }

    private static AccessEvent acceptance(AuditLog log) {
        return log.event(CORA.actor(), ActKind.ACCEPT, Outcome.KEY, AuditLog.newRequest());
    }

    @Test
    void newerLedgerThatIsPutInPlaceAfterItWasAcceptedHasItAcceptedAnew() throws IOException {
        Path ledger = vault.home().keys().resolve("ledger");
        byte[] newest = Files.readAllBytes(ledger);
        vault.accept(this::loseTheMachine, log -> {
            log.acceptance().accept(acceptance(log));
            try {
                Files.write(ledger, newest);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            assertRefused(Problem.KEYS_REFUSED, "log accept", log::resume);
        });
        assertGone(bob, "B1");
        assertThat(isOpen("kim")).isFalse();
    }

    @Test
    void whatSomebodySaidAfterTheExportIsNotOverruledByWhatWasSaidBefore() {
        vault.say(dan, "service", false);
        vault.say(dan, "service", true);
        OpenVault.delete(export());
        export(export());
        vault.say(dan, "service", false);
        vault.say(fay, "service", true);
        accept();
        assertThat(isWithdrawn(dan)).isTrue();
        assertThat(isWithdrawn(fay)).isFalse();
    }

    @Test
    void whatTheKeysAreOlderThanIsMadeGoodByTheLogAlone() {
        Path ledger = vault.home().keys().resolve("ledger");
        vault.accept(
                () -> {
                    OpenVault.delete(ledger);
                    loseTheMachine();
                },
                log -> {});
        assertGone(bob, "B1");
        assertThat(vault.reveal(cid).email()).contains(List.of());
        assertThat(isOpen("kim")).isFalse();
        // The new ledger has it too.
        vault.whileStopped(() -> assertThat(lines(ledger)).anyMatch(line -> line.startsWith("erased " + bob + " ")));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoWasErasedAfterTheExportIsErasedByTheLedger() {
        vault.erase(dan);
        accept();
        assertGone(dan, "D1");
        restore();
        assertThat(check()).isEmpty();
    }

    @Test
    void exportThatGoesOnFromNoBackupOrWasChangedIsRefusedAndLeavesNoFile() throws IOException {
        Path file = directory.resolve("made/vault.db");
        Path older = directory.resolve("older");
        try (OpenVault other = OpenVault.onSqlite()) {
            for (int n = 0; n < 20; n++) {
                other.register("'card':'X" + n + "','name':{'family':'Xi'}");
            }
            new LogExport(other.vault().log(), other.vault().access())
                    .make(OpenVault.person("privacy-officer"), older, Progress.UNSEEN);
        }
        assertRefused(Problem.INVALID, "another vault", () -> open(older, file));
        assertRefused(Problem.INVALID, "does not add up", () -> open(directory.resolve("none"), file));

        Path bundle = export().resolve("tile/entries");
        try (Stream<Path> bundles = Files.walk(bundle)) {
            Path one = bundles.filter(Files::isRegularFile).findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(one);
            bytes[bytes.length - 5] ^= 1;
            Files.write(one, bytes);
        }
        assertRefused(Problem.INVALID, "does not add up", () -> open(export(), file));
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void exportThatIsNoLongerThanTheBackupIsRefused() {
        Path later = directory.resolve("later");
        vault.backup().make(CORA, later, Progress.UNSEEN);
        assertRefused(
                Problem.INVALID,
                "no entry that the backup has not",
                () -> OpenedBackup.write(
                        later,
                        vault.vault().custody().keys(),
                        directory.resolve("made/vault.db"),
                        Optional.of(export()),
                        Optional.empty(),
                        Progress.UNSEEN));
    }

    @Test
    void rowsThatAreOlderAreRefusedUntilTheyAreAcceptedThoughNothingButAPatronWasChangedSince() {
        OpenVault.delete(backup());
        vault.backup().make(CORA, backup(), Progress.UNSEEN);
        vault.patch(ann, 3, "{'phone':['203-555-0179']}");
        export(export());
        accept();
        assertThat(vault.vault().log().acceptance().differences()).isEmpty();
        assertThat(restore()).isEqualTo(new PatronRestoration.Result(1, 0, 0));
        assertThat(vault.reveal(ann).phone().orElseThrow()).containsExactly("+12035550178");
        assertThat(check()).isEmpty();
    }
}
