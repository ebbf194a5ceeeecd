package org.patronvault.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.IndexRows;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/** Tests that an import with staging leaves the index as separate registrations would. */
final class StagingTest {
    private static final IndexTerm SMITH = new IndexTerm(TermClass.FAMILY, "smith");
    private static final IndexTerm JONES = new IndexTerm(TermClass.FAMILY, "jones");

    private OpenVault vault;
    private EncryptedIndex index;
    private long nextPatron;

    @BeforeEach
    void openVault() {
        vault = OpenVault.onSqlite();
        index = index();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private EncryptedIndex index() {
        return new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
    }

    /** Stores a number of patrons, all named Smith, and each with a card of their own. */
    private void put(WriteTx tx, int count) {
        put(tx, SMITH, count);
    }

    private void put(WriteTx tx, IndexTerm family, int count) {
        index.put(
                tx,
                LongStream.rangeClosed(nextPatron + 1, nextPatron + count)
                        .mapToObj(n -> index.prepare(new PatronId(n), 1, terms("C" + n, family)))
                        .toList());
        nextPatron += count;
    }

    /** Stores patrons with one call each, and three calls in a unit, since each unit waits for the disk. */
    private void putOneByOne(int count) {
        for (int n = 0; n < count; n += 3) {
            vault.inUnit(tx -> {
                put(tx, 1);
                put(tx, 1);
                put(tx, 1);
            });
        }
    }

    private static List<IndexedTerm> terms(String card) {
        return terms(card, SMITH);
    }

    private static List<IndexedTerm> terms(String card, IndexTerm family) {
        return List.of(IndexedTerm.current(new IndexTerm(TermClass.CARD, card)), IndexedTerm.current(family));
    }

    private void endStaging() {
        vault.inUnit(index::merge);
        index.endStaging();
    }

    private List<Long> found(IndexTerm term) {
        return vault.vault().store().read(tx -> index.in(tx).find(term, 1_000)).stream()
                .map(posting -> posting.patron().number())
                .toList();
    }

    private static List<Long> newestFirst(long last) {
        return LongStream.iterate(last, n -> n > 0, n -> n - 1).boxed().toList();
    }

    private long rows(String table) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table)) {
            count.next();
            return count.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void stagedEntriesGoOnFromThoseInTheIndexAndAreFoundOnceMerged() {
        vault.inUnit(tx -> put(tx, 3));
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 70));
        vault.inUnit(tx -> put(tx, 40));
        assertThat(found(SMITH)).isEqualTo(newestFirst(3));
        assertThat(rows("search_index_staged")).isGreaterThan(2);

        endStaging();

        assertThat(rows("search_index_staged")).isZero();
        assertThat(rows("search_index")).isEqualTo(113 * EncryptedIndex.ENTRIES);
        assertThat(found(SMITH)).isEqualTo(newestFirst(113));
        IntStream.rangeClosed(1, 113)
                .forEach(n -> assertThat(found(new IndexTerm(TermClass.CARD, "C" + n)))
                        .containsExactly((long) n));
        vault.inUnit(tx -> put(tx, 2));
        assertThat(found(SMITH)).isEqualTo(newestFirst(115));
    }

    @Test
    void unitThatIsUndoneTakesItsNumbersWithIt() {
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 5));
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    put(tx, 7);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        nextPatron = 5;
        vault.inUnit(tx -> put(tx, 4));
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    index.merge(tx);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        vault.inUnit(tx -> put(tx, 2));
        endStaging();
        assertThat(found(SMITH)).isEqualTo(newestFirst(11));
        assertThat(rows("search_index")).isEqualTo(11 * EncryptedIndex.ENTRIES);
    }

    @Test
    void transactionOfSeveralUnitsThatIsUndoneLeavesWhatIsStagedStaged() {
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 5));
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    put(tx, 3);
                    put(tx, JONES, 2);
                    put(tx, 4);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        nextPatron = 5;

        vault.inUnit(tx -> {
            put(tx, 2);
            put(tx, 3);
            put(tx, JONES, 1);
        });

        assertThat(rows("search_index")).as("nothing is merged meanwhile").isZero();
        endStaging();
        assertThat(found(SMITH)).isEqualTo(newestFirst(10));
        assertThat(found(JONES)).containsExactly(11L);
    }

    @Test
    void numbersGoOnAfterAMergeWithWhatIsOldAndWhatIsNew() {
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 5));
        vault.inUnit(index::merge);
        vault.inUnit(tx -> put(tx, 7));
        vault.inUnit(tx -> put(tx, JONES, 2));
        vault.inUnit(index::merge);
        assertThatThrownBy(() ->
                        vault.inUnit(tx -> index.put(tx, List.of(index.prepare(new PatronId(100), 1, terms("C3"))))))
                .isInstanceOf(Refused.class);
        vault.inUnit(tx -> put(tx, JONES, 3));
        vault.inUnit(tx -> put(tx, 1));
        endStaging();
        assertThat(found(SMITH)).hasSize(13);
        assertThat(found(JONES)).hasSize(5);
        assertThat(rows("search_index")).isEqualTo(18 * EncryptedIndex.ENTRIES);
    }

    @Test
    void numbersOfAUnitThatIsUndoneAreForgottenThoughItMergedThem() {
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 2));
        vault.inUnit(index::merge);
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    put(tx, 3);
                    index.merge(tx);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    put(tx, 3);
                    put(tx, 4);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        vault.inUnit(tx -> put(tx, 2));
        endStaging();
        assertThat(found(SMITH)).hasSize(4);
        assertThat(rows("search_index")).isEqualTo(4 * EncryptedIndex.ENTRIES);
    }

    @Test
    void whatWasThoughtToHaveEntriesAndHasNoneIsSealedAllTheSame() {
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    put(tx, 9);
                    index.in(tx).find(SMITH, 1);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        nextPatron = 0;
        vault.inUnit(tx -> put(tx, 4));
        assertThat(found(SMITH)).isEqualTo(newestFirst(4));
    }

    @Test
    void rebuildThatBeganMeanwhileFindsEverybodyInTheTableOfTheirVersion() {
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 5));
        vault.beginIndexVersion();
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    put(tx, 3);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        nextPatron = 5;
        vault.inUnit(tx -> put(tx, 2));
        assertThat(found(SMITH)).isEqualTo(newestFirst(7));
        vault.inUnit(tx -> {
            List<PatronEntries> lacking = LongStream.rangeClosed(1, 5)
                    .mapToObj(n -> index.prepare(List.of(2), new PatronId(n), 1, terms("C" + n)))
                    .toList();
            assertThat(index.putNext(tx, lacking)).hasSize(5);
        });
        assertThat(rows("search_index")).isEqualTo(7 * EncryptedIndex.ENTRIES);
        assertThat(rows("search_index_next")).isEqualTo(7 * EncryptedIndex.ENTRIES);
        endStaging();
        vault.inUnit(tx -> {
            IndexVersions now = vault.patrons().indexRow().at(tx);
            vault.patrons().indexRow().put(tx, now, now.dual());
        });
        vault.inUnit(tx -> vault.patrons().indexRow().exchange(tx));
        assertThat(found(SMITH)).containsExactlyInAnyOrderElementsOf(newestFirst(7));
    }

    /**
     * Indexes patrons 1 to {@code last} in the version that is being built, as a rebuild does. Returns their labels
     * there.
     */
    private Map<Long, PatronLabels> index(WriteTx tx, long first, long last) {
        index.stageNext(tx);
        Map<Long, PatronLabels> labels = new HashMap<>();
        index.putNext(
                        tx,
                        LongStream.rangeClosed(first, last)
                                .mapToObj(n -> index.prepare(List.of(2), new PatronId(n), 1, terms("C" + n)))
                                .toList())
                .forEach(entries -> labels.put(entries.patron().number(), entries.labels()));
        return labels;
    }

    private void endRebuild() {
        vault.inUnit(tx -> {
            index.merge(tx);
            IndexVersions now = vault.patrons().indexRow().at(tx);
            vault.patrons().indexRow().put(tx, now, now.dual());
        });
        vault.inUnit(tx -> vault.patrons().indexRow().exchange(tx));
        index.endStaging();
    }

    @Test
    void whatARebuildStagesIsMergedInStepsWhileADeskGoesOn() {
        vault.inUnit(tx -> put(tx, 90));
        vault.beginIndexVersion();
        Map<Long, PatronLabels> labels = new HashMap<>();
        vault.inUnit(tx -> labels.putAll(index(tx, 1, 50)));
        vault.inUnit(tx -> put(tx, 2));
        vault.inUnit(tx -> labels.putAll(index(tx, 51, 90)));
        vault.inUnit(tx -> index.retire(tx, labels.get(7L)));
        assertThat(rows("search_index_next")).isEqualTo(EncryptedIndex.ENTRIES);
        assertThat(rows("search_index_staged")).isGreaterThan(3);

        vault.inUnit(tx -> assertThat(index.merge(tx, 1_000)).isTrue());
        vault.inUnit(tx -> put(tx, 3));
        vault.inUnit(tx -> index.retire(tx, labels.get(8L)));
        vault.inUnit(tx -> index.retire(tx, labels.get(90L)));
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    index.merge(tx, 1_000);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        vault.inUnit(tx -> assertThat(index.merge(tx, 1_000)).isTrue());
        vault.inUnit(tx -> assertThat(index.merge(tx, Long.MAX_VALUE)).isFalse());
        vault.inUnit(tx -> put(tx, 1));
        endRebuild();

        assertThat(rows("search_index_staged")).isZero();
        assertThat(rows("search_index")).isEqualTo(96 * EncryptedIndex.ENTRIES);
        assertThat(found(SMITH))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 96)
                        .filter(n -> n != 7 && n != 8 && n != 90)
                        .boxed()
                        .toList());
        assertThat(found(new IndexTerm(TermClass.CARD, "C7"))).isEmpty();
        assertThat(found(new IndexTerm(TermClass.CARD, "C93"))).containsExactly(93L);
        vault.inUnit(tx -> put(tx, 1));
        assertThat(found(SMITH)).contains(97L);
    }

    @Test
    void cardOfAPatronWhoWasChangedDuringARebuildIsFreeAndAnyOtherIsNot() {
        vault.inUnit(tx -> put(tx, 20));
        vault.beginIndexVersion();
        Map<Long, PatronLabels> labels = new HashMap<>();
        vault.inUnit(tx -> labels.putAll(index(tx, 1, 20)));
        vault.inUnit(tx -> index.retire(tx, labels.get(3L)));
        vault.inUnit(tx -> index.putNext(tx, List.of(index.prepare(List.of(2), new PatronId(3), 2, terms("C3")))));
        assertThatThrownBy(() -> vault.inUnit(
                        tx -> index.putNext(tx, List.of(index.prepare(List.of(2), new PatronId(4), 2, terms("C3"))))))
                .isInstanceOf(Refused.class);
        endRebuild();
        assertThat(found(new IndexTerm(TermClass.CARD, "C3"))).containsExactly(3L);
        assertThat(found(SMITH)).hasSize(20);
    }

    @Test
    void rebuildThatIsBrokenOffInTheMidstOfAMergeGoesOnWhereItWas() {
        vault.inUnit(tx -> put(tx, 90));
        vault.beginIndexVersion();
        Map<Long, PatronLabels> labels = new HashMap<>();
        vault.inUnit(tx -> labels.putAll(index(tx, 1, 80)));
        vault.inUnit(tx -> index.retire(tx, labels.get(80L)));
        vault.inUnit(tx -> index.merge(tx, 1_000));
        vault.inUnit(tx -> put(tx, 1));

        vault.restart();
        index = index();

        assertThat(rows("search_index_staged")).isZero();
        vault.inUnit(tx -> index(tx, 81, 90));
        endRebuild();
        assertThat(found(SMITH))
                .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 91)
                        .filter(n -> n != 80)
                        .boxed()
                        .toList());
        assertThat(rows("search_index")).isEqualTo(91 * EncryptedIndex.ENTRIES);
    }

    @Test
    void whatNobodyIsLeftToMergeIsMergedByWhoWrites() {
        vault.inUnit(tx -> put(tx, 1));
        vault.beginIndexVersion();
        vault.inUnit(tx -> index(tx, 1, 1));
        putOneByOne(1_002);
        assertThat(rows("search_index_staged")).isLessThan(600);
        endRebuild();
        assertThat(found(SMITH)).hasSize(1_000);
        assertThat(rows("search_index")).isEqualTo(1_003 * EncryptedIndex.ENTRIES);
    }

    @Test
    void mergeAndWriteThatAreUndoneTogetherLeaveNothingBehind() {
        vault.inUnit(tx -> put(tx, 1));
        vault.beginIndexVersion();
        vault.inUnit(tx -> index(tx, 1, 1));
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    index.merge(tx);
                    put(tx, 1);
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        nextPatron = 2;
        vault.inUnit(tx -> put(tx, 1));
        endRebuild();
        assertThat(found(SMITH)).containsExactlyInAnyOrder(1L, 3L);
    }

    @Test
    void importThatEndsLeavesARebuildItsStaging() {
        vault.inUnit(tx -> put(tx, 40));
        vault.beginIndexVersion();
        vault.inUnit(tx -> index(tx, 1, 20));
        index.endStaging();
        vault.inUnit(tx -> put(tx, 1));
        vault.inUnit(tx -> index(tx, 21, 40));
        endRebuild();
        assertThat(found(SMITH)).hasSize(41);
    }

    @Test
    void stagingOfARebuildDoesNotEndBeforeAllIsMergedAndTheNextWriterNeedNotMerge() {
        vault.inUnit(tx -> put(tx, 40));
        vault.beginIndexVersion();
        vault.inUnit(tx -> index(tx, 1, 20));
        assertThat(endStagingNext()).isFalse();
        long staged = rows("search_index_staged");
        vault.inUnit(tx -> put(tx, 1));
        assertThat(rows("search_index_staged")).isGreaterThan(staged);
        assertThat(rows("search_index_next")).isZero();

        vault.inUnit(index::merge);
        assertThat(endStagingNext()).isTrue();

        vault.inUnit(tx -> put(tx, 1));
        assertThat(rows("search_index_staged")).isZero();
        vault.inUnit(tx -> index(tx, 21, 40));
        endRebuild();
        assertThat(found(SMITH)).hasSize(42);
    }

    private boolean endStagingNext() {
        return vault.vault().store().write(index::endStagingNext);
    }

    @Test
    void whatAnotherIndexStagedIsMergedByTheNextWriter() {
        vault.inUnit(tx -> put(tx, 40));
        vault.beginIndexVersion();
        vault.inUnit(tx -> index(tx, 1, 20));
        index = index();
        vault.inUnit(tx -> put(tx, 1));
        assertThat(rows("search_index_staged")).isZero();
        vault.inUnit(tx -> index(tx, 21, 40));
        endRebuild();
        assertThat(found(SMITH)).hasSize(41);
    }

    @Test
    void whatIsStagedOfWhomIsErasedIsNoLongerThere() throws SQLException {
        vault.inUnit(tx -> put(tx, 60));
        vault.beginIndexVersion();
        Map<Long, PatronLabels> labels = new HashMap<>();
        vault.inUnit(tx -> labels.putAll(index(tx, 1, 60)));
        vault.inUnit(tx -> index.merge(tx, 1_000));
        vault.inUnit(tx -> index.retire(tx, labels.get(31L)));
        IndexCipher cipher = IndexCipher.of(vault.vault().custody().keys(), 2);
        List<Long> staged = new ArrayList<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT labels, vals FROM search_index_staged")) {
            while (row.next()) {
                IndexRows.Entries entries = new IndexRows.Entries(row.getBytes(1), row.getBytes(2));
                for (int i = 0; i < entries.size(); i++) {
                    cipher.open(entries.label(i), entries.value(i))
                            .ifPresent(posting -> staged.add(posting.patron().number()));
                }
            }
        }
        assertThat(staged).hasSizeGreaterThan(20).doesNotContain(31L);
    }

    @Test
    void veryManyUnitsAreTimeToMerge() {
        vault.inUnit(index::stage);
        assertThat(index.isStagingFull()).isFalse();
        putOneByOne(501);
        assertThat(index.isStagingFull()).isTrue();
        vault.inUnit(index::merge);
        assertThat(index.isStagingFull()).isFalse();
        assertThat(index.isStaging()).isTrue();
        vault.inUnit(tx -> put(tx, 1));
        endStaging();
        assertThat(found(SMITH)).isEqualTo(newestFirst(502));
    }

    @Test
    void cardThatIsStagedIsInUse() {
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 5));
        nextPatron = 100;
        assertThatThrownBy(() ->
                        vault.inUnit(tx -> index.put(tx, List.of(index.prepare(new PatronId(100), 1, terms("C3"))))))
                .isInstanceOf(Refused.class);
        endStaging();
        assertThat(found(SMITH)).isEqualTo(newestFirst(5));
    }

    @Test
    void whatABrokenImportLeftIsMergedWhenTheVaultIsOpenedAgain() {
        vault.inUnit(tx -> {
            tx.indexTables().beginLoad();
            index.stage(tx);
        });
        vault.inUnit(tx -> put(tx, 60));
        assertThat(found(SMITH)).isEmpty();
        assertThat(rows("sqlite_master WHERE name = 'patron_kind'")).isZero();

        vault.restart();
        index = index();

        assertThat(rows("search_index_staged")).isZero();
        assertThat(rows("sqlite_master WHERE name = 'patron_kind'")).isEqualTo(1);
        assertThat(found(SMITH)).isEqualTo(newestFirst(60));
        vault.inUnit(tx -> put(tx, 1));
        assertThat(found(SMITH)).isEqualTo(newestFirst(61));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE search_index_staged SET labels = x'0011' WHERE n = 2",
                "UPDATE search_index_staged SET vals = x'' WHERE n = 3",
                "DELETE FROM search_index_staged WHERE n = 2",
                "UPDATE search_index_staged SET labels = (SELECT labels FROM search_index_staged WHERE n = 1),"
                        + " vals = (SELECT vals FROM search_index_staged WHERE n = 1) WHERE n = 2",
                "INSERT INTO vault_fact VALUES ('search-index-merged', 'no number')",
                "INSERT INTO vault_fact VALUES ('search-index-merged', '1')",
                "INSERT INTO vault_fact VALUES ('search-index-merged', '3 ab')",
            })
    void whatABrokenImportLeftAndIsDamagedDoesNotKeepTheVaultFromOpening(String damage) {
        vault.inUnit(index::stage);
        vault.inUnit(tx -> put(tx, 60));
        assertThat(rows("search_index_staged")).isEqualTo(3);

        vault.whileStopped(() -> run(damage));
        index = index();

        assertThat(rows("search_index_staged")).isZero();
        assertThat(rows("vault_fact WHERE name = 'search-index-merged'")).isZero();
        assertThat(rows("search_index")).isBetween(60L * EncryptedIndex.ENTRIES - 1_024, 60L * EncryptedIndex.ENTRIES);
    }

    private void run(String sql) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            int unused = statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void numbersOfVeryManyTermsAreKept() {
        StagedNumbers numbers = new StagedNumbers();
        for (int n = 0; n < 20_000; n++) {
            numbers.put(label(n), n);
        }
        numbers.put(label(7), 70);
        assertThat(numbers.size()).isEqualTo(20_000);
        assertThat(numbers.get(label(19_999))).hasValue(19_999);
        assertThat(numbers.get(label(7))).hasValue(70);
        assertThat(numbers.get(label(20_000))).isEmpty();
    }

    /** Returns the least memory, one between and the most, and in the long run others between as well. */
    static IntStream memories() {
        return LongRun.ON ? IntStream.of(64, 256, 384, 512, 640, 1_024) : IntStream.of(64, 384, 1_024);
    }

    @ParameterizedTest
    @MethodSource("memories")
    void numbersOfAsManyTermsAsThereIsRoomForStayWithinTheirShareOfTheMemory(int mebibytes) {
        long share = ((long) mebibytes << 20) / 5;
        long most = StagedNumbers.mostTerms(share);
        assertThat(Staging.mostTerms(share)).isBetween(100_000L, Math.max(100_000L, most));
        StagedNumbers numbers = new StagedNumbers();
        for (long n = 0; n < most; n++) {
            numbers.put(
                    ByteBuffer.allocate(16)
                            .putLong(n)
                            .putLong((n * 0x9e3779b97f4a7c15L) >>> 8)
                            .array(),
                    n);
        }
        assertThat(numbers.size()).isEqualTo((int) most);
        assertThat(numbers.bytes()).isLessThanOrEqualTo(share).isGreaterThan(share / 4);
    }

    /** Returns a label that falls into one slot for every number, which is the worst case. */
    private static byte[] label(int n) {
        byte[] label = new byte[16];
        label[0] = (byte) (n >> 16);
        label[1] = (byte) (n >> 8);
        label[2] = (byte) n;
        label[15] = (byte) (n % 251);
        return label;
    }
}
