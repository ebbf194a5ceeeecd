package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.TestActs.Result;
import org.patronvault.core.log.TestActs.Spec;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.CutLine;
import org.patronvault.testing.Postgres;

/**
 * Tests of several acts of a transaction whose connection is lost at COMMIT. Each caller learns what the log says, or
 * that it is not known, and the process remembers what the database says. {@code LostCommitTest} has single acts of a
 * whole vault, what is opened after them, and a database that is set weak meanwhile.
 */
@Timeout(120)
final class UnknownOutcomeTest {
    private static final int READERS = 2;

    @TempDir
    private Path directory;

    private String url;
    private CutLine line;
    private LogTestVault vault;
    private TestActs acts;

    @BeforeEach
    void createTwoNodes() {
        url = Postgres.databaseWithTables();
        int port = URI.create(url.substring("jdbc:".length())).getPort();
        line = CutLine.to(port);
        String byLine = url.replace(":" + port + "/", ":" + line.port() + "/");
        vault = LogTestVault.create(
                LogTestVault.sharedKeys(), directory.resolve("home"), new StoreSettings(byLine, READERS));
        acts = new TestActs(vault);
        long unused = acts.perform(registering(1));
    }

    @AfterEach
    void close() {
        vault.close();
        line.close();
    }

    private Spec registering(long patron) {
        return registering(patron, () -> {});
    }

    /** Stores a patron and counts it. Does {@code first} before. */
    private Spec registering(long patron, Runnable first) {
        AccessEvent event = vault.register(patron);
        return TestActs.deciding(event, (tx, entry) -> {
            first.run();
            LogTestVault.insert(tx, patron);
            acts.count(tx, "all");
            return Result.of(event);
        });
    }

    private Spec wrongPassword() {
        AccessEvent wrong = vault.log.event(Actor.NOBODY, ActKind.SIGN_IN, Outcome.FAILED, AuditLog.newRequest());
        return TestActs.deciding(wrong, (tx, entry) -> {
            acts.count(tx, "wrong");
            return Result.refusing(new Refused(Problem.INVALID_CREDENTIALS, "Wrong."), wrong);
        });
    }

    /** Reads once more where a connection that was cut is found: each fails once, and is not used again. */
    private static <T> T afterCut(Supplier<T> read) {
        while (true) {
            try {
                return read.get();
            } catch (StoreException e) {
                assertThat(StorageOutage.of(e)).isPresent();
            }
        }
    }

    private void assertRemembersWhatIsStored() {
        assertThat(vault.broken).isEmpty();
        assertThat(afterCut(acts::remembered)).isEqualTo(afterCut(acts::stored));
    }

    private void assertOnce(Spec act) {
        assertThat(afterCut(() -> acts.entriesOf(act.attempt()))).hasSize(1);
    }

    private void assertNotThere(Spec act) {
        assertThat(afterCut(() -> acts.entriesOf(act.attempt()))).isEmpty();
    }

    @Test
    void eachCallerOfATransactionThatWasCommittedLearnsItsOwnEnd() {
        Spec first = registering(2, line::cutAtCommit);
        Spec counted = wrongPassword();
        Spec taken = registering(1);
        Spec last = registering(3);
        List<CompletableFuture<Long>> ends = acts.together(List.of(first, counted, taken, last));
        long entry = AuditLog.await(ends.get(0));
        assertThat(line.cuts()).isEqualTo(1);
        AuditLogContract.assertRefused(Problem.INVALID_CREDENTIALS, () -> AuditLog.await(ends.get(1)));
        assertThatThrownBy(() -> AuditLog.await(ends.get(2))).isInstanceOf(StoreException.class);
        assertThat(AuditLog.await(ends.get(3))).isEqualTo(entry + 3);
        List.of(first, counted, taken, last).forEach(this::assertOnce);
        assertThat(afterCut(() -> acts.counted("all"))).isEqualTo(3);
        assertThat(afterCut(() -> acts.counted("wrong"))).isEqualTo(1);
        assertRemembersWhatIsStored();
        assertThat(acts.perform(registering(4))).isEqualTo(entry + 4);
        assertRemembersWhatIsStored();
    }

