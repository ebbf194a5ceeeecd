package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.testing.CellView;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** Tests that a copy without leaks holds, and that a copy spoiled by any one mistake counts as broken. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag(LongRun.TAG)
final class SpoiltCopiesTest {
    /** More than the 256 values of a byte: fewer values are not tested for even bytes. */
    private static final int PATRONS = LongRun.times(300, 600);

    private Path copies;
    private Sample sample;
    private Path honest;
    private Plants plants;

    /** A planted mistake in a copy. */
    private interface Plant {
        void make(Connection copy) throws SQLException;
    }

    @BeforeAll
    void copyATown(@TempDir Path directory) throws IOException {
        copies = directory;
        try (OpenVault vault = OpenVault.onSqlite()) {
            LocalDate today = LocalDate.ofInstant(vault.clock().instant(), ZoneOffset.UTC);
            try (MadeUpPatrons people = new MadeUpPatrons(2018, PATRONS, today)) {
                vault.patrons().importer().run(OpenVault.person("admin"), people, false, n -> {});
            }
            SurnameSample.Drawn all = vault.vault()
                    .store()
                    .read(tx -> new SurnameSample(vault.patrons().parts())
                            .draw(
                                    tx,
                                    PATRONS,
                                    MadeUpPatrons.frequentSurnames(),
                                    vault.vault()
                                            .log()
                                            .event(
                                                    Actor.VAULT,
                                                    ActKind.LEAKAGE,
                                                    Outcome.DISCLOSED,
                                                    AuditLog.newRequest())
                                            .forPurpose(Purpose.CHECK),
                                    n -> {}));
            sample = new Sample(all.patrons(), all.surnames());
            AuditLog log = vault.vault().log();
            AccessEvent refused = log.event(
                    OpenVault.person("circulation").actor(), ActKind.SEARCH, Outcome.REFUSED, AuditLog.newRequest());
            log.record(refused.refusedFor(Problem.NOT_ALLOWED).counting(70));
            log.record(refused.alerting(Alert.SEQUENTIAL_CARDS));
            honest = copy(vault, "honest");
            log.record(log.event(
                            OpenVault.person("circulation").actor(),
                            ActKind.REVEAL,
                            Outcome.DISCLOSED,
                            AuditLog.newRequest())
                    .about(sample.patrons().get(0).toString())
                    .counting(1));
            plants = new Plants(sample, copy(vault, "about"));
        }
    }

    private Path copy(OpenVault vault, String name) throws IOException {
        Path file = Files.createFile(copies.resolve(name));
        StoreCopy.make(vault.vault().store(), file, bytes -> {});
        return file;
    }

    private List<Report.Game> play(Path file) {
        return play(file, sample);
    }

    private static List<Report.Game> play(Path file, Sample sample) {
        try (StoreCopy copy = StoreCopy.open(file)) {
            return copy.read(
                    tx -> new Games(tx, sample, MadeUpPatrons.frequentSurnames().size())
                            .play(Progress.UNSEEN)
                            .outcomes(OptionalLong.empty()));
        }
    }

    private Path spoilt(Plant plant) throws IOException, SQLException {
        Path file = Files.copy(honest, Files.createTempFile(copies, "spoilt", ""), StandardCopyOption.REPLACE_EXISTING);
        try (Connection connection = CellView.open("jdbc:sqlite:" + file)) {
            connection.setAutoCommit(false);
            plant.make(connection);
            connection.commit();
        }
        return file;
    }

    @Test
    void copyAsItIsHolds() {
        assertThat(play(honest))
                .allSatisfy(
                        game -> assertThat(game.verdict()).as(game.toString()).isEqualTo(Verdict.HOLDS));
    }

