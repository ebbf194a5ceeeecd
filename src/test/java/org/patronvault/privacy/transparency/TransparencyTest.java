package org.patronvault.privacy.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Year;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.OpenVault;

/** Tests of the public numbers of a year, and that no other number can be computed from them. */
final class TransparencyTest {
    private OpenVault vault;
    private PatronId patron;

    @BeforeEach
    void registerOne() {
        vault = OpenVault.onSqlite();
        patron = vault.register("'card':'T1','name':{'family':'Glass'}");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private JsonNode report() {
        transparency().settle();
        return transparency().report(Optional.empty()).json();
    }

    private Transparency transparency() {
        return vault.vault().privacy().transparency();
    }

    private void reveal(int times) {
        for (int i = 0; i < times; i++) {
            vault.reveal(patron);
        }
    }

    private void advance(int days) {
        vault.clock().advance(Duration.ofDays(days));
    }

    @Test
    void nothingIsToldOfAMonthBeforeItIsOver() {
        JsonNode before = report();
        reveal(12);
        vault.erase(patron);
        advance(6);
        assertThat(report()).isEqualTo(before);
        assertThat(before.path("months")).isEmpty();
        assertThat(before.path("year").asInt()).isEqualTo(2026);
    }

    @Test
    void whatIsToldOfAMonthStaysSoWhateverIsDoneSince() {
        reveal(10);
        advance(10);
        JsonNode december = report();
        reveal(11);
        vault.erase(patron);
        advance(20);
        assertThat(report())
                .as("the checkpoint too: its size would say that something was done")
                .isEqualTo(december);
        advance(20);
        assertThat(report().path("months"))
                .hasToString("[{\"month\":\"2026-11\",\"opened\":{\"count\":10},\"erased\":{\"suppressed\":true}},"
                        + "{\"month\":\"2026-12\",\"opened\":{\"count\":11},\"erased\":{\"suppressed\":true}}]");
    }

    @Test
    void numberUnderTheFloorIsNeitherToldNorInASum() {
        reveal(9);
        advance(31);
        reveal(10);
        advance(31);
        JsonNode report = report();
        assertThat(report.at("/months/0/opened")).hasToString("{\"suppressed\":true}");
        assertThat(report.at("/months/1/opened")).hasToString("{\"count\":10}");
        assertThat(report.path("told").toString())
                .isEqualTo("{\"opened\":{\"count\":10},\"erased\":{\"suppressed\":true}}");
        assertThat(report.at("/months/0/erased")).as("none looks like few").isEqualTo(report.at("/months/0/opened"));
        assertThat(report.path("floor").asInt()).isEqualTo(10);
    }

    @Test
    void whoAsksForAYearGetsItsMonthsAlone() {
        reveal(10);
        advance(70);
        JsonNode last = report();
        assertThat(last.path("year").asInt()).isEqualTo(2027);
        assertThat(last.path("years")).hasToString("[2027,2026]");
        assertThat(last.path("months")).hasSize(1);
        assertThat(transparency().report(Optional.of(Year.of(2026))).months()).hasSize(2);
        assertThatThrownBy(() -> transparency().report(Optional.of(Year.of(2028))))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
    }

    @Test
    void askingIsNotInTheLogAndOpensNothing() {
        advance(10);
        JsonNode before = report();
        long size = vault.logSize();
        for (int i = 0; i < 50; i++) {
            assertThat(transparency().report(Optional.empty()).json()).isEqualTo(before);
        }
        assertThat(vault.logSize()).isEqualTo(size);
    }

    @Test
    void countsAreThereAfterARestartAndNotWhileSealed() {
        reveal(10);
        advance(10);
        JsonNode before = report();
        vault.restart();
        assertThat(transparency().report(Optional.empty()).json()).isEqualTo(before);
        vault.vault().seal().seal(OpenVault.person("custodian"), AuditLog.newRequest());
        assertThatThrownBy(() -> transparency().report(Optional.empty()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.SEALED));
    }
}
