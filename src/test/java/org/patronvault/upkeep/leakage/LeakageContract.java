package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/**
 * Tests, for either store, of what a thief learns of a town's patrons, and of the log's entries about the measurement.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LeakageContract {
    static final int PATRONS = LongRun.times(300, 600);

    OpenVault vault;

    abstract OpenVault open();

    @BeforeAll
    void importATown() {
        vault = open();
        LocalDate today = LocalDate.ofInstant(vault.clock().instant(), ZoneOffset.UTC);
        try (MadeUpPatrons people = new MadeUpPatrons(2018, PATRONS, today)) {
            vault.patrons().importer().run(OpenVault.person("admin"), people, false, n -> {});
        }
    }

    @AfterAll
    void close() {
        vault.close();
    }

    final Report play(int sample) {
        return new ThiefGames(vault.vault()).play(sample);
    }

    final LeakageReport list() {
        return vault.leakage().run(OpenVault.person("custodian"), Progress.UNSEEN);
    }

    final void run(String sql) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void thiefOfATownWinsNoGame() {
        Report report = play(ThiefGames.SAMPLE);
        assertThat(report.games())
                .extracting(Report.Game::name)
                .containsExactly("repeats", "counts", "lengths", "named", "ranks", "pairs", "two-snapshots");
        assertThat(report.games())
                .allSatisfy(game -> assertThat(game.verdict())
                        .as(game.toString())
                        .isEqualTo(game.name().equals("two-snapshots") ? Verdict.NOT_PLAYED : Verdict.HOLDS));
        assertThat(report.patrons()).isEqualTo(PATRONS);
        assertThat(report.game("counts").figures())
                .containsEntry("patrons", (long) PATRONS)
                .containsEntry("values", 7L * PATRONS)
                .containsEntry("indexEntries", 40L * PATRONS);
        assertThat(report.game("named").figures())
                .containsEntry("patrons", PATRONS)
                .containsEntry("everybody", PATRONS);
    }

    @Test
    void listOfATownNamesWhatACopyShowsAndCountsIt() {
        LeakageReport report = list();
        assertThat(report.faults()).isEmpty();
        assertThat(report.ok()).isTrue();
        assertThat(report.shows())
                .extracting(LeakageReport.Fact::name)
                .containsExactly(
                        "patrons",
                        "library",
                        "category",
                        "status",
                        "expires",
                        "registered",
                        "written",
                        "keys",
                        "view",
                        "staff");
        assertThat(shown(report, "keys")).extractingByKey("values").asString().contains("name 1=" + PATRONS);
        assertThat(shown(report, "view")).containsKey("pages");
        LeakageReport.Column names = report.columns().get("patron.name");
        assertThat(names.kind()).isEqualTo("random");
        assertThat(names.values()).isEqualTo(PATRONS);
        assertThat(names.lengths().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(PATRONS);
        assertThat(names.repeats()).isZero();
    }

    private static Map<String, Object> shown(LeakageReport report, String name) {
        return report.shows().stream()
                .filter(fact -> fact.name().equals(name))
                .findFirst()
                .orElseThrow()
                .counts();
    }

    @Test
    void listOpensNobodyAndIsOneEntry() {
        long before = vault.logSize();
        assertThat(list().ok()).isTrue();
        assertThat(vault.logSince(before)).singleElement().satisfies(entry -> {
            assertThat(entry.act()).isEqualTo(ActKind.LEAKAGE);
            assertThat(entry.purpose()).contains(Purpose.CHECK);
            assertThat(entry.actor().role()).isEqualTo("custodian");
            assertThat(entry.outcome()).isEqualTo(Outcome.VERIFIED);
            assertThat(entry.subjects()).isEmpty();
        });
    }

    @Test
    void withoutASampleTwoGamesAreNotPlayed() {
        assertThat(play(0).games().stream()
                        .filter(game -> game.verdict() == Verdict.NOT_PLAYED)
                        .map(Report.Game::name))
                .containsExactly("ranks", "pairs", "two-snapshots");
    }

    @Test
    void thatFreePagesAndTheWriteAheadLogAreNotReadIsSaid() {
        assertThat(list().remarks()).anySatisfy(remark -> assertThat(remark).contains("Free pages", "write-ahead log"));
    }

    @Test
    void custodianAndPrivacyOfficerMayAskAndNobodyElse() {
        for (String role : List.of("circulation", "supervisor", "director", "outreach", "admin", "page")) {
            Caller caller = OpenVault.person(role);
            assertThatThrownBy(() -> vault.leakage().run(caller, Progress.UNSEEN))
                    .as(role)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.problem()).isEqualTo(Problem.NOT_ALLOWED));
        }
        assertThat(vault.leakage()
                        .run(OpenVault.person("privacy-officer"), Progress.UNSEEN)
                        .ok())
                .isTrue();
    }

    @Test
    void tableThatTheVaultDidNotMakeIsAFault() {
        run("CREATE TABLE notes_of_somebody (patron BIGINT, note TEXT)");
        try {
            LeakageReport report = list();
            assertThat(report.ok()).isFalse();
            assertThat(report.faults())
                    .extracting(LeakageReport.Fault::column, LeakageReport.Fault::what)
                    .containsExactly(
                            tuple("notes_of_somebody.patron", "unknown-column"),
                            tuple("notes_of_somebody.note", "unknown-column"));
            assertThat(report.columns().get("notes_of_somebody.note").kind()).isEqualTo("unknown");
            assertThat(play(0).game("repeats").verdict()).isEqualTo(Verdict.BROKEN);
        } finally {
            run("DROP TABLE notes_of_somebody");
        }
    }
}
