package org.patronvault.core.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;

/** Tests of the isolation between one read and one write. */
public abstract class TransactionContract extends DatabaseContract {

    private long patrons() {
        return store.read(tx -> tx.patrons().count());
    }

    @Test
    void aWriteThatThrowsLeavesNothing() {
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.patrons().insert(Rows.patron(1, 1), Rows.values(1, 1));
                    throw new IllegalStateException("given up");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("given up");
        assertThat(patrons()).isZero();
    }

    @Test
    void undoingOneUnitKeepsTheOnesBeforeAndAfter() {
        store.write(tx -> {
            tx.savepoint(true);
            tx.patrons().insert(Rows.patron(1, 1), Rows.values(1, 1));
            tx.release();
            tx.savepoint(true);
            tx.patrons().insert(Rows.patron(2, 1), Rows.values(2, 1));
            tx.rollbackToSavepoint();
            tx.savepoint(true);
            tx.patrons().insert(Rows.patron(3, 1), Rows.values(3, 1));
            tx.release();
            return null;
        });
        assertThat(listed(tx -> tx.patrons().idsAfter(0, 10))).containsExactly(new PatronId(1), new PatronId(3));
        assertThat(seen(tx -> tx.patrons().everUsed(new PatronId(2)))).isFalse();
    }

    @Test
    void aFailedStatementIsToldWithoutAValueAndUndoneAlone() {
        Rows.put(store, 2, 1);
        store.write(tx -> {
            tx.savepoint(true);
            tx.patrons().insert(Rows.patron(1, 1), Rows.values(1, 1));
            tx.release();
            tx.savepoint(true);
            assertThatThrownBy(() -> tx.patrons().insert(Rows.patron(2, 1), Rows.values(2, 1)))
                    .isInstanceOfSatisfying(
                            RuntimeException.class,
                            e -> assertThat(tx.failureOf(e))
                                    .isInstanceOfSatisfying(
                                            StoreException.class,
                                            s -> assertThat(s.kind()).isEqualTo(StoreException.Kind.FAILED))
                                    .hasMessageMatching("database: FAILED \\(\\d+\\)")
                                    .hasNoCause());
            tx.rollbackToSavepoint();
            return null;
        });
        assertThat(patrons()).isEqualTo(2);
        IllegalStateException ours = new IllegalStateException("ours");
        assertThat(store.<RuntimeException>write(tx -> tx.failureOf(ours))).isSameAs(ours);
    }

    @Test
    void aReadSeesOneStateHoweverMuchIsWrittenMeanwhile() {
        Rows.put(store, 1, 1);
        store.read(tx -> {
            assertThat(tx.patrons().count()).isEqualTo(1);
            Rows.put(store, 2, 1);
            assertThat(tx.patrons().count()).isEqualTo(1);
            assertThat(tx.patrons().find(new PatronId(2))).isEmpty();
            return null;
        });
        assertThat(patrons()).isEqualTo(2);
    }

    @Test
    void aReadCannotWrite() {
        assertThatThrownBy(() -> store.read(tx -> {
                    tx.patrons().insert(Rows.patron(1, 1), Rows.values(1, 1));
                    return null;
                }))
                .isInstanceOf(StoreException.class);
        assertThat(patrons()).isZero();
        Rows.put(store, 1, 1);
        assertThat(patrons()).isEqualTo(1);
    }

    @Test
    void theHeadUnderTheLockIsTheOneLastWritten() {
        assertThat(written(tx -> tx.head().isEmpty())).isTrue();
        store.write(tx -> {
            tx.log().begin(new LogHead(0, new byte[8]));
            tx.log().append(0, List.of(new byte[] {1}, new byte[] {2}), new LogHead(2, new byte[] {7}));
            return null;
        });
        LogHead head = store.write(tx -> tx.head().orElseThrow());
        assertThat(head.size()).isEqualTo(2);
        assertThat(head.frontier()).containsExactly(7);
    }

