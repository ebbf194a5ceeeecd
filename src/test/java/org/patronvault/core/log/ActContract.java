package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.core.log.TestActs.Result;
import org.patronvault.core.log.TestActs.Spec;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;

/**
 * Tests of what an act promises, on each database: what stays of the act, what its caller learns, and what the process
 * remembers. After each test, this memory is compared with the database.
 *
 * <p>Other tests cover the rest. {@code AuditLogContract} covers the conflict that fails one act of a transaction, and
 * acts that read the log. {@code AuditLogTest} covers the caller's deadline. {@code UnknownOutcomeTest} and {@code
 * LostCommitTest} cover a connection lost at COMMIT. {@code ActKillTest}, {@code KillPointsIT} and {@code KillIT} cover
 * the kill. Tests of whole use cases are {@code LimitsTest} and {@code SignInTest} (twenty at once), {@code
 * ApprovalsTest}, {@code BatchRevealContract}, {@code LookupThatWaitsTest} (a patron erased meanwhile), {@code
 * ExportContract} and {@code DisclosureStreamTest}.
 */
abstract class ActContract {
    private static final int CALLERS = 20;
    private static final int BATCH = 100;
    static final String AT_END = "at-end";
    private static final Actor UNLOGGABLE = new Actor(Actor.Kind.STAFF, "\ud800", "", "");

    @TempDir
    Path directory;

    LogTestVault vault;
    TestActs acts;

    abstract StoreSettings fresh(Path emptyDirectory);

    /** Has the database undo each transaction that counts under {@link #AT_END}, as late as it can. */
    abstract void failAtEnd() throws SQLException;

    @BeforeEach
    void createVault() {
        vault = LogTestVault.create(LogTestVault.sharedKeys(), directory, fresh(directory));
        acts = new TestActs(vault);
    }

    @AfterEach
    void compareMemoryAndClose() {
        try {
            assertRemembersWhatIsStored();
        } finally {
            vault.close();
        }
    }

    final void assertRemembersWhatIsStored() {
        assertThat(vault.broken).isEmpty();
        assertThat(acts.remembered()).isEqualTo(acts.stored());
    }

    /** Stores a patron and counts it, under the counter {@code all} and one of its own. */
    final Spec registering(long patron) {
        AccessEvent event = vault.register(patron);
        return TestActs.deciding(event, (tx, entry) -> {
            LogTestVault.insert(tx, patron);
            acts.count(tx, "all");
            acts.count(tx, "patron-" + patron);
            return Result.of(event);
        });
    }

    /** A wrong password for an account that five lock. */
    private Spec guess() {
        AccessEvent wrong = vault.log
                .event(Actor.NOBODY, ActKind.SIGN_IN, Outcome.FAILED, AuditLog.newRequest())
                .about("anna");
        return TestActs.deciding(wrong, (tx, entry) -> {
            if (acts.counted(tx, "wrong") == 5) {
                throw new Refused(Problem.TOO_MANY_ATTEMPTS, "Wait.", 30);
            }
            acts.count(tx, "wrong");
            return Result.refusing(new Refused(Problem.INVALID_CREDENTIALS, "Wrong."), wrong);
        });
    }

