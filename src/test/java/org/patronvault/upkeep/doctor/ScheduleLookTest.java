package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Settings;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.testing.OpenVault;

/** Tests of the doctor's check of due keys. */
final class ScheduleLookTest {
    private OpenVault vault;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Doctor.Line look(int days) {
        return look(days, 7);
    }

    private Doctor.Line look(int days, int wait) {
        return new ScheduleLook(
                        () -> Settings.read(vault.home()).store(vault.home()),
                        () -> days,
                        () -> wait,
                        vault.vault().keyStatus()::keptTooLong,
                        vault.home().keys(),
                        vault.clock())
                .line();
    }

    private void rotate(String name) {
        assertThat(vault.rotate(name).state()).isEqualTo(Operation.DONE);
    }

    @Test
    void waitOfNoDaysIsNamed() {
        assertThat(look(30, 0).verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(look(30, 0).says()).contains("keys.destroyWait is 0");
    }

    @Test
    void namesWhatIsLateAndTheCure() {
        assertThat(look(30).verdict()).isEqualTo(Doctor.Verdict.FINE);
        rotate("phone");
        vault.clock().advance(Duration.ofDays(8));
        assertThat(look(30).verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(look(30).says())
                .startsWith("Old versions ought to be destroyed of phone: ")
                .contains("`keys destroy`");
        vault.clock().advance(Duration.ofDays(24));
        rotate("all");
        assertThat(look(30).says()).startsWith("Not rotated for more than 30 days: search. ");
        assertThat(look(0).says()).startsWith("No key is rotated by itself");
    }

    @Test
    void passwordsAndClientKeysThatNobodyUsedForThirtyDaysAreNamedWithTheCure() {
        vault.employ("anna", "a quiet reading room", "circulation");
        vault.addClient("kiosk", "entitlement");
        rotate("rest");
        assertThat(look(30).verdict()).isEqualTo(Doctor.Verdict.FINE);
        LocalDate day = LocalDate.ofInstant(vault.clock().instant(), ZoneOffset.UTC);
        vault.clock().advance(Duration.ofDays(30));
        Doctor.Line line = look(0);
        assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(line.says())
                .contains(
                        "pepper 1: 2 passwords not used since " + day + " (anna, root), due since " + day.plusDays(30))
                .contains("`staff password NAME`. Then `keys destroy pepper 1`.")
                .contains("token 1: 1 client key not used since " + day + " (kiosk)")
                .contains("`client rotate NAME`. Then `keys destroy token 1`.");
    }

    @Test
    void rotationThatFailedIsWrong() throws SQLException {
        vault.register("'card':'L1','name':{'family':'Doe'}");
        try (Connection connection = vault.connect();
                Statement damaging = connection.createStatement()) {
            damaging.execute("UPDATE cell SET generation = generation + 1 WHERE field = 'phone'");
        }
        assertThat(vault.rotate("phone").state()).isEqualTo(Operation.FAILED);
        assertThat(look(30).verdict()).isEqualTo(Doctor.Verdict.WRONG);
        assertThat(look(30).says()).contains("keys rotate phone");
        rotate("name");
        vault.clock().advance(Duration.ofDays(8));
        assertThat(look(30).verdict()).isEqualTo(Doctor.Verdict.WRONG);
        assertThat(look(30).says()).contains("keys rotate phone", "Old versions ought to be destroyed of name: ");
    }

    @Test
    void brokenSettingsAreNoReasonToSayNothing() {
        Doctor.Line line = new ScheduleLook(
                        () -> {
                            throw new Refused(Problem.INVALID, "vault.yaml is not YAML.");
                        },
                        () -> 30,
                        () -> 7,
                        List::of,
                        vault.home().keys(),
                        vault.clock())
                .line();
        assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG);
    }
}