    @Test
    void writersOfTwoNodesGoOneAfterTheOther() throws Exception {
        store.write(tx -> {
            tx.log().begin(new LogHead(0, new byte[8]));
            return null;
        });
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Store second = Store.open(settings)) {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> writers = new ArrayList<>();
            for (Store node : List.of(store, second, store, second)) {
                writers.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < 25; i++) {
                        node.write(tx -> {
                            long size = tx.head().orElseThrow().size();
                            tx.log().append(size, List.of(Rows.random(8)), new LogHead(size + 1, new byte[8]));
                            return null;
                        });
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(store.<Long>read(tx -> tx.log().head().orElseThrow().size())).isEqualTo(100);
        assertThat(store.<Long>read(tx -> tx.log().count())).isEqualTo(100);
    }

    @Test
    void leavesTilesAndCheckpointsComeBackInOrder() {
        byte[] tile = Rows.random(8192);
        store.write(tx -> {
            tx.log().begin(new LogHead(0, new byte[8]));
            tx.log().append(0, List.of(new byte[] {0}, new byte[] {1}, new byte[] {2}), new LogHead(3, new byte[8]));
            tx.log().putTile(0, 5, tile);
            tx.log().putCheckpoint(new LogRows.CheckpointRow(3, "three"));
            tx.log().putCheckpoint(new LogRows.CheckpointRow(2, "two"));
            tx.log().putCheckpoint(new LogRows.CheckpointRow(3, "another"));
            return null;
        });
        store.read(tx -> {
            List<Long> seen = new ArrayList<>();
            tx.log().forEachLeaf(1, 3, (index, leaf) -> {
                assertThat(leaf).containsExactly(index.intValue());
                seen.add(index);
            });
            assertThat(seen).containsExactly(1L, 2L);
            assertThat(tx.log().leaf(3)).isEmpty();
            assertThat(tx.log().tile(0, 5)).hasValue(tile);
            assertThat(tx.log().tile(1, 5)).isEmpty();
            assertThat(tx.log().lastCheckpoint().orElseThrow().note()).isEqualTo("three");
            assertThat(tx.log().checkpoints())
                    .extracting(LogRows.CheckpointRow::size)
                    .containsExactly(2L, 3L);
            return null;
        });
    }

    private void putCheckpoints(LogRows.CheckpointRow... rows) {
        store.write(tx -> {
            List.of(rows).forEach(tx.log()::putCheckpoint);
            return null;
        });
    }

    @Test
    void checkpointsAreReadAPartAtATimeAndByALine() {
        putCheckpoints(
                new LogRows.CheckpointRow(2, "origin\n2\n"),
                new LogRows.CheckpointRow(4, "origin\n4\nline 7\n"),
                new LogRows.CheckpointRow(6, "origin\n6\n\nno line 7\n"),
                new LogRows.CheckpointRow(8, "line 7\n8\n"),
                new LogRows.CheckpointRow(9, "origin\n9\nmore\nline 8\n"));
        store.read(tx -> {
            assertThat(tx.log().checkpointsBetween(2, 9, 2))
                    .extracting(LogRows.CheckpointRow::size)
                    .containsExactly(4L, 6L);
            assertThat(tx.log().checkpointsBetween(6, 9, 2))
                    .extracting(LogRows.CheckpointRow::size)
                    .containsExactly(8L);
            assertThat(tx.log().checkpointsBetween(8, 9, 2)).isEmpty();
            assertThat(tx.log().checkpointsWith("line "))
                    .extracting(LogRows.CheckpointRow::size)
                    .containsExactly(4L, 9L);
            return null;
        });
    }

    @Test
    void checkpointIsRemovedOnlyAsItWasRead() {
        LogRows.CheckpointRow two = new LogRows.CheckpointRow(2, "two");
        LogRows.CheckpointRow three = new LogRows.CheckpointRow(3, "three");
        putCheckpoints(two, three);
        store.write(tx -> {
            tx.log().cosign(new LogRows.CheckpointRow(3, "three, signed once more"));
            tx.log().removeCheckpoints(List.of(two, three, new LogRows.CheckpointRow(4, "four")));
            return null;
        });
        assertThat(store.<List<LogRows.CheckpointRow>>read(tx -> tx.log().checkpoints()))
                .containsExactly(new LogRows.CheckpointRow(3, "three, signed once more"));
    }
}
