package org.patronvault.access.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

final class SignInTest {
    private static final SignInOrigin DESK = SignInOrigin.of("10.0.0.7");
    private static final String WRONG = "not that password";

    @TempDir
    private Path directory;

    private AccessTestVault vault;

    @BeforeEach
    void open() {
        vault = new AccessTestVault(directory, Argon2Parameters.LOGIN);
        vault.staff("anna.k", "circulation", "director");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private SignIn.Identity prove(String name, String password) {
        return vault.access().signIn().prove(name, password, DESK);
    }

    private Refused refused(String name, String password) {
        return Refusals.refusedBy(() -> prove(name, password));
    }

    @Test
    void rightPasswordProvesTheAccountHoweverTheNameIsWritten() {
        SignIn.Identity proven = prove(" \uFF21nna.K ", AccessTestVault.PASSWORD);
        assertThat(proven)
                .isEqualTo(new SignIn.Identity("anna.k", "NC", List.of("circulation", "director"), 1, false, false));
        assertThat(vault.access().acting(proven, Optional.empty()).actor())
                .isEqualTo(new Actor(Actor.Kind.STAFF, "anna.k", "circulation", "NC"));
        assertThat(vault.access()
                        .acting(proven, Optional.of("director"))
                        .actor()
                        .role())
                .isEqualTo("director");
        assertThat(Refusals.problemOf(() -> vault.access().acting(proven, Optional.of("admin"))))
                .isEqualTo(Problem.ROLE_NOT_HELD);
    }

    @Test
    void whoActsWithAnActivationCodeIsRefusedAndLogged() {
        SignIn.Identity proven =
                new SignIn.Identity("anna.k", "NC", List.of("circulation", "director"), 1, true, false);
        assertThat(Refusals.problemOf(() -> vault.access().acting(proven, Optional.of("director"))))
                .isEqualTo(Problem.NOT_ALLOWED);
        AccessEvent entry = vault.lastEntry();
        assertThat(entry.act()).isEqualTo(ActKind.SIGN_IN);
        assertThat(entry.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(entry.actor()).isEqualTo(new Actor(Actor.Kind.STAFF, "anna.k", "director", "NC"));
    }

    @Test
    void wrongUnknownDisabledAndMalformedAreOneAnswer() {
        vault.staff("gone", "circulation");
        vault.access()
                .accounts()
                .disable(Approvals.Requester.alone(new Actor(Actor.Kind.STAFF, "root", "admin", "")), "gone");
        List<Refused> answers = List.of(
                refused("anna.k", WRONG),
                refused("nobody.here", AccessTestVault.PASSWORD),
                refused("gone", AccessTestVault.PASSWORD),
                refused("no such form", AccessTestVault.PASSWORD),
                refused("anna.k", "x".repeat(1_025)),
                refused("nobody.here", "x".repeat(1_025)));
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.problem()).isEqualTo(Problem.INVALID_CREDENTIALS);
            assertThat(answer.getMessage()).isEqualTo(answers.get(0).getMessage());
            assertThat(answer.retryAfterSeconds()).isZero();
        });
    }

    @Test
    void fiveWrongLockKnownAndUnknownNamesAlikeTakeOneTimeAndOutliveRestart() {
        long known = Long.MAX_VALUE;
        long unknown = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            known = Math.min(known, nanosOfWrong("anna.k"));
            AccessEvent ofKnown = lastTry();
            unknown = Math.min(unknown, nanosOfWrong("nobody.here"));
            assertLoggedWithoutWhatWasTyped(ofKnown, lastTry());
        }
        assertThat((double) unknown / known).isBetween(0.4, 2.5);

        for (int restarts = 0; restarts < 2; restarts++) {
            for (String name : List.of("anna.k", "Anna.K", "nobody.here")) {
                Refused locked = refused(name, AccessTestVault.PASSWORD);
                assertThat(locked.problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
                assertThat(locked.retryAfterSeconds()).isEqualTo(30);
            }
            vault.restart();
        }
        vault.advance(Duration.ofSeconds(30));
        assertThat(prove("anna.k", AccessTestVault.PASSWORD).name()).isEqualTo("anna.k");
    }

    /** The fifth is followed by its alert. */
    private AccessEvent lastTry() {
        long size = vault.log().reader().size();
        return vault.entriesFrom(size - 2).stream()
                .filter(entry -> entry.outcome() != Outcome.ALERT)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    /** An unknown name may be a password typed into the wrong box. */
    private static void assertLoggedWithoutWhatWasTyped(AccessEvent ofKnown, AccessEvent ofUnknown) {
        assertThat(List.of(ofKnown, ofUnknown)).allSatisfy(entry -> {
            assertThat(entry.act()).isEqualTo(ActKind.SIGN_IN);
            assertThat(entry.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(entry.actor()).isEqualTo(Actor.NOBODY);
        });
        assertThat(ofKnown.about()).contains("anna.k");
        assertThat(ofUnknown.about()).isEmpty();
    }

    private long nanosOfWrong(String name) {
        long start = System.nanoTime();
        assertThat(refused(name, WRONG).problem()).isEqualTo(Problem.INVALID_CREDENTIALS);
        return System.nanoTime() - start;
    }

    @Test
    void guessesSentSideBySideGetFiveAnswers() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Problem>> guesses = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                guesses.add(() -> refused("anna.k", WRONG).problem());
            }
            List<Problem> answers = new ArrayList<>();
            for (Future<Problem> guess : threads.invokeAll(guesses)) {
                answers.add(guess.get());
            }
            assertThat(answers).filteredOn(Problem.INVALID_CREDENTIALS::equals).hasSize(5);
            assertThat(answers).filteredOn(Problem.TOO_MANY_ATTEMPTS::equals).hasSize(3);
        } finally {
            threads.shutdownNow();
        }
        assertThat(refused("anna.k", WRONG).retryAfterSeconds()).isEqualTo(30);
    }

    @Test
    void wrongTriesElsewhereSlowTheRightPasswordAndNeverTheCommandLineOrAKnownBrowser() {
        Lockouts lockouts = lockouts();
        SignInOrigin known = SignInOrigin.of(
                "10.0.0.8", Optional.of(vault.access().remembering(SignInOrigin.of("10.0.0.8"), "anna.k")));
        for (SignInOrigin quick : List.of(SignInOrigin.HOST, known, DESK)) {
            vault.write(tx -> {
                for (int i = 0; i < 200; i++) {
                    lockouts.wrong(tx, "anna.k", SignInOrigin.of("198.51.100." + i));
                }
            });
            long start = System.nanoTime();
            assertThat(vault.access()
                            .signIn()
                            .prove("anna.k", AccessTestVault.PASSWORD, quick)
                            .name())
                    .isEqualTo("anna.k");
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (quick.equals(DESK)) {
                assertThat(took).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
            } else {
                assertThat(took).isLessThan(Duration.ofSeconds(2));
            }
        }
    }

    @Test
    void guessesFromManyNetworksAreAnAlertThatNamesTheAccount() {
        Lockouts lockouts = lockouts();
        vault.write(tx -> {
            for (int i = 1; i < 20; i++) {
                lockouts.wrong(tx, "anna.k", SignInOrigin.of("198.51.100." + i));
            }
        });
        long from = vault.log().reader().size();
        SignInOrigin twentieth = SignInOrigin.of("198.51.100.20");
        assertThat(Refusals.problemOf(() -> vault.access().signIn().prove("anna.k", WRONG, twentieth)))
                .isEqualTo(Problem.INVALID_CREDENTIALS);
        List<AccessEvent> entries = vault.entriesFrom(from);
        assertThat(entries).extracting(AccessEvent::outcome).containsExactly(Outcome.FAILED, Outcome.ALERT);
        assertThat(entries.get(0).about()).contains("anna.k");
        assertThat(entries.get(1).about()).contains("locked-out");
    }

    private Lockouts lockouts() {
        return new Lockouts(
                vault.access().authority(), vault.custody, new KnownBrowsers(vault.custody, vault.clock), vault.clock);
    }

    @Test
    void rightPasswordForgetsWrongOnesEvenWithoutSession() {
        Lockouts lockouts = lockouts();
        for (int round = 0; round < 2; round++) {
            vault.write(tx -> {
                for (int i = 0; i < 4; i++) {
                    lockouts.wrong(tx, "anna.k", DESK);
                }
            });
            prove("anna.k", AccessTestVault.PASSWORD);
        }
    }
}
