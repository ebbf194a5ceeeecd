package org.patronvault.log.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.ViewRows;

/** Tests of the entries of each patron: in blocks, in memory, in the log alone, and after damage to the blocks. */
abstract class PatronViewContract {
    private static final int PATRONS = 40;

    /** The entries of a block. */
    static final int EACH = 64;

    private static final Instant NEXT_MONTH = Instant.parse("2026-12-01T00:00:05Z");
    private static final Instant THIS_MONTH = Instant.parse("2026-11-30T23:59:58Z");

    final AtomicLong nanos = new AtomicLong();
    LogTestVault vault;
    Node node;

    abstract LogTestVault open() throws Exception;

    /** Returns a vault whose keys no other test has. */
    abstract LogTestVault openUnderOwnKeys() throws Exception;

    /** The view and the filler of one node. */
    final class Node implements AutoCloseable {
        final PatronView view = new PatronView(vault.store, vault.custody);
        final ViewFiller filler = new ViewFiller(view, vault.log, EACH, nanos::get);

        @Override
        public void close() {
            filler.close();
        }
    }

    @BeforeEach
    void open_() throws Exception {
        vault = open();
        restart();
    }

    @AfterEach
    void close() {
        node.close();
        vault.close();
    }

    /** Makes a node that knows nothing yet the one that the log asks. */
    final void restart() {
        node = new Node();
        vault.log.findBy(node.view);
    }

    private void useOwnKeys() throws Exception {
        close();
        vault = openUnderOwnKeys();
        restart();
    }

    private static Subject looked(long patron) {
        return Subject.opened(new PatronId(patron), Set.of(PatronField.PHONE));
    }

    /** Appends that many accesses to one to twenty of the patrons, seeded. */
    final void look(int entries, int most, long seed) {
        look(entries, most, seed, vault.log.now());
    }

    private void look(int entries, int most, long seed, Instant time) {
        Random random = new Random(seed);
        List<CompletableFuture<AuditReceipt>> all = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            List<Subject> subjects = random.longs(random.nextInt(most) + 1L, 1, PATRONS + 1)
                    .distinct()
                    .mapToObj(PatronViewContract::looked)
                    .toList();
            AccessEvent look =
                    AccessEvent.of(time, LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest());
            all.add(vault.log.submit(AuditLog.entry(look.on(subjects)), Lane.DESK));
        }
        all.forEach(AuditLog::await);
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

    final void everyPatronHasTheEntriesThatNameHim() {
        Map<Long, List<Long>> named = named();
        LongStream.rangeClosed(1, PATRONS + 1).forEach(patron -> {
            List<Long> entries = named.getOrDefault(patron, List.of());
            assertThat(vault.log.reader().about(new PatronId(patron)))
                    .as("patron %d", patron)
                    .extracting(LogReader.Entry::index)
                    .isEqualTo(entries);
        });
    }

    /** Returns the end of the blocks that follow each other from the first entry on. */
    final long covered() {
        return node.view.known(vault.custody.keys()).stretch(EACH).first();
    }

    final List<ViewRows.Block> blocks() {
        return vault.store.read(tx -> tx.view().blocks());
    }

    final long rows() {
        return vault.store.read(tx -> vault.store.read(inner -> inner.view().blocks()).stream()
                .mapToLong(block -> tx.view().count(block.first()))
                .sum());
    }

    private Optional<String> check() {
        return node.view.check(() -> {});
    }

    private int month() {
        return Leaf.monthOf(vault.log.now());
    }

    /** Returns how often a damaged block was reported. */
    private long alerts() {
        return vault.entries().stream()
                .filter(entry ->
                        entry.event().act() == ActKind.CHECK && entry.event().outcome() == Outcome.FAILED)
                .count();
    }

