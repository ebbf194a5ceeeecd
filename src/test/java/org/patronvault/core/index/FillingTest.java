package org.patronvault.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.testing.OpenVault;

/** Tests that an import beside other nodes fills the index as separate registrations would. */
final class FillingTest {
    private static final IndexTerm SMITH = new IndexTerm(TermClass.FAMILY, "smith");
    private static final IndexTerm JONES = new IndexTerm(TermClass.FAMILY, "jones");

    private OpenVault vault;
    private EncryptedIndex index;
    private EncryptedIndex others;
    private long nextPatron;

    private void begin(boolean onPostgres) {
        vault = onPostgres ? OpenVault.onPostgres() : OpenVault.onSqlite();
        index = new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
        others = new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private void put(EncryptedIndex by, WriteTx tx, IndexTerm family, int count) {
        by.put(
                tx,
                LongStream.rangeClosed(nextPatron + 1, nextPatron + count)
                        .mapToObj(n -> by.prepare(new PatronId(n), 1, terms("C" + n, family)))
                        .toList());
        nextPatron += count;
    }

    private static List<IndexedTerm> terms(String card, IndexTerm family) {
        return List.of(IndexedTerm.current(new IndexTerm(TermClass.CARD, card)), IndexedTerm.current(family));
    }

    private void put(IndexTerm family, int count) {
        vault.inUnit(tx -> put(index, tx, family, count));
    }

    private void othersPut(IndexTerm family, int count) {
        vault.inUnit(tx -> put(others, tx, family, count));
    }

    private void undone(IndexTerm family, int... counts) {
        long before = nextPatron;
        assertThatThrownBy(() -> vault.inUnit(tx -> {
                    for (int count : counts) {
                        put(index, tx, family, count);
                    }
                    throw new IllegalArgumentException("undone");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        nextPatron = before;
    }

    private List<Long> found(IndexTerm term) {
        return vault.vault().store().read(tx -> others.in(tx).find(term, 1_000)).stream()
                .map(posting -> posting.patron().number())
                .toList();
    }

    private static List<Long> newestFirst(long last) {
        return LongStream.iterate(last, n -> n > 0, n -> n - 1).boxed().toList();
    }

    private long entries() {
        return vault.vault().store().read(tx -> tx.index().count());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyUnitGoesOnFromTheOneBefore(boolean onPostgres) {
        begin(onPostgres);
        vault.inUnit(index::fill);
        put(SMITH, 5);
        put(SMITH, 70);
        put(JONES, 1);
        vault.inUnit(tx -> {
            put(index, tx, SMITH, 3);
            put(index, tx, SMITH, 4);
        });
        assertThat(found(SMITH)).hasSize(82);
        assertThat(found(JONES)).containsExactly(76L);
        assertThat(found(new IndexTerm(TermClass.CARD, "C40"))).containsExactly(40L);
        assertThat(entries()).isEqualTo(83 * EncryptedIndex.ENTRIES);
        index.endStaging();
        put(SMITH, 1);
        assertThat(found(SMITH)).hasSize(83);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void numbersOfAUnitThatIsUndoneAreNotCounted(boolean onPostgres) {
        begin(onPostgres);
        vault.inUnit(index::fill);
        undone(SMITH, 2);
        put(SMITH, 3);
        undone(SMITH, 4, 5);
        put(SMITH, 6);
        undone(SMITH, 7);
        undone(SMITH, 8);
        put(SMITH, 9);
        assertThat(found(SMITH)).isEqualTo(newestFirst(18));
        assertThat(entries()).isEqualTo(18 * EncryptedIndex.ENTRIES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnotherNodeWritesMeanwhileStaysAndIsFound(boolean onPostgres) {
        begin(onPostgres);
        vault.inUnit(index::fill);
        put(SMITH, 3);
        othersPut(SMITH, 2);
        othersPut(JONES, 1);
        put(SMITH, 1);
        put(JONES, 2);
        assertThat(found(SMITH)).hasSize(6);
        assertThat(found(JONES)).hasSize(3);
        assertThat(entries()).isEqualTo(9 * EncryptedIndex.ENTRIES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void asManyAsWereUndoneAreNoReasonToBelieveThatTheyLast(boolean onPostgres) {
        begin(onPostgres);
        vault.inUnit(index::fill);
        put(SMITH, 1);
        undone(JONES, 2);
        othersPut(SMITH, 2);
        put(JONES, 1);
        put(SMITH, 1);
        assertThat(found(SMITH)).hasSize(4);
        assertThat(found(JONES)).hasSize(1);
    }

    /** The first of two units was believed to last when the second began. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void norAreAsManyAsTheFirstOfTwoUnitsThatWereUndoneTogether(boolean onPostgres) {
        begin(onPostgres);
        vault.inUnit(index::fill);
        put(SMITH, 1);
        undone(JONES, 2, 3);
        othersPut(SMITH, 2);
        put(JONES, 1);
        put(SMITH, 1);
        assertThat(found(SMITH)).hasSize(4);
        assertThat(found(JONES)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cardIsTakenWhoeverWroteIt(boolean onPostgres) {
        begin(onPostgres);
        othersPut(SMITH, 1);
        vault.inUnit(index::fill);
        put(SMITH, 1);
        for (String taken : List.of("C1", "C2")) {
            assertThatThrownBy(() -> vault.inUnit(tx ->
                            index.put(tx, List.of(index.prepare(new PatronId(9), 1, terms(taken, SMITH))))))
                    .isInstanceOf(Refused.class);
        }
        othersPut(SMITH, 1);
        assertThatThrownBy(() -> vault.inUnit(tx ->
                        index.put(tx, List.of(index.prepare(new PatronId(9), 1, terms("C3", SMITH))))))
                .isInstanceOf(Refused.class);
        assertThat(found(SMITH)).isEqualTo(newestFirst(3));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rebuildThatBeganMeanwhileIsWrittenToo(boolean onPostgres) {
        begin(onPostgres);
        vault.inUnit(index::fill);
        put(SMITH, 3);
        vault.beginIndexVersion();
        put(SMITH, 2);
        assertThat(found(SMITH)).isEqualTo(newestFirst(5));
        long next = vault.vault().store().read(tx -> tx.otherIndex().count());
        assertThat(next).isEqualTo(2 * EncryptedIndex.ENTRIES);
    }
}
