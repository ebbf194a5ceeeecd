package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.log.retention.Forgetting;
import org.patronvault.patron.check.PatronIntegrityCheck;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.patron.check.PatronRestoration;
import org.patronvault.testing.OpenVault;

/**
 * Tests of reports and refusals if the log has entries of a month whose key was lost. The clock begins in November
 * 2026.
 */
final class LostKeysTest {
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

    private void at(String time) {
        vault.clock().advance(Duration.between(vault.clock().instant(), Instant.parse(time)));
    }

    private Path keys() {
        return vault.home().keys();
    }

    private Path data() {
        return vault.home().database().getParent();
    }

    private Path kept() {
        return directory.resolve("kept");
    }

    private void run(String sql) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path backUp(String name) {
        Path into = directory.resolve(name);
        vault.backup().make(CORA, into, Progress.UNSEEN);
        return into;
    }

    private PatronRestoration.Result restore(Path from) {
        return vault.restores()
                .restore(
                        CORA,
                        Approvals.Requester.of(CORA.actor(), Optional.of(CARL)),
                        new Restore.Source(from, false),
                        Progress.UNSEEN)
                .done()
                .orElseThrow();
    }

    private void erase(PatronId patron) {
        vault.erase(patron);
    }

    private List<Finding> check() {
        return vault.vault().check().run(CORA, Progress.UNSEEN).listed();
    }

    private void reencryptAll() {
        vault.vault()
                .rotations()
                .reencrypt(CORA, "all", () -> 0, Optional::empty, AuditLog.newRequest())
                .forEach(one -> vault.vault().operations().await(one.id()));
    }

    @Test
    void whoWasErasedInAMonthWhoseKeyIsLostIsNotBroughtBackByABackupFromBeforeIt() {
        Path before = backUp("before");
        vault.keep(keys(), kept());
        at("2026-12-05T00:00:00Z");
        erase(ann);
        vault.putBackAndAccept(keys(), kept());
        at("2027-01-05T00:00:00Z");

        assertThat(check())
                .containsExactlyInAnyOrder(
                        new Finding(Optional.of(ann), PatronIntegrityCheck.ROW, "deleted"),
                        new Finding(Optional.empty(), PatronIntegrityCheck.LOG, "unreadable"));
        assertThatThrownBy(() -> restore(before))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID))
                .hasMessageContaining("newest keys/")
                .hasMessageContaining("backup that was made since");
        assertThatThrownBy(() -> vault.reveal(ann)).isInstanceOf(Refused.class);

        Path since = backUp("since");
        run("DELETE FROM patron_tombstone");
        vault.patch(bob, 1, "{'phone':['203-555-0199']}");
        assertThat(restore(since)).isEqualTo(new PatronRestoration.Result(1, 1, 0));
        assertThatThrownBy(() -> vault.reveal(ann)).isInstanceOf(Refused.class);
    }

    @Test
    void databaseFromBeforeTheCarryIsCleanOnceEveryValueIsSealedAgain() {
        at("2028-12-15T00:00:00Z");
        vault.keep(data(), kept());
        Forgetting.ofWhatIsDue(vault);
        assertThat(check()).isEmpty();
        vault.putBackAndAccept(data(), kept());

        assertThat(check())
                .containsExactlyInAnyOrder(
                        new Finding(Optional.of(ann), PatronIntegrityCheck.ROW, "added"),
                        new Finding(Optional.of(bob), PatronIntegrityCheck.ROW, "added"),
                        new Finding(Optional.empty(), PatronIntegrityCheck.LOG, "unreadable"));
        reencryptAll();
        assertThat(check()).isEmpty();
    }

    @Test
    void rowThatMayHaveBeenReplacedInAMonthWhoseKeyIsLostIsNotSaidToBeCurrent() {
        run("CREATE TABLE kept AS SELECT * FROM cell");
        run("CREATE TABLE kept_patron AS SELECT * FROM patron");
        vault.keep(keys(), kept());
        at("2026-12-05T00:00:00Z");
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        vault.putBackAndAccept(keys(), kept());
        run("DELETE FROM cell");
        run("INSERT INTO cell SELECT * FROM kept");
        run("DELETE FROM patron");
        run("INSERT INTO patron SELECT * FROM kept_patron");
        at("2028-12-15T00:00:00Z");
        Forgetting.ofWhatIsDue(vault);

        assertThat(vault.logSince(0))
                .filteredOn(entry -> entry.act() == ActKind.CARRY)
                .flatExtracting(entry -> entry.subjects())
                .extracting(Subject::patron)
                .isEmpty();
        assertThat(check())
                .contains(new Finding(Optional.of(ann), PatronIntegrityCheck.ROW, "added"), PatronIntegrityCheck.LOST);
    }
}
