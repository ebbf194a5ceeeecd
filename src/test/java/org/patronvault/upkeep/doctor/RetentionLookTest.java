package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.Settings;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.log.retention.Forgetting;
import org.patronvault.log.retention.LogRetention;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;

/** Tests of the doctor's check of log months past their retention. */
final class RetentionLookTest {
    private OpenVault vault;

    @BeforeEach
    void registerOne() {
        vault = OpenVault.onSqlite();
        vault.register("'card':'A1','name':{'family':'Ames'}");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private List<Doctor.Line> look() {
        return new RetentionLook(
                        () -> Settings.read(vault.home()).store(vault.home()),
                        () -> PolicyFile.read(vault.home().policy()),
                        vault.home().node(),
                        vault.clock())
                .look();
    }

    private void assertSaid(Doctor.Verdict verdict, String says) {
        assertThat(look()).singleElement().satisfies(line -> {
            assertThat(line.verdict()).isEqualTo(verdict);
            assertThat(line.says()).contains(says);
        });
    }

    @Test
    void namesTheMonthsThatAreDueAndWhenTheyAreForgotten() {
        assertSaid(
                Doctor.Verdict.FINE, "The log says for 24 months whom it was about. No month is due to be forgotten.");
        vault.clock().advance(Duration.ofDays(800));
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofHours(30));
            assertSaid(Doctor.Verdict.NOTE, "To be forgotten: 2026-11 in 5 days and 18 hours of service.");
            forgetting.serve(Duration.ofHours(140));
            assertSaid(Doctor.Verdict.NOTE, "To be forgotten: 2026-11 any moment.");
            forgetting.turn();
        }
        assertSaid(Doctor.Verdict.FINE, "No month is due");
    }

    @Test
    void entryThatTheIndexHasInAnotherMonthThanItselfIsDamage() {
        vault.whileStopped(() -> {
            vault.runAll(List.of(
                    "CREATE TABLE was AS SELECT leaf FROM access_log WHERE idx = 0",
                    "UPDATE access_log SET leaf = CAST(substr(leaf, 1, 6) || x'00000200' || substr(leaf, 11) AS BLOB)"
                            + " WHERE idx = 0"));
            vault.runUnseenBy("access_log_time", "UPDATE access_log SET leaf = (SELECT leaf FROM was) WHERE idx = 0");
            vault.runAll(List.of("DROP TABLE was"));
        });
        assertSaid(Doctor.Verdict.WRONG, "What the log forgets cannot be read");
    }

    @Test
    void monthThatIsNotForgottenInTimeIsWrong() throws Exception {
        vault.clock().advance(Duration.ofDays(800));
        Path inTheWay = vault.home().keys().resolve("ring.json.new/in-the-way");
        Files.createDirectories(inTheWay);
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            forgetting.serve(Duration.ofDays(10));
            assertSaid(Doctor.Verdict.WRONG, "Something hinders that: run `log verify` and `check`.");
        }
        Files.delete(inTheWay);
    }

    @Test
    void namesCopiesOfTheKeysThatStillSayWhomAMonthWasAboutThatIsForgotten(@TempDir Path directory) throws Exception {
        CmsRecipient recipient = CmsRecipient.ofPem(
                Files.readAllBytes(OpenSsl.certificate(
                        directory, "keeper", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")),
                Clock.systemUTC());
        Actor cora = OpenVault.person("custodian").actor();
        String copy = vault.vault()
                .keyCopies()
                .export(cora, Optional.empty(), recipient)
                .id();
        vault.clock().advance(Duration.ofDays(800));
        try (Forgetting forgetting = new Forgetting(vault)) {
            forgetting.turn();
            assertThat(look()).as("it is over, and not forgotten yet").hasSize(1);
            forgetting.serve(LogRetention.WAIT);
            forgetting.turn();
        }
        vault.clock().advance(Duration.ofDays(-800));
        assertThat(look())
                .as("whatever the policy would keep now")
                .filteredOn(line -> line.says().contains("months were about that are forgotten: " + copy + ". "))
                .extracting(Doctor.Line::verdict)
                .containsExactly(Doctor.Verdict.NOTE);
    }

    @Test
    void namesMonthsYetToComeThatTheLogHasEntriesOf() {
        for (int days : new int[] {400, 0, 800}) {
            vault.clock().advance(Duration.ofDays(days));
            vault.register("'card':'B" + days + "','name':{'family':'Ames'}");
            vault.clock().advance(Duration.ofDays(-days));
        }
        assertThat(look()).hasSize(2);
        assertThat(look().get(1).verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(look().get(1).says())
                .isEqualTo("A clock was ahead: the log has entries of 2027-12, 2029-02. Whom they are about it says"
                        + " until 2031-03-01.");
    }

    @Test
    void brokenPolicyIsNoReasonToSayNothing() {
        Doctor.Line line = new RetentionLook(
                        () -> Settings.read(vault.home()).store(vault.home()),
                        () -> {
                            throw new Refused(Problem.INVALID, "It is wrong.");
                        },
                        vault.home().node(),
                        vault.clock())
                .look()
                .get(0);
        assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
    }
}
