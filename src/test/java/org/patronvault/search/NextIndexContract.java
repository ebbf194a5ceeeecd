package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.PatronEntries;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.record.IndexVersionsRow;
import org.patronvault.testing.OpenVault;

/** Tests of the index's guarantees while a next version is beside it, on either database. */
abstract class NextIndexContract {
    private OpenVault vault;
    private EncryptedIndex index;
    private IndexVersionsRow row;

    abstract OpenVault open();

    /** Whether the tables are not exchanged while somebody reads them. */
    abstract boolean readersHinder();

    @BeforeEach
    void openVault() {
        vault = open();
        row = vault.patrons().indexRow();
        index = new EncryptedIndex(vault.vault().custody(), row);
    }

    @AfterEach
    void close() {
        if (vault != null) {
            vault.close();
        }
    }

    @Test
    void writtenWhileTheNextVersionIsBuiltIsFoundBeforeTheSwitchAndAfterIt() {
        begin();
        PatronLabels labels = put(1, card("A1"), phone(1));
        assertThat(labels.sets()).extracting(PatronLabels.OfVersion::version).containsExactly(1, 2);
        assertThat(found(card("A1"))).containsExactly(1L);
        step(IndexVersions::dual);
        put(2, phone(1));
        assertThat(found(phone(1))).containsExactly(2L, 1L);
        exchange();
        assertThat(vault.vault().custody().keys().newestIndexVersion()).isEqualTo(2);
        assertThat(found(card("A1"))).containsExactly(1L);
        assertThat(found(phone(1))).containsExactly(2L, 1L);
        assertThat(put(3, phone(1)).sets())
                .extracting(PatronLabels.OfVersion::version)
                .containsExactly(2);
        assertThat(found(phone(1))).containsExactly(3L, 2L, 1L);
    }

    @Test
    void labelsOfTheTwoVersionsHaveNothingInCommon() {
        begin();
        PatronLabels labels = put(1, card("B1"), phone(2));
        long same = entries(labels.in(1).orElseThrow()).stream()
                .filter(entries(labels.in(2).orElseThrow())::contains)
                .count();
        assertThat(same).isZero();
    }

    @Test
    void retiredIsFoundInNeitherVersion() {
        begin();
        PatronLabels labels = put(1, card("C1"), phone(3));
        retire(labels);
        assertThat(found(card("C1"))).isEmpty();
        step(IndexVersions::dual);
        exchange();
        assertThat(found(card("C1"))).isEmpty();
        assertThat(found(phone(3))).isEmpty();
        put(2, card("C1"));
        assertThat(found(card("C1"))).containsExactly(2L);
    }

    @Test
    void preparedBeforeTheRebuildBeganIsWrittenToBoth() {
        PatronEntries prepared = index.prepare(new PatronId(1), 1, List.of(card("D1")));
        begin();
        List<PatronEntries> written = write(tx -> index.put(tx, List.of(prepared)));
        assertThat(written.get(0).labels().sets()).hasSize(2);
        step(IndexVersions::dual);
        exchange();
        assertThat(found(card("D1"))).containsExactly(1L);
    }

    @Test
    void cardOfSomebodyWhoIsNotInTheNextVersionYetIsTaken() {
        put(1, card("E1"));
        begin();
        assertThatThrownBy(() -> put(2, card("E1")))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.CARD_IN_USE));
        step(IndexVersions::dual);
        exchange();
        assertThat(found(card("E1"))).isEmpty();
    }

    @Test
    void tableThatIsBeingEmptiedNeedNotHoldWhatIsRetired() {
        PatronLabels old = put(1, card("F1"));
        begin();
        PatronLabels next = write(tx -> {
            PatronEntries entries = index.prepare(List.of(2), new PatronId(1), 1, List.of(card("F1")));
            return index.putNext(tx, List.of(entries)).get(0).labels();
        });
        step(IndexVersions::dual);
        exchange();
        int deleted = write(tx -> tx.otherIndex().delete(25));
        assertThat(deleted).isEqualTo(25);
        retire(old.keeping(1, next));
        assertThat(found(card("F1"))).isEmpty();
        int rest = write(tx -> tx.otherIndex().delete(25));
        assertThat(rest).isEqualTo(15);
    }

    @Test
    void searchThatBeganBeforeTheSwitchFindsWhatWasThere() {
        begin();
        put(1, phone(4));
        step(IndexVersions::dual);
        List<Long> during = vault.vault().store().read(tx -> {
            IndexReading reading = index.in(tx);
            if (readersHinder()) {
                assertThatThrownBy(this::exchange)
                        .isInstanceOfSatisfying(
                                Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.BUSY));
            } else {
                exchange();
            }
            return reading.find(phone(4).term(), 9).stream()
                    .map(p -> p.patron().number())
                    .toList();
        });
        assertThat(during).containsExactly(1L);
        if (readersHinder()) {
            exchange();
        }
        assertThat(found(phone(4))).containsExactly(1L);
    }

    @Test
    void rowThatSaysAnotherVersionIsRefused() throws SQLException {
        begin();
        put(1, card("G1"));
        behindItsBack("UPDATE authority SET body = replace(body, '\"live\":1', '\"live\":2') WHERE kind = 'index'");
        assertThatThrownBy(() -> found(card("G1"))).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> put(2, card("G2"))).isInstanceOf(IntegrityException.class);
    }

    @Test
    void rowThatIsTakenAwayIsRefused() throws SQLException {
        begin();
        step(IndexVersions::dual);
        exchange();
        behindItsBack("DELETE FROM authority WHERE kind = 'index'");
        assertThatThrownBy(() -> found(card("H1"))).isInstanceOf(IntegrityException.class);
    }

    private void begin() {
        int next = vault.vault().custody().addIndexVersion();
        step(now -> now.building(next));
    }

    private void step(UnaryOperator<IndexVersions> next) {
        write(tx -> {
            row.put(tx, row.at(tx), next.apply(row.at(tx)));
            return true;
        });
    }

    private void exchange() {
        write(tx -> {
            row.exchange(tx);
            return true;
        });
    }

    private static IndexedTerm card(String card) {
        return IndexedTerm.current(new IndexTerm(IndexTerm.TermClass.CARD, card));
    }

    private static IndexedTerm phone(int n) {
        return IndexedTerm.current(new IndexTerm(IndexTerm.TermClass.PHONE, String.format("+1860555%04d", n)));
    }

    private static List<String> entries(byte[] labels) {
        List<String> entries = new ArrayList<>();
        for (int at = 0; at < labels.length; at += EncryptedIndex.LABEL_BYTES) {
            entries.add(java.util.HexFormat.of().formatHex(labels, at, at + EncryptedIndex.LABEL_BYTES));
        }
        return entries;
    }

    private PatronLabels put(long patron, IndexedTerm... terms) {
        return write(tx -> index.put(tx, new PatronId(patron), 1, List.of(terms)));
    }

    private void retire(PatronLabels labels) {
        write(tx -> {
            index.retire(tx, labels);
            return true;
        });
    }

    private List<Long> found(IndexedTerm term) {
        return vault.vault().store().read(tx -> index.in(tx).find(term.term(), 9)).stream()
                .map(p -> p.patron().number())
                .toList();
    }

    private <T> T write(Function<WriteTx, T> work) {
        AuditLog log = vault.vault().log();
        AccessEvent event = log.event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest());
        List<T> result = new ArrayList<>();
        log.call(event, now -> {
            WriteTx tx = now.tx();
            result.add(work.apply(tx));
            return Decision.done(event);
        });
        return result.get(0);
    }

    private void behindItsBack(String sql) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        }
    }
}
