package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.LeafInClear;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronId;
import org.patronvault.patron.SurnameSample;
import org.patronvault.store.StoreCopy;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/** A copy that says nothing holds, and one spoilt in each way in which a mistake might spoil it is called broken. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SpoiltCopiesTest {
    private static final int PATRONS = 600;

    private Path copies;
    private Sample sample;
    private Path honest;
    private Path leaf;

    /** Makes of a copy what should not be. */
    private interface Plant {
        void make(Connection copy) throws SQLException;
    }

    /** What stands in the place of a value of the patron of that place in the sample. */
    private interface Change {
        void of(int place, byte[] value);
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
                    .read(tx -> vault.patrons()
                            .surnames()
                            .draw(
                                    tx,
                                    PATRONS,
                                    MadeUpPatrons.frequentSurnames(),
                                    vault.vault()
                                            .log()
                                            .event(Actor.VAULT, Act.LEAKAGE, Outcome.DISCLOSED, AuditLog.newRequest()),
                                    n -> {}));
            sample = new Sample(all.patrons(), all.surnames());
            honest = copy(vault, "honest");
            AuditLog log = vault.vault().log();
            log.appendAndWait(Unit.of(log.event(
                            OpenVault.person("circulation").actor(),
                            Act.REVEAL,
                            Outcome.DISCLOSED,
                            AuditLog.newRequest())
                    .about(sample.patrons().get(0).toString())));
            leaf = copy(vault, "about");
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
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
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
        assertThat(game(play(spoilt(this::analyzed)), "repeats").says())
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

    @TestFactory
    Stream<DynamicTest> copyThatIsSpoiltIsCalledBroken() {
        return Stream.of(
                broken("repeats", "drop them", "statistics of the database", this::analyzed),
                broken("repeats", "search_index.label", "labels of a term that begin alike", this::labelsBeginAlike),
                broken("repeats", "patron_value.envelope", "a hash of the surname in six bytes", this::surnameHashed),
                broken("repeats", "patron_value.envelope, search_index.label", "labels in clear", this::labelsInClear),
                broken("named", "authority.body", "who looked at whom in clear, one patron a row", this::looksInClear),
                broken(
                        "named",
                        "access_log.leaf",
                        "an entry about a patron's number",
                        copy -> leaves(copy, this::aboutWhom)),
                broken(
                        "named",
                        "access_log.leaf",
                        "patrons of entries in clear",
                        copy -> leaves(copy, this::subjects)));
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

    private void analyzed(Connection copy) throws SQLException {
        labelsBeginAlike(copy);
        try (Statement statement = copy.createStatement()) {
            statement.execute("ANALYZE");
        }
    }

    private void looksInClear(Connection copy) throws SQLException {
        try (PreparedStatement write = copy.prepareStatement(
                "INSERT INTO authority (kind, name, generation, body, mac) VALUES ('recent', ?, 1, ?, randomblob(32))")) {
            for (int place = 0; place < PATRONS; place++) {
                write.setString(1, "clerk" + place);
                write.setString(
                        2,
                        "{\"actor\":\"clerk\",\"lookedAt\":\""
                                + sample.patrons().get(place) + "\"}");
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    private static List<byte[]> labels(Connection copy) throws SQLException {
        try (Statement statement = copy.createStatement();
                ResultSet rows = statement.executeQuery("SELECT label FROM search_index")) {
            List<byte[]> labels = new ArrayList<>();
            while (rows.next()) {
                labels.add(rows.getBytes(1));
            }
            Collections.shuffle(labels, new Random(PATRONS));
            return labels;
        }
    }

    private byte[] hash(int place) {
        byte[] hash = new byte[6];
        new Random(77L * sample.surnames()[place]).nextBytes(hash);
        return hash;
    }

    private void labelsBeginAlike(Connection copy) throws SQLException {
        List<byte[]> labels = labels(copy);
        try (PreparedStatement write = copy.prepareStatement("UPDATE search_index SET label = ? WHERE label = ?")) {
            for (int place = 0; place < PATRONS; place++) {
                byte[] made = labels.get(place).clone();
                System.arraycopy(hash(place), 0, made, 0, 6);
                write.setBytes(1, made);
                write.setBytes(2, labels.get(place));
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    private void surnameHashed(Connection copy) throws SQLException {
        change(copy, "name", (place, envelope) -> System.arraycopy(hash(place), 0, envelope, 150, 6));
    }

    private void labelsInClear(Connection copy) throws SQLException {
        List<byte[]> labels = labels(copy);
        change(copy, "labels", (place, envelope) -> {
            ByteBuffer end = ByteBuffer.wrap(envelope).position(envelope.length - 640);
            labels.subList(40 * place, 40 * place + 40).forEach(end::put);
        });
    }

    /** Changes that value of every patron. */
    private void change(Connection copy, String field, Change change) throws SQLException {
        try (PreparedStatement read =
                        copy.prepareStatement("SELECT envelope FROM patron_value WHERE patron = ? AND field = ?");
                PreparedStatement write =
                        copy.prepareStatement("UPDATE patron_value SET envelope = ? WHERE patron = ? AND field = ?")) {
            for (int place = 0; place < PATRONS; place++) {
                read.setLong(1, sample.patrons().get(place).number());
                read.setString(2, field);
                try (ResultSet row = read.executeQuery()) {
                    byte[] envelope = row.getBytes(1);
                    change.of(place, envelope);
                    write.setBytes(1, envelope);
                }
                write.setLong(2, sample.patrons().get(place).number());
                write.setString(3, field);
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    /** Adds an entry for each patron, made of one that is genuine but for what stands in it in clear. */
    private void leaves(Connection copy, Change change) throws SQLException {
        byte[] genuine = genuine();
        try (PreparedStatement write = copy.prepareStatement("INSERT INTO access_log (idx, leaf) VALUES (?, ?)")) {
            for (int place = 0; place < PATRONS; place++) {
                byte[] made = genuine.clone();
                change.of(place, made);
                write.setLong(1, 1_000_000 + place);
                write.setBytes(2, made);
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    /** The entry that is about the first patron of the sample. */
    private byte[] genuine() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + leaf);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT leaf FROM access_log ORDER BY idx DESC LIMIT 1")) {
            return row.getBytes(1);
        }
    }

    private void aboutWhom(int place, byte[] made) {
        hide(made, place);
        put(made, ascii(sample.patrons().get(0)), ascii(sample.patrons().get(place)));
    }

    private void subjects(int place, byte[] made) {
        put(made, ascii(sample.patrons().get(0)), ascii(new PatronId(place)));
        byte[] sealed = hide(made, place);
        byte[] record = Arrays.copyOf(sealed, sealed.length);
        ByteBuffer.wrap(record)
                .position(sealed.length - 10)
                .putLong(sample.patrons().get(place).number());
        put(made, sealed, record);
    }

    /** Puts other random bytes where the patrons of the entry are sealed, and returns them. */
    private static byte[] hide(byte[] made, int place) {
        byte[] random = LeafInClear.of(made).sealed();
        byte[] before = random.clone();
        new Random(place).nextBytes(random);
        random[0] = before[0];
        put(made, before, random);
        return random;
    }

    private static byte[] ascii(PatronId patron) {
        return patron.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void put(byte[] into, byte[] before, byte[] after) {
        for (int at = 0; at + before.length <= into.length; at++) {
            if (Arrays.equals(into, at, at + before.length, before, 0, before.length)) {
                System.arraycopy(after, 0, into, at, after.length);
                return;
            }
        }
        throw new IllegalArgumentException("not there");
    }
}