    @Test
    void operationMayNameThePatronUpToWhomItIsDoneAndNobodyElse() throws IOException, SQLException {
        String first = sample.patrons().get(0) + " 0";
        assertThat(game(play(spoilt(copy -> operation(copy, first))), "named").verdict())
                .isEqualTo(Verdict.HOLDS);
        assertThat(game(
                                play(spoilt(copy ->
                                        operation(copy, first + sample.patrons().get(1)))),
                                "named")
                        .verdict())
                .isEqualTo(Verdict.BROKEN);
    }

    private static void operation(Connection copy, String at) throws SQLException {
        try (PreparedStatement write = copy.prepareStatement("INSERT INTO authority (kind, name, generation, body, mac)"
                + " VALUES ('operation', 'one', 1, ?, randomblob(32))")) {
            write.setString(1, "{\"at\":\"" + at + "\"}");
            write.execute();
        }
    }

    @Test
    void numberOfSomebodyErasedIsToldInEachFormThoughNobodyIsOpened() throws IOException, SQLException {
        List<String> forms =
                List.of("4214271802710872820", "xyz3a7c19e05b86d2f400", "3a7c19e05b86d2f4", "3A7C19E05B86D2F4");
        for (String form : forms.subList(0, LongRun.times(2, forms.size()))) {
            Report.Game found =
                    game(play(spoilt(copy -> erasedInClear(copy, "{\"of\":\"" + form + "\"}")), Sample.NONE), "named");
            assertThat(found.verdict()).as(form).isEqualTo(Verdict.BROKEN);
            assertThat(found.says()).contains("authority.body");
        }
        Report.Game game = game(play(spoilt(copy -> erasedInClear(copy, "{\"of\":\"3a7c19e05b86d2f5\"}"))), "named");
        assertThat(game.verdict()).as(game.toString()).isEqualTo(Verdict.HOLDS);
    }

    /** A tombstone, and a row of authority that says something. */
    private static void erasedInClear(Connection copy, String says) throws SQLException {
        try (Statement bury = copy.createStatement()) {
            bury.execute("INSERT INTO patron_tombstone (id, version) VALUES (4214271802710872820, 2)");
        }
        try (PreparedStatement write = copy.prepareStatement("INSERT INTO authority (kind, name, generation, body, mac)"
                + " VALUES ('limit', 'y', 1, ?, randomblob(32))")) {
            write.setString(1, says);
            write.execute();
        }
    }

    @Test
    void entryOfTheLogAboutSomebodyWhoIsNotOfTheSampleIsTold() throws IOException, SQLException {
        Report.Game game = game(play(spoilt(plants::entriesAbout), sample.first(1)), "named");
        assertThat(game.verdict()).isEqualTo(Verdict.BROKEN);
        assertThat((Map<?, ?>) game.figures().get("rows")).isEqualTo(Map.of("access_log.leaf", (long) PATRONS));
    }

    @Test
    void namesThatDoNotOpenAreToldAndWhereNoneDoesTheGamesAreBroken() {
        Sample less = new Sample(sample.patrons(), sample.surnames(), 3);
        assertThat(played(less)).allSatisfy(game -> {
            assertThat(game.verdict()).isEqualTo(Verdict.HOLDS);
            assertThat(game.figures()).containsEntry("unreadable", 3);
            assertThat(game.says()).contains("The names of 3 more");
        });
        assertThat(played(new Sample(List.of(), new int[0], 3)))
                .allSatisfy(game -> assertThat(game.verdict()).isEqualTo(Verdict.BROKEN));
    }

    private List<Report.Game> played(Sample drawn) {
        List<Report.Game> games = play(honest, drawn);
        return List.of(game(games, "ranks"), game(games, "pairs"));
    }

    @Test
    void tableThatNobodyKnowsDoesNotHideWhatIsThereTwice() throws IOException, SQLException {
        assertThat(game(play(spoilt(plants::analyzed)), "repeats").says())
                .contains("sqlite_stat1.stat", "more often than chance has it, in search_index.label");
    }

