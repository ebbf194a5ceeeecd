package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.TestActs.Result;
import org.patronvault.core.log.TestActs.Spec;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.ChildJvm;
import org.patronvault.testing.Postgres;

/**
 * Tests of a process that ends at each step of a transaction of several acts, on each database. The next start must find
 * all of the transaction or nothing, and each entry whose caller was answered. {@code KillPointsIT} kills a reveal at
 * each call to the system, {@code KillIT} a server under load.
 */
final class ActKillTest {
    private static final int HALTED = 7;
    private static final int BATCH = 100;

    /**
     * One act that stores, one with two entries, one refusal that counts, one with a hundred entries. The last one is of
     * another month, so the key of that month has an entry before it, and is in the ring before the commit.
     */
    private static final int ACTS = 4;

    private static final int ENTRIES = 1 + 2 + 1 + 1 + BATCH;
    private static final Instant ANOTHER_MONTH = Instant.parse("2027-05-01T00:00:00Z");
    private static final String REFUSED = "refused";

    /** The file {@code node/head} from before the transaction. */
    private static final String HEAD_BEFORE = "head-before";

    @TempDir
    private Path home;

    /** Where the process ends. */
    enum Step {
        /** All acts have written but the last. */
        DECIDING,
        /** The transaction is committed, and the anchor in {@code node/head} is the one from before. */
        COMMITTED,
        /** The anchor is written, and no caller is answered. */
        ANCHORED,
        /** Every caller is answered. */
        ANSWERED;

        private boolean isCommitted() {
            return this != DECIDING;
        }
    }

    /** A process that answers three acts, then ends in a transaction of {@link #ACTS} acts. */
    static final class Dying {
        private Dying() {}

        public static void main(String[] words) throws IOException {
            Path home = Path.of(words[0]);
            OpenedKeys.remember(keys(home), new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
            LogTestVault vault = open(home, words[1]);
            TestActs acts = new TestActs(vault);
            Step step = Step.valueOf(words[2]);
            for (long patron = 1; patron <= 3; patron++) {
                System.out.println(acts.perform(storing(vault, acts, patron)));
            }
            Files.copy(vault.logHead(), home.resolve(HEAD_BEFORE));
            if (step == Step.COMMITTED || step == Step.ANCHORED) {
                acts.beforeAnswers(ACTS, Dying::halt);
            }
            for (CompletableFuture<Long> end :
                    acts.together(transaction(vault, acts, step == Step.DECIDING ? Dying::halt : () -> {}))) {
                System.out.println(ActContract.problem(end).isPresent() ? REFUSED : Long.toString(AuditLog.await(end)));
            }
            halt();
        }

        private static void halt() {
            System.out.flush();
            Runtime.getRuntime().halt(HALTED);
        }

        private static List<Spec> transaction(LogTestVault vault, TestActs acts, Runnable last) {
            byte[] request = AuditLog.newRequest();
            AccessEvent agreed = vault.log.event(
                    new Actor(Actor.Kind.STAFF, "dora", "director", "NC"),
                    ActKind.APPROVAL,
                    Outcome.CONFIGURATION,
                    request);
            AccessEvent done = vault.log.event(
                    new Actor(Actor.Kind.STAFF, "root", "admin", ""), ActKind.STAFF, Outcome.CONFIGURATION, request);
            AccessEvent wrong = vault.log.event(Actor.NOBODY, ActKind.SIGN_IN, Outcome.FAILED, AuditLog.newRequest());
            AccessEvent look = look();
            List<AccessEvent> looks = LongStream.rangeClosed(1, BATCH)
                    .mapToObj(
                            patron -> look.on(List.of(Subject.opened(new PatronId(patron), Set.of(PatronField.PHONE)))))
                    .toList();
            return List.of(
                    storing(vault, acts, 10),
                    TestActs.deciding(agreed, (tx, entry) -> {
                        acts.count(tx, "granted");
                        return Result.of(agreed, done);
                    }),
                    TestActs.deciding(wrong, (tx, entry) -> {
                        acts.count(tx, "wrong");
                        return Result.refusing(new Refused(Problem.INVALID_CREDENTIALS, "Wrong."), wrong);
                    }),
                    TestActs.deciding(look, (tx, entry) -> {
                        acts.count(tx, "opened", BATCH);
                        last.run();
                        return new Result(looks, Optional.empty());
                    }));
        }
    }