    @Test
    void ofATransactionThatWasNotCommittedNothingIsThereAndItIsDoneOnceIfRepeated() {
        List<Spec> lost = List.of(registering(2), wrongPassword(), registering(3, line::cut));
        for (CompletableFuture<Long> end : acts.together(lost)) {
            assertThatThrownBy(() -> AuditLog.await(end))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.LOG_UNAVAILABLE))
                    .hasMessageContaining("nothing was done");
        }
        lost.forEach(this::assertNotThere);
        assertThat(afterCut(() -> acts.counted("all"))).isEqualTo(1);
        assertThat(afterCut(() -> acts.counted("wrong"))).isZero();
        assertRemembersWhatIsStored();

        List<Spec> repeated = List.of(registering(2), registering(3));
        acts.together(repeated).forEach(AuditLog::await);
        repeated.forEach(this::assertOnce);
        assertThat(acts.counted("all")).isEqualTo(3);
        assertRemembersWhatIsStored();
    }

    /** Waits until somebody waits for a lock of this database. */
    private static void awaitWaiting(Statement statement) {
        Awaitility.await().until(() -> {
            try (ResultSet waiting = statement.executeQuery("SELECT count(*) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'")) {
                return waiting.next() && waiting.getInt(1) > 0;
            }
        });
    }

    @Test
    void callerWhoWaitedTooLongIsToldThatItIsNotKnownAndItsRepetitionIsAnsweredFromTheLog() throws Exception {
        ExecutorService blocking = Executors.newSingleThreadExecutor();
        try (Connection blocker = DriverManager.getConnection(url);
                Statement lock = blocker.createStatement();
                Connection observer = DriverManager.getConnection(url);
                Statement looks = observer.createStatement()) {
            blocker.setAutoCommit(false);
            Spec act = registering(2, () -> {
                // It is next, so that nobody can look what became of this transaction.
                blocking.execute(() -> lockHead(lock));
                awaitWaiting(looks);
                line.cutAtCommit();
            });
            CompletableFuture<String> unknown = acts.once("key", "body", act);
            assertThatThrownBy(() -> AuditLog.await(unknown))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.LOG_UNAVAILABLE))
                    .hasMessageContaining("not known")
                    .hasMessageNotContaining("nothing was done");
            assertThat(line.cuts()).isEqualTo(1);
            blocker.rollback();

            String answer = afterCut(() -> AuditLog.await(acts.once("key", "body", registering(2))));
            assertThat(answer).isEqualTo(TestActs.answer(vault.log.reader().size() - 1));
            assertOnce(act);
            long next = acts.perform(registering(3));
            assertThat(next).isEqualTo(vault.log.reader().size() - 1);
            assertThat(acts.counted("all")).isEqualTo(3);
            assertRemembersWhatIsStored();
        } finally {
            blocking.shutdownNow();
        }
    }

    private static void lockHead(Statement statement) {
        try {
            boolean unused = statement.execute("LOCK TABLE log_head IN ACCESS EXCLUSIVE MODE");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Two people agree to one request at the same time, each on a node: the entries of both have the request's ID. */
    @Test
    void entryOfAnotherNodeUnderTheSameRequestIsNotTakenForOnesOwn() throws Exception {
        try (LogTestVault other = vault.another(directory.resolve("other"), new StoreSettings(url, READERS));
                Connection observer = DriverManager.getConnection(url);
                Statement looks = observer.createStatement()) {
            TestActs there = new TestActs(other);
            byte[] request = AuditLog.newRequest();
            AccessEvent theirs = approval("theo", request);
            AccessEvent ours = approval("dora", request);
            AtomicReference<CompletableFuture<Long>> end = new AtomicReference<>();
            Spec lost = TestActs.deciding(ours, (tx, entry) -> {
                acts.count(tx, "granted");
                return Result.of(ours);
            });
            Spec cutting = registering(2, () -> {
                // It is next, before anybody can look what became of this transaction.
                end.set(there.submit(TestActs.look(theirs)));
                awaitWaiting(looks);
                line.cut();
            });
            for (CompletableFuture<Long> one : acts.together(List.of(lost, cutting))) {
                assertThatThrownBy(() -> AuditLog.await(one))
                        .isInstanceOf(Refused.class)
                        .hasMessageContaining("nothing was done");
            }
            long entry = AuditLog.await(end.get());
            assertThat(afterCut(() -> acts.entriesOf(ours)))
                    .singleElement()
                    .satisfies(one -> assertThat(one.actor().name()).isEqualTo("theo"));
            assertThat(acts.perform(registering(2))).isEqualTo(entry + 1);
            assertThat(afterCut(() -> acts.counted("granted"))).isZero();
            assertRemembersWhatIsStored();
        }
    }

    private AccessEvent approval(String by, byte[] request) {
        return vault.log.event(
                new Actor(Actor.Kind.STAFF, by, "director", "NC"), ActKind.APPROVAL, Outcome.CONFIGURATION, request);
    }
}
