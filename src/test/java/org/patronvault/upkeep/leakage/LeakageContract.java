package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
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

    final Report measure(int sample) {
        return vault.leakage()
                .run(OpenVault.person("custodian"), new Leakage.Asked(sample, Optional.empty()), Progress.UNSEEN);
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
    void nothingButTheListIsLearntOfATown() {
        Report report = measure(Leakage.SAMPLE);
        assertThat(report.games())
                .extracting(Report.Game::name)
                .containsExactly("repeats", "counts", "lengths", "named", "ranks", "pairs", "two-snapshots");
        assertThat(report.games())
                .allSatisfy(game -> assertThat(game.verdict())
                        .as(game.toString())
                        .isEqualTo(game.name().equals("two-snapshots") ? Verdict.NOT_PLAYED : Verdict.HOLDS));
        assertThat(report.ok()).isTrue();
        assertThat(report.patrons()).isEqualTo(PATRONS);
        assertThat(report.game("counts").figures())
                .containsEntry("patrons", (long) PATRONS)
                .containsEntry("values", 7L * PATRONS)
                .containsEntry("indexEntries", 40L * PATRONS);
        assertThat(report.learns())
                .extracting(Report.Learned::what)
                .containsExactly(
                        "patrons",
                        "library",
                        "category",
                        "status",
                        "expires",
                        "registered",
                        "written",
                        "lengths",
                        "keys",
                        "view",
                        "staff");
        assertThat(report.columns().values()).extracting(Report.Column::kind).doesNotContain("unknown");
        assertThat(report.game("named").figures())
                .containsEntry("patrons", PATRONS)
                .containsEntry("everybody", PATRONS);
        assertThat(learnt(report, "keys")).extractingByKey("values").asString().contains("name 1=" + PATRONS);
        assertThat(learnt(report, "view")).containsKey("pages");
    }

    private static Map<String, Object> learnt(Report report, String what) {
        return report.learns().stream()
                .filter(learned -> learned.what().equals(what))
                .findFirst()
                .orElseThrow()
                .figures();
    }

    @Test
    void surnamesAreOpenedAfterTheLogSaysWhoseTwentyAtATime() {
        long before = vault.logSize();
        assertThat(measure(100).patrons()).isEqualTo(100);
        List<AccessEvent> entries = vault.logSince(before);
        assertThat(entries).hasSize(7).allSatisfy(entry -> {
            assertThat(entry.act()).isEqualTo(ActKind.LEAKAGE);
            assertThat(entry.purpose()).contains(Purpose.CHECK);
            assertThat(entry.request()).isEqualTo(entries.get(0).request());
        });
        AccessEvent first = entries.get(0);
        assertThat(first.actor().role()).isEqualTo("custodian");
        assertThat(first.outcome()).isEqualTo(Outcome.COUNTED);
        assertThat(first.count()).isEqualTo(OptionalLong.of(100));
        List<AccessEvent> opened = entries.subList(1, 6);
        assertThat(opened).allSatisfy(entry -> {
            assertThat(entry.outcome()).isEqualTo(Outcome.DISCLOSED);
            assertThat(entry.actor().kind()).isEqualTo(Actor.Kind.VAULT);
            assertThat(entry.fields()).isEqualTo(Set.of(PatronField.NAME));
        });
        Set<PatronId> patrons = opened.stream()
                .flatMap(entry -> entry.subjects().stream())
                .map(subject -> subject.patron())
                .collect(Collectors.toSet());
        assertThat(patrons).hasSize(100);
        AccessEvent last = entries.get(6);
        assertThat(last.actor().role()).isEqualTo("custodian");
        assertThat(last.outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(last.count()).isEqualTo(OptionalLong.of(100));
        assertThat(last.subjects()).isEmpty();
    }

    @Test
    void withoutASampleNobodyIsOpenedAndTwoGamesAreNotPlayed() {
        long before = vault.logSize();
        Report report = measure(0);
        assertThat(vault.logSince(before)).hasSize(1);
        assertThat(report.ok()).isTrue();
        assertThat(report.games().stream()
                        .filter(game -> game.verdict() == Verdict.NOT_PLAYED)
                        .map(Report.Game::name))
                .containsExactly("ranks", "pairs", "two-snapshots");
    }

    @Test
    void sampleOfSoFewThatTheFiguresWouldTellTheirSurnameIsRefused() {
        for (int few : new int[] {-1, 1, 2, 99, Leakage.MAX_SAMPLE + 1}) {
            assertThatThrownBy(() -> new Leakage.Asked(few, Optional.empty()))
                    .as("%d", few)
                    .isInstanceOfSatisfying(Refused.class, refused -> {
                        assertThat(refused.problem()).isEqualTo(Problem.INVALID);
                        assertThat(refused).hasMessageContaining("--sample must be 0, or 100 to 100000");
                    });
        }
        assertThat(new Leakage.Asked(100, Optional.empty()).sample()).isEqualTo(100);
    }

    @Test
    void thatFreePagesAndTheWriteAheadLogAreNotReadIsSaid() {
        assertThat(measure(0).remarks())
                .anySatisfy(remark -> assertThat(remark).contains("gave free", "write-ahead log"));
    }

    @Test
    void custodianAndPrivacyOfficerMayAskAndNobodyElse() {
        for (String role : List.of("circulation", "supervisor", "director", "outreach", "admin", "page")) {
            Caller caller = OpenVault.person(role);
            assertThatThrownBy(
                            () -> vault.leakage().run(caller, new Leakage.Asked(0, Optional.empty()), Progress.UNSEEN))
                    .as(role)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.problem()).isEqualTo(Problem.NOT_ALLOWED));
        }
        Report report = vault.leakage()
                .run(OpenVault.person("privacy-officer"), new Leakage.Asked(0, Optional.empty()), Progress.UNSEEN);
        assertThat(report.ok()).isTrue();
    }

    @Test
    void tableThatNobodyAccountedForIsTold() {
        run("CREATE TABLE notes_of_somebody (patron BIGINT, note TEXT)");
        try {
            Report report = measure(0);
            assertThat(report.ok()).isFalse();
            assertThat(report.game("repeats").verdict()).isEqualTo(Verdict.BROKEN);
            assertThat(report.game("repeats").says()).contains("notes_of_somebody.note");
            assertThat(report.columns().get("notes_of_somebody.note").kind()).isEqualTo("unknown");
        } finally {
            run("DROP TABLE notes_of_somebody");
        }
    }
}