    private static AccessEvent look() {
        return AccessEvent.of(
                ANOTHER_MONTH, LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest());
    }

    private static Spec storing(LogTestVault vault, TestActs acts, long patron) {
        AccessEvent event = vault.register(patron);
        return TestActs.deciding(event, (tx, entry) -> {
            LogTestVault.insert(tx, patron);
            acts.count(tx, "stored");
            return Result.of(event);
        });
    }

    private static Path keys(Path home) {
        return home.resolve("keys");
    }

    private static LogTestVault open(Path home, String url) {
        KeyCustody keys = OpenedKeys.at(keys(home), LogTestVault.CLOCK);
        LogTestVault vault =
                LogTestVault.closed(keys, home, new StoreSettings(url, 2)).under(keys);
        vault.log.resume();
        return vault;
    }

    /** The anchor is a file on each database, so PostgreSQL has only what comes before and after COMMIT. */
    static Stream<Arguments> steps() {
        return Stream.concat(
                Stream.of(Step.values()).map(step -> Arguments.of("SQLite", step)),
                Stream.of(Step.DECIDING, Step.ANCHORED).map(step -> Arguments.of("PostgreSQL", step)));
    }

    @ParameterizedTest
    @MethodSource("steps")
    void nextStartFindsAllOfTheTransactionOrNothingAndWhatWasAnswered(String database, Step step) throws Exception {
        String url = database.equals("SQLite")
                ? StoreSettings.sqlite(home.resolve("vault.db")).jdbcUrl()
                : Postgres.databaseWithTables();
        create(url);
        List<String> answered = answeredUntilItEnded(url, step);
        if (step == Step.COMMITTED) {
            // The process wrote nothing else after COMMIT.
            Files.copy(home.resolve(HEAD_BEFORE), home.resolve("node/head"), StandardCopyOption.REPLACE_EXISTING);
        }
        boolean committed = step.isCommitted();
        // The first entry of the log, the three that were answered, and the one of the transaction before.
        int size = 1 + 3 + 1 + (committed ? ENTRIES : 0);
        try (LogTestVault vault = open(home, url)) {
            TestActs acts = new TestActs(vault);
            assertThat(vault.entries()).hasSize(size);
            assertThat(answered)
                    .containsExactlyElementsOf(
                            step == Step.ANSWERED
                                    ? List.of("1", "2", "3", "5", "6", REFUSED, "10")
                                    : List.of("1", "2", "3"));
            assertThat(vault.isStored(10)).isEqualTo(committed);
            assertThat(acts.counted("stored")).isEqualTo(committed ? 4 : 3);
            assertThat(acts.counted("granted")).isEqualTo(committed ? 1 : 0);
            assertThat(acts.counted("wrong")).isEqualTo(committed ? 1 : 0);
            assertThat(acts.counted("opened")).isEqualTo(committed ? BATCH : 0);
            assertThat(acts.perform(storing(vault, acts, 11))).isEqualTo(size);
            assertThat(acts.perform(TestActs.look(look()))).isGreaterThan(size);
            assertThat(acts.remembered()).isEqualTo(acts.stored());
            assertThat(vault.broken).isEmpty();
        }
    }

    private void create(String url) {
        KeyCustody keys = OpenedKeys.create(keys(home), "vault-a", LogTestVault.CLOCK);
        keys.ensureContentKey(Leaf.monthOf(LogTestVault.CLOCK.instant()));
        keys.endCommissioning();
        LogTestVault.create(keys, home, new StoreSettings(url, 2)).close();
    }

    /** Runs a process that ends at that step; returns what it said of each caller it answered. */
    private List<String> answeredUntilItEnded(String url, Step step) throws IOException, InterruptedException {
        Process process = ChildJvm.of(Dying.class, List.of(home.toString(), url, step.name()))
                .redirectErrorStream(true)
                .start();
        try (OutputStream out = process.getOutputStream()) {
            out.write(OpenedKeys.told(keys(home)).getBytes(StandardCharsets.UTF_8));
        }
        List<String> answered = new ArrayList<>();
        try (BufferedReader printed = process.inputReader(StandardCharsets.UTF_8)) {
            printed.lines().forEach(answered::add);
        }
        assertThat(process.waitFor()).as(() -> String.join("\n", answered)).isEqualTo(HALTED);
        return answered;
    }
}
