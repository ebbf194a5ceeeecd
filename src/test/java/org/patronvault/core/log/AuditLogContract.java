package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LatestEntryFacts;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.Tampering;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;
import org.patronvault.testing.LongRun;

/** Tests of the log from its callers' side, on a real database. */
public abstract class AuditLogContract {
    @TempDir
    Path directory;

    LogTestVault vault;

    abstract StoreSettings fresh(Path emptyDirectory);

    @BeforeEach
    void createVault() {
        vault = LogTestVault.create(LogTestVault.sharedKeys(), directory, fresh(directory));
    }

    @AfterEach
    void closeVault() {
        vault.close();
    }

    public static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    /** Queues units while the engine is held up, so that all are in one transaction. */
    final List<CompletableFuture<AuditReceipt>> together(List<Act<AuditReceipt>> units) throws InterruptedException {
        List<CompletableFuture<AuditReceipt>> futures = new ArrayList<>();
        whileHeld(() -> units.forEach(unit -> futures.add(vault.log.submit(unit, Lane.DESK))));
        return futures;
    }

    /** Has acts queued while the engine is held up, so that all are in one transaction. */
    private void whileHeld(Runnable queue) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AccessEvent event = vault.register(1_000_000);
        CompletableFuture<AuditReceipt> first = vault.log.submit(
                AuditLog.writing(event, now -> {
                    held.countDown();
                    awaitLatch(release);
                    return Decision.done(event);
                }),
                Lane.DESK);
        assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
        queue.run();
        release.countDown();
        AuditLog.await(first);
    }

    static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void sixtyFourThreadsLeaveEveryEntryOnceAndWithoutGaps() throws Exception {
        int threads = 64;
        int each = 50;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        Set<Long> indices = new HashSet<>();
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<List<Long>>> callers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                long patron = t;
                callers.add(pool.submit(() -> {
                    start.await();
                    List<Long> mine = new ArrayList<>();
                    for (int i = 0; i < each; i++) {
                        AuditReceipt receipt = vault.log.record(vault.reveal(patron));
                        assertThat(receipt.covers(new PatronId(patron), Set.of(PatronField.PHONE)))
                                .isTrue();
                        mine.add(receipt.index());
                    }
                    return mine;
                }));
            }
            start.countDown();
            for (Future<List<Long>> caller : callers) {
                List<Long> mine = caller.get(120, TimeUnit.SECONDS);
                assertThat(mine).isSorted();
                indices.addAll(mine);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(indices).hasSize(threads * each);
        assertThat(vault.entries())
                .hasSize(1 + threads * each)
                .extracting(LogReader.Entry::index)
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(vault.store.<Long>read(tx -> tx.log().count())).isEqualTo(1 + threads * each);
        assertThat(vault.log.reader().about(new PatronId(7))).hasSize(each);
        vault.log.checkpoint();
        LogReport report = LogVerifier.verify(vault.store, List.of());
        assertThat(report.problems()).isEmpty();
        assertThat(report.entries()).isEqualTo(1 + threads * each);
    }

    @Test
    void aFullReservationLeavesNoRowButARefusalOfWhatWasAskedFor() {
        AccessEvent event = vault.register(1);
        Act<AuditReceipt> unit = AuditLog.writing(event, now -> {
            now.tx().limits().remember("clerk", 1, List.of(new byte[16]));
            LogTestVault.insert(now.tx(), 1);
            throw new Refused(Problem.REVEAL_LIMIT, "Too many patrons today.", 60);
        });
        assertRefused(Problem.REVEAL_LIMIT, () -> vault.log.call(unit, Lane.DESK));
        assertThat(vault.isStored(1)).isFalse();
        assertThat(vault.store.<Integer>write(tx -> tx.limits().remember("clerk", 1, List.of(new byte[16]))))
                .isEqualTo(1);
        assertThat(vault.entryOf(event)).hasValueSatisfying(entry -> {
            assertThat(entry.event().outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(entry.event().reason()).contains(Problem.REVEAL_LIMIT);
            assertThat(entry.event().subjects())
                    .singleElement()
                    .satisfies(s -> assertThat(s.patron()).isEqualTo(new PatronId(1)));
        });
    }

    /** A look that answers whether the patron is stored, and counts how often rows were read. */
    private Act<Boolean> look(long patron, Reads.Source<PatronId, Optional<StoredPatron>> from) {
        AccessEvent look =
                vault.log.event(LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest());
        Reads<PatronId, Optional<StoredPatron>> row = new Reads<>(from, List.of(new PatronId(patron)));
        return new Act<>() {
            @Override
            public AccessEvent attempt() {
                return look;
            }

            @Override
            public boolean writes() {
                return false;
            }

            @Override
            public Optional<Reads<?, ?>> reads() {
                return Optional.of(row);
            }

            @Override
            public Decision<Boolean> decide(Deciding now) {
                boolean stored = now.read(row).get(0).isPresent();
                return Decision.done(look, stored);
            }
        };
    }

    @Test
    void actsOfOneTransactionReadTheirRowsTogetherAndSeeWhatThoseBeforeThemWrote() throws Exception {
        vault.log.call(vault.registering(1), Lane.DESK);
        List<Integer> reads = new CopyOnWriteArrayList<>();
        Reads.Source<PatronId, Optional<StoredPatron>> rows = (tx, ids) -> {
            reads.add(ids.size());
            return ids.stream().map(tx.patrons()::find).toList();
        };
        List<CompletableFuture<Boolean>> looks = new ArrayList<>();
        List<CompletableFuture<AuditReceipt>> writes = new ArrayList<>();
        whileHeld(() -> {
            looks.add(vault.log.submit(look(1, rows), Lane.DESK));
            looks.add(vault.log.submit(look(2, rows), Lane.DESK));
            looks.add(vault.log.submit(look(1, rows), Lane.DESK));
            writes.add(vault.log.submit(vault.registering(2), Lane.DESK));
            looks.add(vault.log.submit(look(2, rows), Lane.DESK));
        });
        assertThat(looks.stream().map(AuditLog::await)).containsExactly(true, false, true, true);
        AuditLog.await(writes.get(0));
        // Patrons 1 and 2 for all, and patron 2 again for the look after the write.
        assertThat(reads).containsExactly(2, 1);
    }

    @Test
    void aUnitThatFailsFailsAlone() throws Exception {
        vault.log.call(vault.registering(1), Lane.DESK);
        AccessEvent throwing = vault.register(3);
        AccessEvent refusing = vault.register(4);
        AccessEvent unloggable = vault.log.event(
                new Actor(Actor.Kind.STAFF, "\ud800", "", ""), ActKind.SIGN_IN, Outcome.FAILED, AuditLog.newRequest());
        Act<AuditReceipt> taken = vault.registering(1);
        List<CompletableFuture<AuditReceipt>> ends = together(List.of(
                vault.registering(2),
                AuditLog.writing(throwing, now -> {
                    WriteTx tx = now.tx();
                    LogTestVault.insert(tx, 3);
                    throw new IllegalStateException("given up");
                }),
                AuditLog.writing(refusing, now -> {
                    WriteTx tx = now.tx();
                    LogTestVault.insert(tx, 4);
                    throw new Refused(Problem.CARD_IN_USE, "The card is in use.");
                }),
                taken,
                AuditLog.entry(unloggable),
                vault.registering(5)));

        assertThat(AuditLog.await(ends.get(0)).index()).isPositive();
        assertThatThrownBy(() -> AuditLog.await(ends.get(1))).isInstanceOf(IllegalStateException.class);
        assertRefused(Problem.CARD_IN_USE, () -> AuditLog.await(ends.get(2)));
        assertThatThrownBy(() -> AuditLog.await(ends.get(3)))
                .isInstanceOf(StoreException.class)
                .hasMessageMatching("database: FAILED \\(\\d+\\)")
                .hasNoCause();
        assertThatThrownBy(() -> AuditLog.await(ends.get(4))).isInstanceOf(IllegalArgumentException.class);
        assertThat(AuditLog.await(ends.get(5)).index())
                .isEqualTo(AuditLog.await(ends.get(0)).index() + 4);
        assertThat(List.of(1L, 2L, 3L, 4L, 5L)).filteredOn(vault::isStored).containsExactly(1L, 2L, 5L);
        assertThat(vault.entryOf(throwing).orElseThrow().event().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(vault.entryOf(refusing).orElseThrow().event().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(vault.entryOf(taken.attempt()).orElseThrow().event().outcome())
                .isEqualTo(Outcome.FAILED);
        assertThat(vault.entryOf(unloggable)).isEmpty();
        assertThat(LogVerifier.verify(vault.store, List.of()).problems()).isEmpty();
    }

    @Test
    void databaseThatFailsInAPartWithoutASavepointUndoesTheWholeBatchAndNoneIsToldThatItIsDone() throws Exception {
        vault.log.call(vault.registering(1), Lane.DESK);
        AccessEvent failing = vault.register(8);
        List<CompletableFuture<AuditReceipt>> ends = together(List.of(
                vault.registering(6),
                AuditLog.counting(
                        failing,
                        tx -> {
                            // Any statement of a limit may fail like this. Here the patron exists already.
                            LogTestVault.insert(tx, 1);
                            return Set.of();
                        },
                        Set.of()),
                vault.registering(7)));
        for (CompletableFuture<AuditReceipt> end : ends) {
            assertThatThrownBy(() -> AuditLog.await(end)).isInstanceOf(StoreException.class);
        }
        assertThat(List.of(6L, 7L)).noneMatch(vault::isStored);
        assertThat(vault.entryOf(failing)).isEmpty();
        vault.log.call(vault.registering(6), Lane.DESK);
        assertThat(LogVerifier.verify(vault.store, List.of()).problems()).isEmpty();
    }

    @Test
    void aUnitThatAsksTheLogComesBeforeThoseWhoseEntriesAreNotThereYet() throws Exception {
        AccessEvent asking = vault.register(9);
        List<CompletableFuture<AuditReceipt>> writes = new ArrayList<>();
        List<CompletableFuture<Long>> reads = new ArrayList<>();
        whileHeld(() -> {
            writes.add(vault.log.submit(vault.registering(7), Lane.DESK));
            reads.add(vault.log.submit(
                    AuditLog.readingLog(asking, now -> Decision.done(asking, LogReader.size(now.tx()))), Lane.DESK));
            writes.add(vault.log.submit(vault.registering(8), Lane.DESK));
        });
        long size = AuditLog.await(reads.get(0));
        assertThat(vault.entryOf(asking).orElseThrow().index()).isEqualTo(size);
        assertThat(AuditLog.await(writes.get(0)).index()).isEqualTo(size + 1);
        assertThat(AuditLog.await(writes.get(1)).index()).isEqualTo(size + 2);
    }

    @Test
    void aUnitThatIsThroughIsLetGoAlthoughItsCallersClockStillRuns() {
        WeakReference<byte[]> rows = writeInBulk();
        await().until(() -> {
            System.gc();
            return rows.get() == null;
        });
    }

    private WeakReference<byte[]> writeInBulk() {
        byte[] rows = new byte[1 << 20];
        AccessEvent event = vault.register(2);
        vault.log.callBulk(event, now -> {
            rows[0] = 1;
            return Decision.done(event);
        });
        return new WeakReference<>(rows);
    }

    @Test
    void whatTheWorkReturnsIsWhatIsLoggedAndCovered() {
        AccessEvent before = vault.reveal(1);
        AccessEvent after = before.on(List.of(Subject.opened(new PatronId(2), Set.of(PatronField.EMAIL))));
        AuditReceipt receipt = vault.log.call(before, now -> Decision.done(after));
        assertThat(receipt.covers(new PatronId(1), Set.of(PatronField.PHONE))).isFalse();
        assertThat(receipt.covers(new PatronId(2), Set.of(PatronField.EMAIL))).isTrue();
        assertThat(vault.log.reader().about(new PatronId(1))).isEmpty();
        assertThat(vault.log.reader().about(new PatronId(2)))
                .singleElement()
                .satisfies(e -> assertThat(e.index()).isEqualTo(receipt.index()));
    }

    @Test
    void theFirstEntryOfAMonthFollowsTheEntryOfItsKey() {
        int month = vault.custody.keys().inventory().stream()
                                .filter(k -> k.name().equals("log-content"))
                                .mapToInt(k -> k.version())
                                .max()
                                .orElseThrow()
                        / 100
                + 1;
        AccessEvent event = AccessEvent.of(
                        Instant.parse(month + "-05-01T00:00:00Z"),
                        LogTestVault.CLERK,
                        ActKind.REVEAL,
                        Outcome.DISCLOSED,
                        AuditLog.newRequest())
                .on(List.of(Subject.opened(new PatronId(1), Set.of(PatronField.CARD))));
        long index = vault.log.record(event).index();
        List<LogReader.Entry> entries = vault.entries();
        LogReader.Entry key = entries.get((int) index - 1);
        assertThat(key.event().act()).isEqualTo(ActKind.NEW_KEY);
        assertThat(key.event().mark()).hasValueSatisfying(mark -> {
            assertThat(mark.revision()).isEqualTo(vault.custody.mark().revision());
            assertThat(mark.digest()).isEqualTo(vault.custody.mark().digest());
        });
        assertThat(vault.store.read(tx -> tx.fact(LatestEntryFacts.KEY)).orElseThrow())
                .isEqualTo(Long.toString(index - 1));
        assertThat(entries.get((int) index).event().subjects()).hasSize(1);
        assertThat(vault.log.record(event).index()).isEqualTo(index + 1);
    }

    @Test
    void proofsHoldAgainstTheCheckpoint() {
        vault.fill(299);
        vault.log.checkpoint();
        LogReader reader = vault.log.reader();
        assertThat(reader.size()).isEqualTo(300);
        byte[] root = LogVerifier.verify(vault.store, List.of()).root();
        for (long index : new long[] {0, 1, 255, 256, 299}) {
            LogReader.Inclusion proof = reader.inclusion(index, 300);
            assertThat(Proofs.verifyInclusion(proof.leafHash(), index, 300, proof.path(), root))
                    .isTrue();
        }
        Frontier early = Frontier.empty();
        vault.store.read(tx -> {
            tx.log().forEachLeaf(0, 100, (index, leaf) -> early.append(MerkleHash.leaf(leaf)));
            return null;
        });
        assertThat(Proofs.verifyConsistency(100, early.root(), 300, root, reader.consistency(100, 300)))
                .isTrue();
        assertThatThrownBy(() -> reader.inclusion(300, 300)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> reader.inclusion(-1, 300)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> reader.inclusion(0, 301)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> reader.consistency(0, 300)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> reader.consistency(300, 299)).isInstanceOf(Refused.class);
        assertThat(reader.entries(298, 1_000).entries()).hasSize(2);
        assertThat(reader.entries(5, 3).entries()).isEmpty();
    }

    @Test
    void aSecondVaultIsNotMadeInTheSameDatabase() {
        assertRefused(
                Problem.HOME_EXISTS,
                () -> LogInitializer.create(
                        vault.store, vault.custody, LogTestVault.CLOCK, vault.home.resolve("node"), "admin"));
        assertThat(vault.entries()).hasSize(1);
    }

    @Test
    void aFloodOfRefusalsIsAFewEntriesAndTheirNumber() {
        int all = FloodGate.EACH_MINUTE + LongRun.times(30, 300);
        AccessEvent refused = vault.reveal(1).ending(Outcome.REFUSED);
        long before = vault.log.reader().size();
        for (int i = 0; i < all; i++) {
            Refused told = vault.log.refuse(refused, new Refused(Problem.FIELD_NOT_ALLOWED, "Not that."));
            assertThat(told.inLog()).isTrue();
        }
        assertThat(vault.log.reader().size()).isEqualTo(before + FloodGate.EACH_MINUTE);
        vault.log.close();
        vault.reopen();
        vault.log.resume();
        AccessEvent last = vault.log
                .reader()
                .entries(before + FloodGate.EACH_MINUTE, Long.MAX_VALUE)
                .entries()
                .get(0)
                .event();
        assertThat(last.count()).isEqualTo(java.util.OptionalLong.of(all - FloodGate.EACH_MINUTE));
        assertThat(last.reason()).contains(Problem.FIELD_NOT_ALLOWED);
    }

    /** An attacker with write access puts a consistent log into the database, between two entries of this node. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void logThatIsShorterOrAnotherThanThisNodeLeftItIsNotAppendedTo(int more) throws Exception {
        vault.fill(20);
        try (Tampering tampering = new Tampering(vault)) {
            List<byte[]> leaves = tampering.leaves();
            leaves.set(10, leaves.get(11));
            if (more < 0) {
                leaves.remove(leaves.size() - 1);
            } else if (more > 0) {
                leaves.add(leaves.get(12));
            }
            tampering.rewrite(leaves);
            assertThatThrownBy(() -> vault.log.record(vault.reveal(1))).isInstanceOf(IntegrityException.class);
            assertThat(vault.broken).isNotEmpty();
            assertThat(vault.log.reader().size()).isEqualTo(leaves.size());
        }
    }
}