    final void run(String sql, Object... parameters) {
        try (Connection connection = DriverManager.getConnection(vault.settings.jdbcUrl());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            assertThat(statement.executeUpdate()).isPositive();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void entriesAreFoundBeforeAndAfterTheyAreInABlock() {
        look(30, 3, 1);
        everyPatronHasTheEntriesThatNameHim();
        look(150, 3, 2);
        node.filler.settle();
        assertThat(covered()).isBetween(128L, 181L);
        everyPatronHasTheEntriesThatNameHim();
        look(60, 20, 3);
        everyPatronHasTheEntriesThatNameHim();
        node.filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        restart();
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void blocksAndMemoryAnswerWithoutTheLog() {
        look(100, 3, 1);
        node.filler.settle();
        Map<Long, List<Long>> named = named();
        run("DELETE FROM access_log WHERE idx < 90");
        named.forEach((patron, entries) ->
                assertThat(node.view.about(new PatronId(patron))).containsExactlyElementsOf(entries));
    }

    @Test
    void fewEntriesAreInNoBlockWhoseSizeWouldTellOfEach() {
        look(EACH - 1, 2, 4);
        vault.fill(200);
        node.filler.settle();
        assertThat(blocks()).isEmpty();
        look(1, 2, 5);
        node.filler.settle();
        assertThat(blocks()).hasSize(1);
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void restOfAMonthBecomesABlockWhenTheNextMonthBegins() {
        look(20, 2, 4);
        node.filler.settle();
        assertThat(blocks()).isEmpty();
        look(1, 2, 5, NEXT_MONTH);
        node.filler.settle();
        assertThat(blocks()).extracting(ViewRows.Block::month).containsExactly(202611);
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void entriesOfAnEarlierMonthAmongLaterOnesAreFound() {
        look(20, 2, 4);
        for (int n = 0; n < 40; n++) {
            look(2, 2, 10 + n, NEXT_MONTH);
            look(1, 2, 100 + n, THIS_MONTH);
        }
        node.filler.settle();
        assertThat(blocks()).extracting(ViewRows.Block::month).containsExactly(202611, 202612);
        everyPatronHasTheEntriesThatNameHim();
        restart();
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void anotherNodeGoesOnWithoutLeavingOneOut() {
        look(90, 2, 6);
        try (Node other = new Node()) {
            for (int n = 0; n < 6; n++) {
                (n % 2 == 0 ? node : other).filler.settle();
                look(90, 2, 7 + n);
                everyPatronHasTheEntriesThatNameHim();
            }
            node.filler.settle();
            other.filler.settle();
            assertThat(other.view.about(new PatronId(3))).isEqualTo(node.view.about(new PatronId(3)));
        }
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        assertThat(alerts()).isZero();
    }

    @Test
    void nodesAtTheSameTimeLeaveNobodyOutWhoeverIsFaster() throws Exception {
        ExecutorService nodes = Executors.newFixedThreadPool(2);
        try (Node other = new Node()) {
            for (int turn = 0; turn < 8; turn++) {
                look(160, 12, 300 + turn);
                Future<?> one = nodes.submit(node.filler::settle);
                Future<?> two = nodes.submit(other.filler::settle);
                one.get();
                two.get();
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
            }
            node.filler.settle();
        } finally {
            nodes.shutdown();
        }
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        assertThat(covered()).isGreaterThan(1_200);
        assertThat(alerts()).isZero();
    }

    /** Two blocks of several pages, and some entries more. */
    private void twoBlocks() {
        look(150, 20, 10);
        node.filler.settle();
        assertThat(blocks()).hasSize(2);
        assertThat(rows()).isGreaterThan(4);
    }

    private void isFoundOnceAndMended(String fault) {
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).hasValue(fault);
        node.filler.settle();
        // Pages that are left without page 0 may be another node's.
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
        node.filler.settle();
        assertThat(alerts()).isEqualTo(1);
        assertThat(check()).isEmpty();
        assertThat(blocks()).hasSize(2);
        everyPatronHasTheEntriesThatNameHim();
        restart();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void missingPageIsFoundAndTheBlockIsWrittenAgain() {
        twoBlocks();
        run("DELETE FROM log_view WHERE first = 0 AND page = 1");
        isFoundOnceAndMended("missing");
    }

    @Test
    void missingHeadIsFoundAndTheBlockIsWrittenAgain() {
        twoBlocks();
        run("DELETE FROM log_view WHERE first = 0 AND page = 0");
        isFoundOnceAndMended("missing");
    }

    @Test
    void pageOfAnotherBlockIsFoundAndTheBlockIsWrittenAgain() {
        twoBlocks();
        run("UPDATE log_view SET sealed = (SELECT sealed FROM log_view WHERE first > 0 AND page = 1)"
                + " WHERE first = 0 AND page = 1");
        isFoundOnceAndMended("changed");
    }

    @Test
    void headOfAnotherBlockIsFoundAndTheBlockIsWrittenAgain() {
        twoBlocks();
        run("UPDATE log_view SET sealed = (SELECT sealed FROM log_view WHERE first > 0 AND page = 0)"
                + " WHERE first = 0 AND page = 0");
        restart();
        isFoundOnceAndMended("changed");
    }

    @Test
    void damagedPageIsFoundByAReportAlone() {
        twoBlocks();
        run("DELETE FROM log_view WHERE page > 0");
        everyPatronHasTheEntriesThatNameHim();
        node.filler.settle();
        assertThat(alerts()).isEqualTo(2);
        assertThat(check()).isEmpty();
    }

    @Test
    void blocksThatAreGoneOrOfAnOlderCopyHideNothing() {
        twoBlocks();
        run("DELETE FROM log_view WHERE first > 0");
        restart();
        everyPatronHasTheEntriesThatNameHim();
        node.filler.settle();
        assertThat(blocks()).hasSize(2);
        run("DELETE FROM log_view WHERE first = 0");
        restart();
        everyPatronHasTheEntriesThatNameHim();
        node.filler.settle();
        assertThat(blocks()).hasSize(2);
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void monthOfABlockThatWasEditedHidesNothing() {
        twoBlocks();
        run("UPDATE log_view SET month = 202001 WHERE first = 0");
        restart();
        everyPatronHasTheEntriesThatNameHim();
        node.filler.settle();
        assertThat(blocks()).extracting(ViewRows.Block::month).containsExactly(month(), month());
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void blockOfAnotherLogIsNotUsed() {
        twoBlocks();
        long last = covered() - 1;
        byte[] leaf = leaf(last);
        putLeaf(last, leaf(5));
        restart();
        assertThat(check()).hasValue("changed");
        putLeaf(last, leaf);
        node.filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
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
        changedForAMoment((index, leaf) -> putLeaf(index, leaf(5)));
    }

    /** Changes one leaf after this node's own tree has them all, and restores it once the filler has run. */
    private void changedForAMoment(BiConsumer<Long, byte[]> change) {
        look(200, 1, 32);
        vault.log.checkpoint();
        long index = vault.entries().get(10).index();
        byte[] leaf = leaf(index);
        change.accept(index, leaf);
        node.filler.settle();
        assertThat(blocks()).isEmpty();
        putLeaf(index, leaf);
        node.filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(covered()).isGreaterThan(128);
    }

    private byte[] leaf(long index) {
        return vault.store.read(tx -> tx.log().leaf(index)).orElseThrow();
    }

    private void putLeaf(long index, byte[] leaf) {
        run(
                "INSERT INTO access_log (idx, leaf) VALUES (?, ?) ON CONFLICT (idx) DO UPDATE SET leaf = excluded.leaf",
                index,
                leaf);
    }

    /** Writes the pages of a block without its page 0. */
    final void breakOff() {
        look(80, 20, 40);
        int steps = 0;
        while (vault.store.read(tx -> tx.view().count(0)) == 0) {
            assertThat(node.filler.step()).isTrue();
            assertThat(++steps).isLessThan(10);
        }
        assertThat(blocks()).isEmpty();
    }

    final void oneBlockIsWholeAndNoneWasDamaged() {
        assertThat(blocks()).hasSize(1);
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        assertThat(alerts()).isZero();
    }

    @Test
    void blockThatWasBrokenOffHidesNothingAndIsWrittenAgain() {
        breakOff();
        run("UPDATE log_view SET sealed = (SELECT sealed FROM log_view WHERE page = 2) WHERE page = 1");
        restart();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        node.filler.settle();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
        node.filler.settle();
        oneBlockIsWholeAndNoneWasDamaged();
    }

    @Test
    void monthWhoseKeyIsDestroyedLeavesNothingBehind() throws Exception {
        useOwnKeys();
        look(150, 3, 19);
        node.filler.settle();
        assertThat(vault.log.reader().about(new PatronId(3))).isNotEmpty();
        assertThat(blocks()).isNotEmpty();

        vault.custody.destroy("log-content", month());
        assertThat(vault.log.reader().about(new PatronId(3))).isEmpty();
        node.filler.settle();
        assertThat(blocks()).isEmpty();
        look(150, 3, 20);
        node.filler.settle();
        assertThat(blocks()).extracting(ViewRows.Block::month).containsOnly(202612);
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
        assertThat(alerts()).isZero();
    }

    @Test
    void entriesOfAForgottenMonthAreReadOnceMoreAndThenNoMore() throws Exception {
        useOwnKeys();
        look(70, 3, 19);
        look(70, 3, 20, NEXT_MONTH);
        node.filler.settle();
        long covered = covered();
        vault.custody.destroy("log-content", month());
        node.filler.settle();
        assertThat(covered()).isEqualTo(covered);
        assertThat(blocks()).extracting(ViewRows.Block::month).containsOnly(202612);
        restart();
        assertThat(covered()).isEqualTo(covered);
        everyPatronHasTheEntriesThatNameHim();
    }

    @Test
    void blockIsSealedAgainIfItsMonthIsForgottenMeanwhile() throws Exception {
        useOwnKeys();
        breakOff();
        vault.custody.destroy("log-content", month());
        node.filler.settle();
        assertThat(blocks()).isEmpty();
        look(80, 3, 21);
        node.filler.settle();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
        node.filler.settle();
        assertThat(blocks()).extracting(ViewRows.Block::month).containsOnly(202612);
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void sealedVaultKeepsNothingInMemory() {
        twoBlocks();
        node.view.forget();
        everyPatronHasTheEntriesThatNameHim();
        node.filler.settle();
        everyPatronHasTheEntriesThatNameHim();
        assertThat(check()).isEmpty();
    }

    @Test
    void acceptedLogBeginsWithoutBlocks() {
        twoBlocks();
        vault.log
                .acceptance()
                .accept(vault.log.event(LogTestVault.CLERK, ActKind.ACCEPT, Outcome.KEY, AuditLog.newRequest()));
        assertThat(blocks()).isEmpty();
        restart();
        node.filler.settle();
        assertThat(blocks()).hasSize(2);
        everyPatronHasTheEntriesThatNameHim();
    }
}
