package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.sql.CatalogRows;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Games;
import org.patronvault.upkeep.leakage.PairScores;
import org.patronvault.upkeep.leakage.Sample;

/**
 * Tests that a copy of the database, after many searches by surname, does not show which patrons share one (promise 2).
 * The tests are games of guessing. They are won on copies with unencrypted data, or with patrons in the order of
 * accesses. So a lost game is no fault of the game.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StolenCopyTest {
    /** The deviation that chance may cause, in standard deviations: more occurs once in over a million runs. */
    private static final int DEVIATIONS = 5;

    private static final int DEALS = 200;
    private static final int TAG_OF_SUBJECTS = 17;
    private static final long SEED = 2018;

    private SearchedTown town;
    private Map<Long, Set<PatronId>> shown;
    private List<AccessEvent> log;
    private Path files;
    private StolenCopy copy;
    private Games games;

    @BeforeAll
    void searchAndTakeACopy(@TempDir Path copies) throws Exception {
        files = copies.resolve("stolen");
        try (OpenVault vault = OpenVault.onSqlite()) {
            town = new SearchedTown(vault, SEED);
            shown = town.search();
            log = vault.logSince(0);
            try (Connection reader = vault.connect();
                    Statement statement = reader.createStatement()) {
                // While a read transaction is open, the write-ahead log is not restarted during the copy.
                statement.execute("BEGIN");
                statement.executeQuery("SELECT size FROM log_head").close();
                StolenCopy.take(vault.home().database(), files);
            }
        }
        copy = StolenCopy.in(files);
        games = play(copy);
    }

    private Games play(StolenCopy stolen) {
        Sample sample = new Sample(town.patrons(), town.surnames());
        Games played = stolen.read(tx -> new Games(tx, sample, 0).play(Progress.UNSEEN));
        stolen.pages().forEach(played.together()::page);
        return played;
    }

    private double area(PairScores scores) {
        return scores.ranked().area(town.surnames());
    }

    /** Another copy, to which {@code change} adds a leak. */
    private Games spoilt(Path directory, Change change) throws SQLException {
        StolenCopy.take(files.resolve("vault.db"), directory);
        try (Connection connection = StolenCopy.connect(directory)) {
            connection.setAutoCommit(false);
            change.make(connection);
            connection.commit();
        }
        return play(StolenCopy.in(directory));
    }

    /** A change of a database. */
    private interface Change {
        void make(Connection connection) throws SQLException;
    }

    @Test
    void everyNameThatASearchShowedIsInTheLog() {
        assertThat(shown).hasSize(SearchedTown.SEARCHES);
        shown.forEach((entry, patrons) -> {
            AccessEvent event = log.get(entry.intValue());
            assertThat(event.act()).isEqualTo(ActKind.SEARCH);
            assertThat(event.outcome()).isEqualTo(Outcome.DISCLOSED);
            assertThat(event.subjects().stream()
                            .filter(subject -> subject.fields().contains(PatronField.NAME))
                            .map(Subject::patron)
                            .collect(Collectors.toSet()))
                    .isEqualTo(patrons)
                    .isNotEmpty();
        });
    }

    @Test
    void whoSharesASurnameIsNotToldByWhatStandsInOneRow() {
        assertThat(games.together().byRows().sum()).isZero();
        assertNoBetterThanChance(games.together().byWhatIsShown());
    }

    @Test
    void whoSharesASurnameIsNotToldByWhatIsWrittenInOnePlace() {
        assertNoBetterThanChance(games.together().byPlaces());
    }

    private void assertNoBetterThanChance(PairScores scores) {
        assertThat(scores.sum()).as("pairs that were seen").isPositive();
        PairScores.Ranking ranking = scores.ranked();
        double spread = ranking.spread(town.surnames(), DEALS, new Random(SEED));
        assertThat(spread).isLessThan(0.02);
        assertThat(ranking.area(town.surnames())).isCloseTo(0.5, within(DEVIATIONS * spread));
    }

    @Test
    void nothingSealedNoLabelAndNoMacIsThereTwice() {
        assertThat(copy.read(tx -> tx.catalogue().tables()).stream().map(CatalogRows.Table::name))
                .contains(
                        "access_log",
                        "patron",
                        "search_index",
                        "authority",
                        "limit_seen",
                        "idempotency",
                        "log_tile",
                        "log_checkpoint");
        assertThat(games.repeats().recurring()).isEmpty();
    }

    /** The stored entries of the searches. */
    private Map<Long, byte[]> leaves() {
        return copy.read(tx -> shown.keySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry, entry -> tx.log().leaf(entry).orElseThrow())));
    }

    @Test
    void entriesOfSearchesHaveTheLengthOfOnePatronOrOfMany() {
        Map<Long, byte[]> leaves = leaves();
        Map<Boolean, Set<Integer>> lengths = shown.entrySet().stream()
                .collect(Collectors.partitioningBy(
                        search -> search.getValue().size() > 1,
                        Collectors.mapping(
                                search -> LeafInClear.of(leaves.get(search.getKey()))
                                        .sealed()
                                        .length,
                                Collectors.toSet())));
        assertThat(lengths.get(false)).hasSize(1);
        assertThat(lengths.get(true)).hasSize(1);
    }

    @Test
    void answersKeptForWritesThatAreRepeatedHaveOneLengthHoweverManyPatronsWereSimilar() throws SQLException {
        try (Connection connection = StolenCopy.connect(files);
                Statement statement = connection.createStatement();
                ResultSet lengths =
                        statement.executeQuery("SELECT count(*), count(DISTINCT length(answer)) FROM idempotency")) {
            assertThat(lengths.getInt(1)).isPositive();
            assertThat(lengths.getInt(2)).isEqualTo(1);
        }
    }

    @Test
    void whoSharesASurnameIsToldOncePatronsLieInClearInTheLog(@TempDir Path directory) throws SQLException {
        Map<Long, byte[]> leaves = leaves();
        Games won = spoilt(directory, connection -> {
            try (PreparedStatement write =
                    connection.prepareStatement("UPDATE access_log SET leaf = ? WHERE idx = ?")) {
                for (long entry : shown.keySet()) {
                    write.setBytes(1, withSubjects(leaves.get(entry), numbers(log.get((int) entry))));
                    write.setLong(2, entry);
                    write.addBatch();
                }
                write.executeBatch();
            }
        });
        assertThat(area(won.together().byRows())).isGreaterThan(0.9);
        assertThat(won.repeats().recurring()).containsExactly("access_log.leaf");
    }

    /** The entry with other bytes in place of its sealed member. */
    private static byte[] withSubjects(byte[] leaf, byte[] subjects) {
        CanonicalReader in = CanonicalReader.of(leaf);
        CanonicalBytes out = CanonicalBytes.plain().u8(in.u8());
        while (in.remaining() > 0) {
            int tag = in.u8();
            byte[] value = in.lp();
            out.u8(tag).lp(tag == TAG_OF_SUBJECTS ? subjects : value);
        }
        return out.bytes();
    }

    /** The patrons of an entry, padded to the most there can be. */
    private static byte[] numbers(AccessEvent event) {
        ByteBuffer numbers = ByteBuffer.allocate(AccessEvent.MAX_SUBJECTS * Long.BYTES);
        event.subjects().forEach(subject -> numbers.putLong(subject.patron().number()));
        return numbers.array();
    }

    @Test
    void whoSharesASurnameIsToldOncePatronsLieInTheOrderOfLooks(@TempDir Path directory) throws SQLException {
        Games won = spoilt(directory, connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE seen_lately (patron INTEGER NOT NULL)");
            }
            try (PreparedStatement write = connection.prepareStatement("INSERT INTO seen_lately VALUES (?)")) {
                for (AccessEvent event : log) {
                    for (Subject subject : event.act() == ActKind.SEARCH ? event.subjects() : List.<Subject>of()) {
                        write.setLong(1, subject.patron().number());
                        write.addBatch();
                    }
                }
                write.executeBatch();
            }
        });
        assertThat(area(won.together().byPlaces())).isGreaterThan(0.9);
    }
}