    /** Returns how the act of each of twenty callers ends that begin together: with a problem, or done. */
    static List<Optional<Problem>> fromTwenty(Supplier<CompletableFuture<?>> act) throws Exception {
        CyclicBarrier start = new CyclicBarrier(CALLERS);
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            Callable<Optional<Problem>> caller = () -> {
                start.await();
                return problem(act.get());
            };
            List<Optional<Problem>> ends = new ArrayList<>();
            for (Future<Optional<Problem>> one : callers.invokeAll(Collections.nCopies(CALLERS, caller))) {
                ends.add(one.get());
            }
            return ends;
        } finally {
            callers.shutdownNow();
        }
    }

    static Optional<Problem> problem(CompletableFuture<?> act) {
        try {
            Object unused = AuditLog.await(act);
            return Optional.empty();
        } catch (Refused e) {
            return Optional.of(e.problem());
        }
    }

    private long entriesOf(Outcome outcome) {
        return vault.entries().stream()
                .filter(entry -> entry.event().outcome() == outcome)
                .count();
    }

    @Test
    void refusalThatCountsLeavesItsCountAndItsEntryWithTheDigestOfBoth() {
        Spec guess = guess();
        AuditLogContract.assertRefused(Problem.INVALID_CREDENTIALS, () -> acts.perform(guess));
        assertThat(acts.counted("wrong")).isEqualTo(1);
        assertThat(acts.entriesOf(guess.attempt())).singleElement().satisfies(entry -> {
            assertThat(entry.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(entry.about()).contains("anna");
            assertThat(entry.authority().orElseThrow().number())
                    .as("the count is of the entry's own transaction")
                    .isEqualTo(acts.stored().changes());
        });
    }

    @Test
    void ofTwentyGuessesAtOnceFiveAreCountedAndTheOthersLearnNothing() throws Exception {
        List<Optional<Problem>> ends = fromTwenty(() -> acts.submit(guess()));
        assertThat(ends)
                .filteredOn(Optional.of(Problem.INVALID_CREDENTIALS)::equals)
                .hasSize(5);
        assertThat(ends)
                .filteredOn(Optional.of(Problem.TOO_MANY_ATTEMPTS)::equals)
                .hasSize(CALLERS - 5);
        assertThat(acts.counted("wrong")).isEqualTo(5);
        assertThat(entriesOf(Outcome.FAILED)).isEqualTo(5);
        assertThat(entriesOf(Outcome.REFUSED)).isEqualTo(CALLERS - 5);
    }

    @Test
    void limitRacedByTwentyIsPassedExactly() throws Exception {
        List<Optional<Problem>> ends =
                fromTwenty(() -> acts.submit(TestActs.look(vault.reveal(1)).within(acts.limit("opened", 7))));
        assertSevenPassed(ends);
    }

    @Test
    void limitIsPassedExactlyByTwentyOfOneTransaction() {
        List<Spec> looks = LongStream.range(0, CALLERS)
                .mapToObj(n -> TestActs.look(vault.reveal(n)).within(acts.limit("opened", 7)))
                .toList();
        assertSevenPassed(
                acts.together(looks).stream().map(ActContract::problem).toList());
    }

    private void assertSevenPassed(List<Optional<Problem>> ends) {
        assertThat(ends).filteredOn(Optional.empty()::equals).hasSize(7);
        assertThat(ends).filteredOn(Optional.of(Problem.REVEAL_LIMIT)::equals).hasSize(CALLERS - 7);
        assertThat(acts.counted("opened")).isEqualTo(7);
        assertThat(entriesOf(Outcome.DISCLOSED)).isEqualTo(7);
        assertThat(entriesOf(Outcome.REFUSED)).isEqualTo(CALLERS - 7);
    }

    @Test
    void repetitionGetsTheFirstAnswerAndLeavesNoEntry() {
        String first = AuditLog.await(acts.once("key", "body", registering(1)));
        long size = vault.log.reader().size();
        assertThat(first).isEqualTo(TestActs.answer(size - 1));
        assertThat(AuditLog.await(acts.once("key", "body", registering(1)))).isEqualTo(first);
        AuditLogContract.assertRefused(
                Problem.IDEMPOTENCY_KEY_REUSED, () -> AuditLog.await(acts.once("key", "other", registering(2))));
        assertThat(vault.log.reader().size()).isEqualTo(size);
        assertThat(acts.counted("all")).isEqualTo(1);
    }

    @Test
    void repetitionByTwentyAtOnceIsDoneOnceAndAllGetOneAnswer() throws Exception {
        Set<String> answers = ConcurrentHashMap.newKeySet();
        List<Optional<Problem>> ends =
                fromTwenty(() -> acts.once("key", "body", registering(1)).thenAccept(answers::add));
        assertThat(ends).containsOnly(Optional.empty());
        assertThat(acts.counted("all")).isEqualTo(1);
        assertThat(vault.entries())
                .filteredOn(entry -> entry.event().outcome() == Outcome.WRITTEN)
                .singleElement()
                .satisfies(entry -> assertThat(answers).containsExactly(TestActs.answer(entry.index())));
    }

    @Test
    void actThatWasUndoneKeepsNoAnswerAndItsRepetitionIsDone() {
        Spec undone = registering(1);
        assertThatThrownBy(() ->
                        AuditLog.await(acts.once("key", "body", TestActs.deciding(undone.attempt(), (tx, entry) -> {
                            Result unused = undone.decision().orElseThrow().decide(tx, entry);
                            throw new IllegalStateException("given up");
                        }))))
                .isInstanceOf(IllegalStateException.class);
        String answer = AuditLog.await(acts.once("key", "body", registering(1)));
        assertThat(answer).isEqualTo(TestActs.answer(vault.log.reader().size() - 1));
        assertThat(acts.counted("all")).isEqualTo(1);
    }

    private Spec approval(Actor asked) {
        byte[] request = AuditLog.newRequest();
        AccessEvent agreed = vault.log
                .event(
                        new Actor(Actor.Kind.STAFF, "dora", "director", "NC"),
                        ActKind.APPROVAL,
                        Outcome.CONFIGURATION,
                        request)
                .about("anna");
        AccessEvent done = vault.log
                .event(asked, ActKind.STAFF, Outcome.CONFIGURATION, request)
                .about("anna")
                .with(new Approver("dora", Approver.Origin.OWN_SESSION));
        return TestActs.deciding(agreed, (tx, entry) -> {
            acts.count(tx, "granted");
            return Result.of(agreed, done);
        });
    }

    @Test
    void approvalHasAnEntryOfEachOfTwoActorsOrNothingIsDone() {
        Actor root = new Actor(Actor.Kind.STAFF, "root", "admin", "");
        Spec approval = approval(root);
        long entry = acts.perform(approval);
        List<LogReader.Entry> both =
                vault.log.reader().entries(entry, entry + 2).entries();
        assertThat(both).extracting(one -> one.event().actor().name()).containsExactly("dora", "root");
        assertThat(acts.entriesOf(approval.attempt())).hasSize(2);

        Spec half = approval(UNLOGGABLE);
        assertThatThrownBy(() -> acts.perform(half)).isInstanceOf(IllegalArgumentException.class);
        assertThat(acts.counted("granted")).isEqualTo(1);
        assertThat(acts.entriesOf(half.attempt())).singleElement().satisfies(failed -> {
            assertThat(failed.actor().name()).isEqualTo("dora");
            assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
        });
    }

    /** Opens a hundred patrons, each in an entry of its own, the last of them by that actor. */
    private Spec batch(Actor last) {
        byte[] request = AuditLog.newRequest();
        AccessEvent attempt = vault.log.event(LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED, request);
        List<AccessEvent> entries = LongStream.rangeClosed(1, BATCH)
                .mapToObj(patron -> vault.log
                        .event(patron == BATCH ? last : LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED, request)
                        .forPurpose(Purpose.ACCOUNT_SERVICE)
                        .on(List.of(Subject.opened(new PatronId(patron), Set.of(PatronField.PHONE)))))
                .toList();
        return TestActs.deciding(attempt, (tx, entry) -> {
            acts.count(tx, "opened", BATCH);
            return new Result(entries, Optional.empty());
        });
    }

    @Test
    void batchOfAHundredHasAnEntryOfEachPatronInOneRowOrNone() {
        long first = acts.perform(batch(LogTestVault.CLERK));
        assertThat(vault.log.reader().entries(first, first + BATCH).entries())
                .hasSize(BATCH)
                .allSatisfy(one -> assertThat(one.event().subjects())
                        .singleElement()
                        .satisfies(patron ->
                                assertThat(patron.patron()).isEqualTo(new PatronId(one.index() - first + 1))));
        assertThat(vault.log.reader().size()).isEqualTo(first + BATCH);

        Spec broken = batch(UNLOGGABLE);
        assertThatThrownBy(() -> acts.perform(broken)).isInstanceOf(IllegalArgumentException.class);
        assertThat(acts.counted("opened")).isEqualTo(BATCH);
        assertThat(acts.entriesOf(broken.attempt()))
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.FAILED);
    }

    /** A way in which an act of a transaction fails. */
    enum Failure {
        REFUSED,
        REFUSED_AND_COUNTED,
        LIMITED,
        CONFLICT,
        THROWN,
        UNLOGGABLE,
        WHOLE_TRANSACTION
    }

    private Spec failing(Failure how) {
        AccessEvent attempt = vault.register(9);
        TestActs.Choice writes = registering(9).decision().orElseThrow();
        return switch (how) {
            case REFUSED ->
                TestActs.deciding(attempt, (tx, entry) -> {
                    Result unused = writes.decide(tx, entry);
                    acts.remove(tx, "all");
                    throw new Refused(Problem.CARD_IN_USE, "The card is in use.");
                });
            case REFUSED_AND_COUNTED -> guess();
            case LIMITED ->
                TestActs.look(vault.reveal(9)).within(tx -> {
                    acts.count(tx, "all");
                    acts.limit("opened", 0).accept(tx);
                });
            case CONFLICT ->
                TestActs.deciding(attempt, (tx, entry) -> {
                    Result unused = writes.decide(tx, entry);
                    LogTestVault.insert(tx, 1);
                    return Result.of(attempt);
                });
            case THROWN ->
                TestActs.deciding(attempt, (tx, entry) -> {
                    Result unused = writes.decide(tx, entry);
                    throw new IllegalStateException("given up");
                });
            case UNLOGGABLE ->
                TestActs.deciding(attempt, (tx, entry) -> {
                    Result unused = writes.decide(tx, entry);
                    return Result.of(
                            attempt,
                            vault.log.event(UNLOGGABLE, ActKind.STAFF, Outcome.CONFIGURATION, AuditLog.newRequest()));
                });
            case WHOLE_TRANSACTION ->
                TestActs.look(vault.reveal(9)).within(tx -> {
                    acts.count(tx, "all");
                    // A look has no savepoint. Any statement of its limit may fail like this.
                    LogTestVault.insert(tx, 1);
                });
        };
    }

    @ParameterizedTest
    @EnumSource
    void afterAFailureTheProcessRemembersWhatTheDatabaseSays(Failure how) {
        long unused = acts.perform(registering(1));
        List<CompletableFuture<Long>> ends = acts.together(List.of(registering(2), failing(how), registering(3)));
        boolean whole = how == Failure.WHOLE_TRANSACTION;
        assertThatThrownBy(() -> AuditLog.await(ends.get(1))).isInstanceOf(RuntimeException.class);
        for (CompletableFuture<Long> neighbour : List.of(ends.get(0), ends.get(2))) {
            if (whole) {
                assertThatThrownBy(() -> AuditLog.await(neighbour)).isInstanceOf(StoreException.class);
            } else {
                assertThat(AuditLog.await(neighbour)).isPositive();
            }
        }
        assertThat(List.of(1L, 2L, 3L, 9L))
                .filteredOn(vault::isStored)
                .containsExactlyElementsOf(whole ? List.of(1L) : List.of(1L, 2L, 3L));
        assertThat(acts.counted("all")).isEqualTo(whole ? 1 : 3);
        assertThat(acts.counted("wrong")).isEqualTo(how == Failure.REFUSED_AND_COUNTED ? 1 : 0);
        assertRemembersWhatIsStored();

        long next = acts.perform(registering(4));
        assertThat(next).isEqualTo(vault.log.reader().size() - 1);
        assertRemembersWhatIsStored();

        vault.reopen();
        vault.log.resume();
        acts = new TestActs(vault);
        assertThat(acts.perform(registering(5))).isEqualTo(next + 1);
    }

    @Test
    void transactionThatFailsAtItsEndIsForgottenAsAWhole() throws SQLException {
        long unused = acts.perform(registering(1));
        failAtEnd();
        List<CompletableFuture<Long>> ends = acts.together(
                List.of(registering(2), guess(), TestActs.look(vault.reveal(9)).within(tx -> acts.count(tx, AT_END))));
        for (CompletableFuture<Long> end : ends) {
            assertThatThrownBy(() -> AuditLog.await(end)).isInstanceOf(StoreException.class);
        }
        assertThat(vault.isStored(2)).isFalse();
        assertThat(acts.counted("all")).isEqualTo(1);
        assertThat(acts.counted("wrong")).isZero();
        assertRemembersWhatIsStored();
        assertThat(acts.perform(registering(3))).isEqualTo(vault.log.reader().size() - 1);
    }

    /** The first entry of a month makes a key, which is in the ring before the transaction that logs it is committed. */
    @Test
    void keyOfATransactionThatWasUndoneServesTheNextActAndTheNextStart() {
        long unused = acts.perform(registering(1));
        AccessEvent undone = lookInAnotherMonth();
        List<CompletableFuture<Long>> ends =
                acts.together(List.of(TestActs.look(undone), failing(Failure.WHOLE_TRANSACTION)));
        for (CompletableFuture<Long> end : ends) {
            assertThatThrownBy(() -> AuditLog.await(end)).isInstanceOf(StoreException.class);
        }
        assertThat(acts.entriesOf(undone)).isEmpty();
        assertRemembersWhatIsStored();

        AccessEvent again = lookInAnotherMonth();
        long entry = acts.perform(TestActs.look(again));
        vault.reopen();
        vault.log.resume();
        acts = new TestActs(vault);
        assertThat(acts.entriesOf(again))
                .singleElement()
                .satisfies(one -> assertThat(one.subjects()).hasSize(1));
        assertThat(acts.perform(TestActs.look(lookInAnotherMonth()))).isGreaterThan(entry);
    }

    private static AccessEvent lookInAnotherMonth() {
        return AccessEvent.of(
                        Instant.parse("2027-05-01T00:00:00Z"),
                        LogTestVault.CLERK,
                        ActKind.REVEAL,
                        Outcome.DISCLOSED,
                        AuditLog.newRequest())
                .on(List.of(Subject.opened(new PatronId(1), Set.of(PatronField.CARD))));
    }
}
