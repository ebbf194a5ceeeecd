package org.patronvault.log.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.Unit;
import org.patronvault.core.log.entry.Act;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.ViewRows;

/** Tests of the entries of each patron: indexed, not indexed yet, and after damage to the index. */
abstract class PatronViewContract {
    private static final int PATRONS = 12;
    static final int LEAST = 64;

    LogTestVault vault;
    ViewFiller filler;

    abstract LogTestVault open() throws Exception;

    /** Returns a vault whose keys no other test has. */
    abstract LogTestVault openUnderOwnKeys() throws Exception;

    @BeforeEach
    void open_() throws Exception {
        vault = open();
        filler = new ViewFiller(vault.store, vault.custody, vault.log, LEAST);
    }

    @AfterEach
    void close() {
        filler.close();
        vault.close();
    }

    private static Subject looked(long patron) {
        return Subject.opened(new PatronId(patron), Set.of(PatronField.PHONE));
    }

    /** Appends that many accesses to one to twenty of the patrons, seeded. */
    final void look(int entries, int most, long seed) {
        Random random = new Random(seed);
        List<CompletableFuture<AuditReceipt>> all = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            List<Subject> subjects = random.longs(random.nextInt(most) + 1L, 1, PATRONS + 1)
                    .distinct()
                    .mapToObj(PatronViewContract::looked)
                    .toList();
            all.add(vault.log.append(Unit.of(vault.reveal(1).on(subjects))));
        }
        all.forEach(AuditLog::await);
    }

    private List<Long> about(long patron) {
        return vault.log.reader().about(new PatronId(patron)).stream()
                .map(LogReader.Entry::index)
                .toList();
    }

    /** Returns the entries of each patron as the log itself has them. */
    private Map<Long, List<Long>> named() {
        Map<Long, List<Long>> named = new HashMap<>();
        for (LogReader.Entry entry : vault.entries()) {
            entry.event()
                    .subjects()
                    .forEach(subject -> named.computeIfAbsent(subject.patron().number(), any -> new ArrayList<>())
                            .add(entry.index()));
        }
        return named;
    }

    private List<Long> named(long patron) {
        return named().getOrDefault(patron, List.of());
    }

    final void everyPatronHasTheEntriesThatNameHim() {
        Map<Long, List<Long>> named = named();
        LongStream.rangeClosed(1, PATRONS + 1)
                .forEach(patron -> assertThat(about(patron))
                        .as("patron %d", patron)
                        .isEqualTo(named.getOrDefault(patron, List.of())));
    }

    final ViewState state() {
        UnsealedKeys keys = vault.custody.keys();
        return vault.store.read(tx -> ViewState.read(tx, keys)).orElseThrow();
    }

    private long rows() {
        return vault.store.read(tx -> {
            long rows = 0;
            for (OptionalInt month = tx.view().monthAfter(0);
                    month.isPresent();
                    month = tx.view().monthAfter(month.getAsInt())) {
                rows += tx.view()
                        .after(month.getAsInt(), new byte[0], Integer.MAX_VALUE)
                        .size();
            }
            return rows;
        });
    }

    private Optional<String> check() {
        return new ViewCheck(vault.store, vault.custody).look(() -> {});
    }

    private int month() {
        return Leaf.monthOf(vault.log.now());
    }

    @Test
    void entriesAreFoundBeforeAndAfterTheyAreIndexed() {
        look(30, 3, 1);
        everyPatronHasTheEntriesThatNameHim();
        look(150, 3, 2);
        filler.settle();
        assertThat(state().to()).isBetween(128L, 181L);
        everyPatronHasTheEntriesThatNameHim();
        look(60, 20, 3);
        everyPatronHasTheEntriesThatNameHim();
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(rows())
                .isEqualTo(state().months().values().stream()
                        .mapToLong(ViewState.Month::rows)
                        .sum());
        assertThat(check()).isEmpty();
    }

    @Test
    void fewEntriesStayOutOfTheIndexWhoseSizeWouldTellOfEach() {
        look(LEAST - 1, 2, 4);
        vault.fill(200);
        filler.settle();
        assertThat(rows()).isZero();
        assertThat(state().to()).isZero();
        look(1, 2, 5);
        vault.fill(10);
        filler.settle();
        assertThat(state().to()).isPositive();
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void anotherNodeGoesOnWithoutLeavingOneOut() {
        look(90, 2, 6);
        try (ViewFiller other = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            filler.settle();
            look(90, 2, 7);
            other.settle();
            look(90, 2, 8);
            filler.settle();
            look(90, 2, 9);
            other.settle();
        }
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void rowThatWasDeletedIsFoundAndTheViewMadeAnew() {
        look(120, 3, 10);
        filler.settle();
        vault.store.write(tx -> {
            tx.view().delete(month(), 1, OptionalInt::empty);
            return null;
        });
        assertThat(check()).hasValue("missing");
        everyPatronHasTheEntriesThatNameHim();
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        assertThat(state().to()).isPositive();
    }

    @Test
    void rowThatWasExchangedForOneOfNobodyIsFound() {
        look(120, 3, 11);
        filler.settle();
        vault.store.write(tx -> {
            tx.view().delete(month(), 1, OptionalInt::empty);
            return tx.view().insert(month(), List.of(new ViewRows.Entry(month(), new byte[16], new byte[24])));
        });
        assertThat(check()).hasValue("foreign");
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void stateThatWasEditedCountsAsNone() {
        look(120, 3, 12);
        filler.settle();
        vault.store.write(tx -> {
            String text = tx.fact(ViewState.FACT).orElseThrow();
            tx.setFact(ViewState.FACT, text.substring(0, text.length() - 9) + "AAAAAAAA=");
            return 0;
        });
        everyPatronHasTheEntriesThatNameHim();
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void stateOfBeforeThatWasPutBackHidesNothingAndIsFound() {
        look(120, 3, 13);
        filler.settle();
        String before = vault.store.read(tx -> tx.fact(ViewState.FACT)).orElseThrow();
        look(120, 3, 14);
        filler.settle();
        vault.store.write(tx -> {
            tx.setFact(ViewState.FACT, before);
            return 0;
        });
        everyPatronHasTheEntriesThatNameHim();
        try (ViewFiller restarted = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            assertThat(check()).hasValue("changed");
            restarted.settle();
            everyPatronHasTheEntriesThatNameHim();
        }
        assertThat(check()).isEmpty();
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void labelThatIsTakenMakesTheViewAnew() {
        look(120, 1, 15);
        filler.settle();
        Prf ofPatron = ViewCipher.of(vault.custody.keys(), month()).of(new PatronId(7));
        int next = named(7).size();
        vault.store.write(tx -> tx.view()
                .insert(
                        month(),
                        List.of(new ViewRows.Entry(month(), ViewCipher.label(ofPatron, next + 1), new byte[24]))));
        look(120, 1, 16);
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void noLabelOrValueOfACopyIsSeenTwiceOrTellsAnIndex() {
        look(120, 3, 17);
        filler.settle();
        List<ViewRows.Entry> rows = vault.store.read(tx -> tx.view().after(month(), new byte[0], Integer.MAX_VALUE));
        assertThat(rows.stream()
                        .map(row -> java.nio.ByteBuffer.wrap(row.value()))
                        .distinct())
                .hasSameSizeAs(rows);
        for (ViewRows.Entry row : rows) {
            byte[] tail = Arrays.copyOfRange(row.value(), 16, 24);
            // An index below 200 in clear has six zero bytes.
            assertThat(Arrays.equals(tail, 0, 6, new byte[6], 0, 6)).isFalse();
        }
    }

    @Test
    void nodesInTurnRememberNothingThatIsNotSo() {
        try (ViewFiller other = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            for (int turn = 0; turn < 6; turn++) {
                look(80, 2, 100 + turn);
                (turn % 2 == 0 ? filler : other).settle();
                long filled = state().to();
                assertThat(filled).isGreaterThan(turn * 64L);
            }
            // Re-created by the other node, which the first must notice.
            vault.store.write(tx -> {
                tx.removeFact(ViewState.FACT);
                return 0;
            });
            other.settle();
            look(80, 2, 200);
            filler.settle();
        }
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void laterRowsInPlaceOfThoseOfATargetAreFound() {
        look(64, 1, 30);
        filler.settle();
        String before = vault.store.read(tx -> tx.fact(ViewState.FACT)).orElseThrow();
        List<ViewRows.Entry> first = vault.store.read(tx -> tx.view().after(month(), new byte[0], 10_000));
        look(64, 1, 31);
        filler.settle();
        List<ViewRows.Entry> all = vault.store.read(tx -> tx.view().after(month(), new byte[0], 10_000));
        List<ViewRows.Entry> later = all.stream()
                .filter(row -> first.stream().noneMatch(one -> Arrays.equals(one.label(), row.label())))
                .limit(first.size())
                .toList();
        vault.store.write(tx -> {
            tx.view().delete(month(), 10_000, OptionalInt::empty);
            tx.view().insert(month(), later);
            tx.setFact(ViewState.FACT, before);
            return 0;
        });
        filler.settle();
        assertThat(check()).isPresent();
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void leafThatCannotBeReadForAMomentIsLeftOutOfNothing() {
        changedForAMoment((index, leaf) -> {
            byte[] flipped = leaf.clone();
            flipped[flipped.length - 1] ^= 1;
            putLeaf(index, flipped);
        });
    }

    @Test
    void leafThatIsNotThereForAMomentIsLeftOutOfNothing() {
        changedForAMoment((index, leaf) -> run("DELETE FROM access_log WHERE idx = ?", index));
    }

    @Test
    void leafThatStandsInAnothersPlaceForAMomentHidesNothing() {
        changedForAMoment((index, leaf) ->
                putLeaf(index, vault.store.read(tx -> tx.log().leaf(5)).orElseThrow()));
    }

    /** Changes one leaf after this node's own tree has them all, and restores it once the filler has run. */
    private void changedForAMoment(BiConsumer<Long, byte[]> change) {
        look(200, 1, 32);
        vault.log.checkpoint();
        long index = vault.entries().get(10).index();
        byte[] leaf = vault.store.read(tx -> tx.log().leaf(index)).orElseThrow();
        change.accept(index, leaf);
        filler.settle();
        assertThat(rows()).isZero();
        putLeaf(index, leaf);
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(state().to()).isGreaterThan(128);
    }

    private void putLeaf(long index, byte[] leaf) {
        run(
                "INSERT INTO access_log (idx, leaf) VALUES (?, ?) ON CONFLICT (idx) DO UPDATE SET leaf = excluded.leaf",
                index,
                leaf);
    }

    private void run(String sql, Object... parameters) {
        try (Connection connection = DriverManager.getConnection(vault.settings.jdbcUrl());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            assertThat(statement.executeUpdate()).isEqualTo(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nodesAtTheSameTimeLeaveNobodyOutWhoeverIsFaster() throws Exception {
        ExecutorService nodes = Executors.newFixedThreadPool(2);
        try (ViewFiller other = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            for (int turn = 0; turn < 8; turn++) {
                look(160, 2, 300 + turn);
                Future<?> one = nodes.submit(filler::settle);
                Future<?> two = nodes.submit(other::settle);
                one.get();
                two.get();
            }
        } finally {
            nodes.shutdown();
        }
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        assertThat(state().to()).isGreaterThan(1_200);
    }

    @Test
    void stateAheadOfTheLogCountsAsNone() {
        look(120, 2, 34);
        filler.settle();
        vault.store.write(tx -> {
            new ViewState(1_000_000, state().months(), state().begun()).write(tx, vault.custody.keys());
            return 0;
        });
        everyPatronHasTheEntriesThatNameHim();
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    /** Writes only some rows of a piece. */
    private void breakOff() {
        look(80, 12, 40);
        filler.step();
        filler.step();
        filler.step();
        assertThat(rows()).isPositive();
        assertThat(state().to()).isZero();
        assertThat(state().isBegun()).isTrue();
    }

    /**
     * Checks that the view has a row for each patron of each entry, no incomplete piece, and no alert of a foreign row.
     */
    private void viewIsWholeAndWasNeverForeign() {
        ViewState state = state();
        assertThat(state.to()).isPositive();
        assertThat(state.isBegun()).isFalse();
        assertThat(rows())
                .isEqualTo(vault.entries().stream()
                        .filter(entry -> entry.index() < state.to())
                        .mapToLong(entry -> entry.event().subjects().size())
                        .sum());
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        assertThat(foreign()).isZero();
    }

    /** Returns how often the filler reported a row that the vault did not write. */
    private long foreign() {
        return vault.entries().stream()
                .filter(entry ->
                        entry.event().act() == Act.CHECK && entry.event().outcome() == Outcome.FAILED)
                .count();
    }

    @Test
    void pieceThatWasBrokenOffIsInNobodysWayAndIsGoneOnWith() {
        breakOff();
        long some = rows();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        try (ViewFiller restarted = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            restarted.step();
            assertThat(rows()).isGreaterThan(some);
            restarted.settle();
        }
        viewIsWholeAndWasNeverForeign();
    }

    @Test
    void rowsOfAPieceAreWrittenInPartsThatAreDrawnByLot() {
        breakOff();
        List<ViewRows.Entry> part = vault.store.read(tx -> tx.view().after(month(), new byte[0], 10_000));
        filler.settle();
        List<ViewRows.Entry> all = vault.store.read(tx -> tx.view().after(month(), new byte[0], 10_000));
        assertThat(part)
                .anySatisfy(one -> assertThat(all.subList(0, part.size()))
                        .as("the lowest labels of all")
                        .noneMatch(other -> Arrays.equals(other.label(), one.label())));
    }

    @Test
    void pieceThatWasBrokenOffIsGoneOnWithAfterRowsOfNoLivingMonthAreDeleted() {
        breakOff();
        vault.store.write(tx ->
                tx.view().insert(202_001, List.of(new ViewRows.Entry(202_001, new byte[16], new byte[24]))));
        try (ViewFiller restarted = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            restarted.settle();
        }
        viewIsWholeAndWasNeverForeign();
    }

    @Test
    void olderStateCannotHaveLaterRowsLeftOutOfTheDigest() {
        look(80, 3, 41);
        filler.settle();
        String before = vault.store.read(tx -> tx.fact(ViewState.FACT)).orElseThrow();
        look(80, 3, 42);
        filler.settle();
        isFoundOncePutBack(before);
    }

    @Test
    void olderStateOfAPieceThatWasBrokenOffCannotEither() {
        breakOff();
        String before = vault.store.read(tx -> tx.fact(ViewState.FACT)).orElseThrow();
        filler.settle();
        isFoundOncePutBack(before);
    }

    private void isFoundOncePutBack(String state) {
        vault.store.write(tx -> {
            tx.setFact(ViewState.FACT, state);
            return 0;
        });
        try (ViewFiller restarted = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            restarted.settle();
        }
        assertThat(foreign()).isPositive();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void pieceThatAnotherWentOnWithIsLeftToHim() {
        breakOff();
        try (ViewFiller other = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            other.step();
            filler.settle();
            other.settle();
        }
        viewIsWholeAndWasNeverForeign();
    }

    @Test
    void pieceIsWorkedOutAnewUnderOtherKeys() throws Exception {
        vault.close();
        vault = openUnderOwnKeys();
        filler = new ViewFiller(vault.store, vault.custody, vault.log, LEAST);
        breakOff();
        vault.custody.destroy("log-content", month());
        filler.settle();
        assertThat(rows()).isZero();
        assertThat(state().months()).isEmpty();
        assertThat(check()).isEmpty();
    }

    @Test
    void rowOfPieceThatWasBrokenOffAndIsAnotherMakesTheViewAnew() {
        breakOff();
        ViewRows.Entry first =
                vault.store.read(tx -> tx.view().after(month(), new byte[0], 1)).get(0);
        vault.store.write(tx -> {
            tx.view().delete(month(), 1, OptionalInt::empty);
            return tx.view().insert(month(), List.of(new ViewRows.Entry(month(), first.label(), new byte[24])));
        });
        try (ViewFiller restarted = new ViewFiller(vault.store, vault.custody, vault.log, LEAST)) {
            restarted.settle();
        }
        everyPatronHasTheEntriesThatNameHim();
        assertThat(state().to()).isPositive();
        assertThat(check()).isEmpty();
    }

    @Test
    void monthWhoseKeyIsGoneLeavesNothingBehind() throws Exception {
        vault.close();
        vault = openUnderOwnKeys();
        filler = new ViewFiller(vault.store, vault.custody, vault.log, LEAST);
        look(120, 3, 19);
        filler.settle();
        assertThat(about(3)).isNotEmpty();
        assertThat(rows()).isPositive();

        vault.custody.destroy("log-content", month());
        assertThat(about(3)).isEmpty();
        filler.settle();
        assertThat(rows()).isZero();
        assertThat(state().months()).isEmpty();
        look(120, 3, 20);
        filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }
}