    @Test
    void shortValuesInClearThatTellASurnameAreCountedAsShown() throws IOException, SQLException {
        Path file = spoilt(copy -> {
            try (PreparedStatement write = copy.prepareStatement("UPDATE patron SET library = ? WHERE id = ?")) {
                for (int place = 0; place < PATRONS; place++) {
                    write.setString(1, "L" + sample.surnames()[place]);
                    write.setLong(2, sample.patrons().get(place).number());
                    write.addBatch();
                }
                write.executeBatch();
            }
        });
        Map<?, ?> shown = (Map<?, ?>) game(play(file), "pairs").figures().get("shown");
        assertThat((double) shown.get("area")).isGreaterThan(0.9);
    }

    @Test
    void valuesOfATableThatNobodyKnowsAreNotPrinted() throws IOException, SQLException {
        Path file = spoilt(copy -> {
            try (Statement make = copy.createStatement()) {
                make.execute("CREATE TABLE recent_search (field TEXT, kind TEXT, patron INTEGER)");
                make.execute("INSERT INTO recent_search SELECT 'Smithson', 'Smithson', id FROM patron");
            }
        });
        assertThat(play(file).toString()).contains("recent_search.field").doesNotContain("Smithson");
    }

    @Test
    void kindOfRowThatNobodyKnowsIsNotPrinted() throws IOException, SQLException {
        assertThat(play(spoilt(plants::rowOfNoKnownKind)).toString())
                .contains("authority.kind")
                .doesNotContain("Smithson");
    }

    @TestFactory
    Stream<DynamicTest> copyThatIsSpoiltIsCalledBroken() {
        Stream<DynamicTest> always = Stream.of(
                broken("repeats", "search_index.label", "labels of a term that begin alike", plants::labelsBeginAlike),
                broken("repeats", "patron.name", "a hash of the surname in six bytes", plants::surnameHashed),
                broken("repeats", "patron.name", "a byte of the surname", plants::surnameInOneByte),
                broken("repeats", "patron.labels, search_index.label", "labels in clear", plants::labelsInClear),
                broken(
                        "named",
                        "authority.body",
                        "who looked at whom in clear, one patron a row",
                        plants::looksInClear),
                broken("repeats", "authority.kind", "a row of no known kind", plants::rowOfNoKnownKind),
                broken("repeats", "patron.registered", "words for a month", plants::wordsForAMonth),
                broken(
                        "repeats",
                        "version of the key",
                        "a key version that says the surname",
                        plants::keyVersionOfTheSurname),
                broken("repeats", "(what it is about)", "a search about a hash of the surname", plants::searchesAbout),
                broken("named", "access_log.leaf", "an entry about a patron's number", plants::entriesAbout),
                broken("named", "access_log.leaf", "patrons of entries in clear", plants::subjectsInClear));
        // Each of these is found in the way of one above.
        Stream<DynamicTest> inTheLongRun = Stream.of(
                broken("repeats", "drop them", "statistics of the database", plants::analyzed),
                broken("repeats", "search_index.value", "a byte for what is no entry", plants::kindsOfEntries),
                broken("repeats", "vault_fact.name", "a fact of no known name", plants::factOfNoKnownName),
                broken("repeats", "patron.expires", "a day that there is not", plants::wordsForADay),
                broken(
                        "repeats",
                        "patron.name",
                        "a key version of its own for each",
                        plants::keyVersionOfItsOwnForEach),
                broken("repeats", "(how many it counts)", "a search that counts", plants::searchesAbout));
        return LongRun.ON ? Stream.concat(always, inTheLongRun) : always;
    }

    private DynamicTest broken(String game, String column, String what, Plant plant) {
        return DynamicTest.dynamicTest(what, () -> {
            Report.Game judged = game(play(spoilt(plant)), game);
            assertThat(judged.verdict()).as(judged.toString()).isEqualTo(Verdict.BROKEN);
            assertThat(judged.says()).contains(column);
        });
    }

    private static Report.Game game(List<Report.Game> games, String name) {
        return games.stream()
                .filter(game -> game.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
