package org.patronvault.privacy.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests of the published numbers of a day (P4), and of their log entries. */
final class StatisticsTest {
    private static final Caller COUNTER = OpenVault.client("counter", "statistics");

    private OpenVault vault;

    @BeforeEach
    void registerThirtyAdults() {
        vault = OpenVault.onSqlite();
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(30), false, n -> {});
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private StatisticsTable table(Caller caller, StatisticsDimension... by) {
        return vault.vault().privacy().statistics().table(caller, () -> List.of(by), AuditLog.newRequest());
    }

    private OptionalLong total() {
        return table(COUNTER).cells().get(0).count();
    }

    @Test
    void wholeDayIsToldWhatTheFirstWasTold() {
        assertThat(total()).hasValue(30);
        vault.register("'card':'LATE','name':{'family':'Late'}");
        assertThat(total()).hasValue(30);
        vault.restart();
        assertThat(total()).hasValue(30);
        assertThat(table(COUNTER, StatisticsDimension.LIBRARY).cells())
                .containsExactly(new StatisticsTable.Cell(List.of("NC"), OptionalLong.of(30)));
        vault.clock().advance(Duration.ofDays(1));
        assertThat(total()).hasValue(31);
        vault.register("'card':'LATER','name':{'family':'Later'}");
        vault.clock().advance(Duration.ofHours(-20));
        assertThat(total())
                .as("by a clock that was set back, or another node's")
                .hasValue(31);
        vault.clock().advance(Duration.ofHours(20));
        assertThat(total()).hasValue(31);
    }

    @Test
    void asJsonAndForASpreadsheet() {
        StatisticsTable table = table(COUNTER, StatisticsDimension.CATEGORY, StatisticsDimension.LIBRARY);
        assertThat(table.json().path("by")).extracting(node -> node.asText()).containsExactly("category", "library");
        assertThat(table.json().path("floor").asInt()).isEqualTo(10);
        assertThat(table.json().path("day").asText()).isEqualTo("2026-11-24");
        assertThat(table.json().path("cells").get(0))
                .hasToString("{\"category\":\"adult\",\"library\":\"NC\",\"count\":30}");
        assertThat(table.json().path("cells").get(1))
                .hasToString("{\"category\":\"juvenile\",\"library\":\"NC\",\"suppressed\":true}");
        assertThat(table.csv())
                .startsWith("category,library,count,suppressed\r\nadult,NC,30,false\r\njuvenile,NC,,true\r\n");
    }

    @Test
    void whoAskedIsInTheLogAndNobodysDataWasOpened() {
        long before = vault.logSize();
        StatisticsTable table = table(OpenVault.person("director"), StatisticsDimension.STATUS);
        List<AccessEvent> entries = vault.logSince(before);
        assertThat(entries).extracting(AccessEvent::act).containsOnly(ActKind.STATISTICS);
        assertThat(entries).extracting(AccessEvent::outcome).containsExactly(Outcome.WRITTEN, Outcome.SEARCHED);
        assertThat(entries).allMatch(entry -> entry.subjects().isEmpty());
        assertThat(table.entry()).isEqualTo(before + 1);
    }

    @Test
    void whoMayNotIsRefusedAndWhatIsNoTableToo() {
        for (String role : List.of("circulation", "supervisor", "outreach", "privacy-officer", "custodian", "admin")) {
            assertThatThrownBy(() -> table(OpenVault.person(role)))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
        }
        assertThatThrownBy(() -> table(COUNTER, StatisticsDimension.STATUS, StatisticsDimension.STATUS))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID));
        assertThat(vault.logSince(vault.logSize() - 1))
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.REFUSED);
    }

    @Test
    void copyOfTheDatabaseShowsNothingOfWhatWasCountedInTheMorning() throws Exception {
        assertThat(total()).hasValue(30);
        try (var connection = vault.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT body FROM authority WHERE kind = 'statistics'")) {
            row.next();
            JsonNode body = new ObjectMapper().readTree(row.getString(1));
            byte[] counts = Base64.getDecoder().decode(body.path("counts").asText());
            assertThat(body.fieldNames()).toIterable().containsExactly("day", "floor", "counts");
            assertThat(new String(counts, StandardCharsets.ISO_8859_1)).doesNotContain("adult", "juvenile");
        }
    }

    @Test
    void rowThatWasEditedIsRefused() throws Exception {
        assertThat(total()).hasValue(30);
        try (var connection = vault.connect();
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "UPDATE authority SET body = replace(body, '\"floor\":10', '\"floor\":1') WHERE kind = 'statistics'");
        }
        assertThatThrownBy(this::total).isInstanceOf(IntegrityException.class);
    }
}
