package org.patronvault.access.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;

/** Tests that limits are counted in the unit of work: exact, durable, and equal for every way to sign in. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LimitsTest {
    private static final Duration WINDOW = Duration.ofMinutes(11);

    private AccessTestVault vault;
    private Caller anna;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @AfterAll
    void close() {
        vault.close();
    }

    @BeforeEach
    void beginMorning() {
        vault = vault.next();
        vault.store().write(tx -> {
            for (String actor : List.of("STAFF:anna", "CLIENT:koha")) {
                tx.limits().forgetBefore(actor, Long.MAX_VALUE);
            }
            return null;
        });
        vault.clock.set(AccessTestVault.MORNING);
        anna = AccessTestVault.person("anna", "circulation");
    }

    private static List<PatronId> patrons(int from, int count) {
        return IntStream.range(from, from + count).mapToObj(PatronId::new).toList();
    }

    private Limits limits() {
        return vault.access().limits();
    }

    private void open(Caller caller, int from, int count) {
        vault.take(limits().of(caller, patrons(from, count), 0, 0));
    }

    private void names(int count) {
        vault.take(limits().of(anna, List.of(), count, 0));
    }

    private Refused refusedToOpen(Caller caller, int from, int count) {
        Refused refused = Refusals.refusedBy(() -> open(caller, from, count));
        assertThat(refused.problem()).isEqualTo(Problem.REVEAL_LIMIT);
        return refused;
    }

    @Test
    void sixtyPatronsInTenMinutesAndNoMore() {
        for (int i = 0; i < 60; i++) {
            open(anna, i, 1);
        }
        assertThat(refusedToOpen(anna, 60, 1).retryAfterSeconds()).isBetween(1, 660);
        vault.advance(Duration.ofMinutes(10));
        refusedToOpen(anna, 60, 1);
        vault.advance(Duration.ofMinutes(1));
        open(anna, 60, 60);
    }

    @Test
    void halfOfALimitIsToldOnceAndItsEndEachTime() {
        long before = vault.log().reader().size();
        for (int i = 0; i < 60; i++) {
            open(anna, i, 1);
        }
        refusedToOpen(anna, 60, 1);
        refusedToOpen(anna, 60, 1);
        assertThat(vault.entriesFrom(before))
                .filteredOn(entry -> entry.outcome() == Outcome.ALERT)
                .extracting(entry -> entry.actor().name() + " " + entry.about().orElseThrow())
                .containsExactly("vault limit-half", "vault limit-reached", "vault limit-reached");
    }

    @Test
    void samePatronAgainIsFreeEvenWhereNothingIsLeft() {
        open(anna, 0, 60);
        open(anna, 0, 60);
        vault.advance(WINDOW);
        open(anna, 30, 60);
        assertThatCode(() -> open(anna, 0, 90)).doesNotThrowAnyException();
        open(anna, 100, 30);
        refusedToOpen(anna, 200, 1);
        assertThatCode(() -> vault.take(limits().of(anna, List.of(new PatronId(0), new PatronId(0)), 0, 0)))
                .doesNotThrowAnyException();
    }

    @Test
    void patronNamedTwiceInOneCallCountsOnce() {
        open(anna, 0, 59);
        PatronId last = new PatronId(59);
        vault.take(limits().of(anna, List.of(last, last, last), 0, 0));
        refusedToOpen(anna, 60, 1);
    }

    @Test
    void refusedCallLeavesNothingCounted() {
        open(anna, 0, 59);
        refusedToOpen(anna, 59, 2);
        open(anna, 59, 1);
        refusedToOpen(anna, 60, 1);
    }

    @Test
    void threeHundredPatronsADayAndNoMore() {
        for (int i = 0; i < 5; i++) {
            open(anna, 60 * i, 60);
            vault.advance(WINDOW);
        }
        int untilMidnight = (int) Duration.between(vault.clock.instant(), Instant.parse("2026-11-25T00:00:00Z"))
                .toSeconds();
        assertThat(refusedToOpen(anna, 300, 1).retryAfterSeconds()).isEqualTo(untilMidnight);
        open(anna, 0, 300);
        vault.advance(Duration.ofSeconds(untilMidnight - 1));
        refusedToOpen(anna, 300, 1);
        vault.advance(Duration.ofSeconds(1));
        open(anna, 300, 60);
        refusedToOpen(anna, 0, 1);
    }

    @Test
    void tenMinutesReachAcrossMidnight() {
        vault.clock.set(Instant.parse("2026-11-24T23:58:00Z"));
        open(anna, 0, 60);
        vault.clock.set(Instant.parse("2026-11-25T00:02:00Z"));
        refusedToOpen(anna, 60, 1);
    }

    @Test
    void rolesAndSessionsOfOnePersonCountTogetherAndPersonsApart() {
        open(anna, 0, 60);
        refusedToOpen(AccessTestVault.person("anna", "director"), 60, 1);
        open(AccessTestVault.person("berta", "circulation"), 0, 60);
        open(AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(10)), 60, 10);
    }

    @Test
    void thousandNamesInTenMinutesAndFiveThousandADay() {
        for (int i = 0; i < 5; i++) {
            for (int page = 0; page < 50; page++) {
                names(20);
            }
            assertThat(Refusals.problemOf(() -> names(1))).isEqualTo(Problem.SEARCH_LIMIT);
            vault.advance(WINDOW);
        }
        Refused refused = Refusals.refusedBy(() -> names(1));
        assertThat(refused.problem()).isEqualTo(Problem.SEARCH_LIMIT);
        assertThat(refused.retryAfterSeconds()).isGreaterThan(3_600);
        open(anna, 0, 1);
        vault.advance(Duration.ofDays(1));
        names(1_000);
    }

    /** Two nodes count in one row, and their clocks show different minutes. */
    @Test
    void whatWasCountedByAClockThatIsAheadCountsByOneThatIsNot() {
        Duration ahead = Duration.ofMinutes(3);
        vault.advance(ahead);
        open(anna, 0, 40);
        vault.advance(ahead.negated());
        open(anna, 40, 20);
        refusedToOpen(anna, 60, 1);
        vault.advance(ahead);
        refusedToOpen(anna, 60, 1);
        vault.advance(WINDOW);
        open(anna, 60, 60);
    }

    @Test
    void dayThatHasBegunByAClockThatIsAheadIsNotBegunAgain() {
        Caller client = AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(10));
        vault.clock.set(Instant.parse("2026-11-25T00:02:00Z"));
        open(client, 0, 6);
        vault.clock.set(Instant.parse("2026-11-24T23:58:00Z"));
        open(client, 4, 6);
        refusedToOpen(client, 10, 1);
        vault.clock.set(Instant.parse("2026-11-25T00:03:00Z"));
        refusedToOpen(client, 10, 1);
        open(client, 0, 10);
    }

    @Test
    void rowOfBeforeEarlierDaysWereRememberedCountsOn() throws JsonProcessingException {
        LimitUse stored = new JsonMapper()
                .readValue(
                        "{'day':20,'opened':5,'names':6,'erased':1,'minutes':[]}".replace('\'', '"'), LimitUse.class);
        assertThat(stored.at(20 * 24 * 60)).isEqualTo(stored);
        assertThat(stored.at(19 * 24 * 60).openedToday()).isEqualTo(5);
        assertThat(stored.at(21 * 24 * 60).openedToday()).isZero();
    }

    private void openHundred(int from) {
        open(anna, from, 60);
        vault.advance(WINDOW);
        open(anna, from + 60, 40);
        vault.advance(WINDOW);
    }

    @Test
    void whatWasOpenedByAClockThatWasAheadIsOfTheDayThatItIs() {
        for (int days : List.of(1, 2, 300)) {
            vault = vault.next();
            vault.clock.set(AccessTestVault.MORNING.plus(Duration.ofDays(1_000 - 3 * days)));
            openHundred(0);
            vault.clock.advance(Duration.ofDays(days));
            openHundred(100);
            vault.clock.advance(Duration.ofDays(-days));
            tidyOnceTheClockIsBelieved();
            vault.advance(WINDOW);
            openHundred(200);
            refusedToOpen(anna, 300, 1);
        }
    }

    /** A clock that has run evenly for an hour redates counts from the future. */
    private void tidyOnceTheClockIsBelieved() {
        int unused = vault.access().tidy();
        vault.advance(Duration.ofHours(1));
        unused = vault.access().tidy();
    }

    /** As that of a machine which begins without a battery, until it has asked what time it is. */
    @Test
    void clockThatIsBehindForAWhileCostsNobodyAnythingOnceItIsRight() {
        for (int day = 0; day < 4; day++) {
            vault.clock.set(AccessTestVault.MORNING.plus(Duration.ofDays(day)));
            openHundred(0);
            open(anna, 100, 50);
            vault.advance(WINDOW);
        }
        Instant right = vault.clock.instant();
        for (int days : List.of(1, 3, 4_000)) {
            vault.clock.set(right.minus(Duration.ofDays(days)));
            assertThat(vault.access().tidy()).isZero();
            refusedToOpen(anna, 200, 60);
            vault.clock.set(right);
            assertThat(vault.access().tidy()).isZero();
        }
        open(anna, 150, 50);
        vault.advance(WINDOW);
        open(anna, 200, 50);
        vault.advance(WINDOW);
        open(anna, 250, 50);
        vault.advance(WINDOW);
        refusedToOpen(anna, 300, 1);
    }

    @Test
    void noNumberOfDaysToWhichTheClockIsSetBackBeginsTheDayAnew() {
        for (int i = 0; i < 3; i++) {
            openHundred(100 * i);
        }
        Instant right = vault.clock.instant();
        for (int days = 1; days < 9; days++) {
            vault.clock.set(right.minus(Duration.ofDays(days)));
            refusedToOpen(anna, 300, 1);
        }
        vault.clock.set(right);
        refusedToOpen(anna, 300, 1);
    }

    @Test
    void rowOfAClockThatIsSetToManyDaysKeepsWhatCountsOnTheGreatest() {
        LimitUse used = new LimitUse(100, 300, 0, 0, List.of(), List.of());
        for (int day = 99; day > 90; day--) {
            used = used.at(day * 24L * 60).with(new LimitUse.Minute(day * 24L * 60, 1, 0, 0));
        }
        assertThat(used.earlier()).hasSize(4);
        assertThat(used.at(100 * 24L * 60).openedToday()).isEqualTo(309);
        assertThat(used.at(101 * 24L * 60).openedToday()).isZero();
    }

    @Test
    void daysThatTheClockLeavesAndComesBackToAreOne() {
        Caller client = AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(300));
        open(client, 0, 100);
        vault.clock.advance(Duration.ofDays(-3));
        open(client, 100, 100);
        vault.clock.advance(Duration.ofDays(3));
        open(client, 200, 100);
        refusedToOpen(client, 300, 1);
        vault.clock.advance(Duration.ofDays(-3));
        refusedToOpen(client, 300, 1);
        vault.clock.advance(Duration.ofDays(4));
        open(client, 300, 60);
    }

    /** A person who used up a day by the wrong clock could add no count, and so would wait for that day. */
    @Test
    void clockThatWasWrongByFarIsNotWaitedForLongerThanADay() {
        vault.clock.advance(Duration.ofDays(300));
        for (int i = 0; i < 3; i++) {
            openHundred(100 * i);
        }
        refusedToOpen(anna, 300, 1);
        vault.clock.advance(Duration.ofDays(-300));
        refusedToOpen(anna, 300, 1);
        tidyOnceTheClockIsBelieved();
        vault.advance(Duration.ofDays(1));
        open(anna, 300, 60);
    }

    @Test
    void tenMinutesBeginOnceTheClockIsRight() {
        vault.clock.advance(Duration.ofDays(300));
        open(anna, 0, 60);
        vault.clock.advance(Duration.ofDays(-300));
        refusedToOpen(anna, 60, 1);
        tidyOnceTheClockIsBelieved();
        vault.advance(Duration.ofMinutes(10));
        refusedToOpen(anna, 60, 1);
        vault.advance(Duration.ofMinutes(1));
        open(anna, 60, 60);
    }

    @Test
    void erasuresByAClockThatWasAheadCountOn() {
        int most = vault.access().policy().limits().erasuresDay();
        for (int i = 0; i < most; i++) {
            vault.take(limits().erasing(anna, false));
        }
        vault.clock.advance(Duration.ofDays(1));
        vault.take(limits().erasing(anna, false));
        vault.clock.advance(Duration.ofDays(-1));
        assertThat(vault.store().<Boolean>read(tx -> limits().needsSecondToErase(tx, anna)))
                .isTrue();
    }

    @Test
    void failedVerifiesByAClockThatWasAheadCountForAnHourOnceItIsRight() {
        PatronId patron = new PatronId(78);
        vault.clock.advance(Duration.ofDays(300));
        for (int i = 0; i < vault.access().policy().limits().failedVerifiesHour(); i++) {
            vault.take(limits().verifying(patron));
        }
        vault.clock.advance(Duration.ofDays(-300));
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
        tidyOnceTheClockIsBelieved();
        vault.advance(Duration.ofMinutes(59));
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
        vault.advance(Duration.ofMinutes(1));
        vault.take(limits().verifying(patron));
    }

    @Test
    void threeHundredSearchesInTenMinutes() {
        Reservation search = limits().of(anna, List.of(), 0, 1);
        for (int i = 0; i < 300; i++) {
            vault.take(search);
        }
        assertThat(Refusals.problemOf(() -> vault.take(search))).isEqualTo(Problem.SEARCH_LIMIT);
        open(anna, 0, 1);
        vault.advance(WINDOW);
        vault.take(search);
    }

    @Test
    void searchThatShowsNamesAndOpensFieldsCountsAsAllThree() {
        vault.take(limits().of(anna, patrons(0, 20), 20, 1));
        vault.take(limits().of(anna, patrons(20, 40), 980, 1));
        assertThat(Refusals.problemOf(() -> names(1))).isEqualTo(Problem.SEARCH_LIMIT);
        refusedToOpen(anna, 60, 1);
    }

    @Test
    void twentyThreadsOpenExactlySixty() throws Exception {
        List<Problem> answers = fromTwentyThreads(6, number -> limits().of(anna, List.of(new PatronId(number)), 0, 0));
        assertThat(answers).hasSize(60).containsOnly(Problem.REVEAL_LIMIT);
        refusedToOpen(anna, 1_000, 1);
    }

    /** Each of 20 threads takes so many places; the refusals. */
    private List<Problem> fromTwentyThreads(int each, IntFunction<Reservation> place) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(20);
        CountDownLatch ready = new CountDownLatch(20);
        try {
            List<Callable<List<Problem>>> tasks = new ArrayList<>();
            for (int t = 0; t < 20; t++) {
                int first = t * each;
                tasks.add(() -> {
                    ready.countDown();
                    ready.await();
                    List<Problem> refusals = new ArrayList<>();
                    for (int i = first; i < first + each; i++) {
                        try {
                            vault.take(place.apply(i));
                        } catch (Refused refused) {
                            refusals.add(refused.problem());
                        }
                    }
                    return refusals;
                });
            }
            List<Problem> refusals = new ArrayList<>();
            for (Future<List<Problem>> task : threads.invokeAll(tasks)) {
                refusals.addAll(task.get());
            }
            return refusals;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void unitsOfOneBatchAreCountedOneAfterTheOther() {
        List<CompletableFuture<?>> units = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            units.add(vault.log()
                    .submit(
                            AuditLog.counting(
                                    vault.event(), limits().of(anna, List.of(new PatronId(i)), 0, 0), Set.of()),
                            Lane.DESK));
        }
        long refused = units.stream()
                .filter(unit -> {
                    try {
                        AuditLog.await(unit);
                        return false;
                    } catch (Refused e) {
                        return true;
                    }
                })
                .count();
        assertThat(refused).isEqualTo(40);
    }

    /** The entries of one transaction, or of few where a batch has no time for all, in which each call asks for a place. */
    private List<LogReader.Entry> together(List<Reservation> calls) throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        CompletableFuture<AuditReceipt> before = vault.log()
                .submit(
                        AuditLog.writing(vault.event(), now -> {
                            held.countDown();
                            try {
                                assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return Decision.done(vault.event());
                        }),
                        Lane.DESK);
        assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
        List<CompletableFuture<AuditReceipt>> units = calls.stream()
                .map(call -> vault.log().submit(AuditLog.counting(vault.event(), call, Set.of()), Lane.DESK))
                .toList();
        release.countDown();
        long from = AuditLog.await(before).index() + 1;
        CompletableFuture.allOf(units.toArray(CompletableFuture[]::new))
                .exceptionally(refused -> null)
                .join();
        return vault.log().reader().entries(from, Long.MAX_VALUE).entries();
    }

    private List<Reservation> opening(Caller caller, int from, int count) {
        return patrons(from, count).stream()
                .map(patron -> limits().of(caller, List.of(patron), 0, 0))
                .toList();
    }

    private static List<Outcome> outcomes(List<LogReader.Entry> entries) {
        return entries.stream().map(entry -> entry.event().outcome()).toList();
    }

    @Test
    void placesOfManyAtOnceAreCountedExactlyAndTheLastEntryOfEachTransactionSaysSo() throws InterruptedException {
        List<Reservation> calls = new ArrayList<>(opening(anna, 0, 40));
        calls.addAll(opening(anna, 10, 40));
        calls.addAll(opening(anna, 50, 13));
        List<LogReader.Entry> entries = together(calls);
        assertThat(outcomes(entries)).filteredOn(Outcome.REFUSED::equals).hasSize(3);
        // One for the half, and one for each refusal.
        assertThat(outcomes(entries)).filteredOn(Outcome.ALERT::equals).hasSize(4);
        assertThat(entries).hasSize(calls.size() + 4);
        List<LogReader.Entry> marked =
                entries.stream().filter(e -> e.event().authority().isPresent()).toList();
        assertThat(marked).isNotEmpty().hasSizeLessThan(calls.size() / 8);
        // The last calls are refused. Where a batch has nobody else, it takes no place and says nothing.
        long lastTaken = entries.stream()
                .filter(entry -> entry.event().outcome() == Outcome.COUNTED)
                .mapToLong(LogReader.Entry::index)
                .max()
                .orElseThrow();
        assertThat(marked.get(marked.size() - 1).index()).isGreaterThanOrEqualTo(lastTaken);
        assertThat(vault.count("SELECT count(*) FROM limit_seen WHERE actor = 'STAFF:anna'"))
                .isEqualTo(60);
        vault.restart();
        refusedToOpen(anna, 60, 1);
        open(anna, 0, 60);
    }

    @Test
    void clientThatOpensTheSamePatronsAgainChangesNothing() throws InterruptedException {
        Caller koha = AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(20));
        assertThat(outcomes(together(opening(koha, 0, 25))))
                .filteredOn(Outcome.REFUSED::equals)
                .hasSize(5);
        List<LogReader.Entry> again = together(opening(koha, 0, 20));
        assertThat(again).hasSize(20);
        assertThat(again).noneMatch(e -> e.event().authority().isPresent());
        assertThat(outcomes(again)).doesNotContain(Outcome.REFUSED);
        vault.restart();
        refusedToOpen(koha, 20, 1);
    }

    @Test
    void whatWasUsedOutlivesRestart() {
        open(anna, 0, 60);
        vault.restart();
        refusedToOpen(anna, 60, 1);
        open(anna, 0, 60);
    }

    @Test
    void clientHasItsDailyNumberAndNoOtherLimit() {
        Caller koha = AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(400));
        open(koha, 0, 399);
        vault.take(limits().of(koha, List.of(), 20_000, 1));
        open(koha, 399, 1);
        refusedToOpen(koha, 400, 1);
        open(koha, 0, 400);
        vault.advance(Duration.ofHours(10));
        vault.restart();
        refusedToOpen(koha, 400, 1);
        vault.advance(Duration.ofHours(5));
        open(koha, 400, 400);
    }

    @Test
    void noneLiftsEveryLimitOfAClient() {
        Caller koha = AccessTestVault.client(Set.of("ils"), Set.of(), Set.of(), OptionalInt.empty());
        assertThat(limits().of(koha, patrons(0, 2_000), 20_000, 1)).isSameAs(Reservation.NONE);
        open(koha, 0, 2_000);
    }

    @Test
    void editedCounterIsAnIntegrityErrorAndNoPlace() {
        open(anna, 0, 60);
        assertThat(vault.tamper("UPDATE authority SET body = replace(body, '60', '1') WHERE kind = 'limit'"))
                .isEqualTo(1);
        assertThatThrownBy(() -> open(anna, 60, 1)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void counterOfAnotherPersonIsAnIntegrityError() {
        open(anna, 0, 60);
        open(AccessTestVault.person("berta", "circulation"), 0, 1);
        vault.swapNames("limit", "STAFF:anna", "STAFF:berta");
        assertThatThrownBy(() -> open(anna, 60, 1)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void tokensOfOnePatronAreNotTheSameForTwoPersonsOrDays() {
        open(anna, 7, 1);
        open(AccessTestVault.person("berta", "circulation"), 7, 1);
        assertThat(vault.count("SELECT count(DISTINCT token) FROM limit_seen")).isEqualTo(2);
        vault.advance(Duration.ofDays(1));
        open(anna, 7, 1);
        assertThat(vault.count("SELECT count(DISTINCT token) FROM limit_seen")).isEqualTo(2);
        assertThat(vault.count("SELECT count(*) FROM limit_seen WHERE actor = 'STAFF:anna'"))
                .as("yesterday's are forgotten")
                .isEqualTo(1);
    }

    @Test
    void failedVerifiesByAClockThatIsAheadCountByOneThatIsNot() {
        PatronId patron = new PatronId(77);
        int many = vault.access().policy().limits().failedVerifiesHour();
        vault.advance(Duration.ofMinutes(4));
        for (int i = 0; i < many - 1; i++) {
            vault.take(limits().verifying(patron));
        }
        vault.advance(Duration.ofMinutes(-4));
        vault.take(limits().verifying(patron));
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
        vault.advance(Duration.ofMinutes(4));
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
    }

    @Test
    void tenFailedVerifiesOfAPatronAnHourWhoeverTries() {
        PatronId patron = new PatronId(7);
        for (int i = 0; i < 10; i++) {
            vault.take(limits().verifying(patron));
        }
        Refused refused = Refusals.refusedBy(() -> vault.take(limits().verifying(patron)));
        assertThat(refused.problem()).isEqualTo(Problem.VERIFY_LIMIT);
        assertThat(refused.retryAfterSeconds()).isEqualTo(3_600);
        vault.take(limits().verifying(new PatronId(8)));
        vault.restart();
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
        vault.advance(Duration.ofMinutes(59));
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
        vault.advance(Duration.ofMinutes(1));
        vault.take(limits().verifying(patron));
    }

    @Test
    void rightVerifyIsGivenBack() {
        PatronId patron = new PatronId(7);
        for (int i = 0; i < 30; i++) {
            vault.take(limits().verifying(patron));
            vault.write(tx -> limits().verified(tx, patron));
        }
        for (int i = 0; i < 9; i++) {
            vault.take(limits().verifying(patron));
        }
        vault.take(limits().verifying(patron));
        vault.write(tx -> limits().verified(tx, patron));
        vault.take(limits().verifying(patron));
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
    }

    @Test
    void failedVerifiesOfAnyHourAreCountedAndNotThoseOfTheHourThatBeganWithTheFirst() {
        PatronId patron = new PatronId(8);
        vault.take(limits().verifying(patron));
        vault.advance(Duration.ofMinutes(59));
        for (int i = 0; i < 9; i++) {
            vault.take(limits().verifying(patron));
        }
        vault.advance(Duration.ofMinutes(1));
        vault.take(limits().verifying(patron));
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
    }

    @Test
    void placeGivenBackAnHourLaterEarnsNoExtraTry() {
        PatronId patron = new PatronId(7);
        vault.take(limits().verifying(patron));
        vault.advance(Duration.ofMinutes(61));
        vault.write(tx -> limits().verified(tx, patron));
        for (int i = 0; i < 10; i++) {
            vault.take(limits().verifying(patron));
        }
        assertThat(Refusals.problemOf(() -> vault.take(limits().verifying(patron))))
                .isEqualTo(Problem.VERIFY_LIMIT);
    }

    @Test
    void twentyThreadsVerifyExactlyTenTimes() throws Exception {
        List<Problem> refusals = fromTwentyThreads(1, number -> limits().verifying(new PatronId(7)));
        assertThat(refusals).hasSize(10).containsOnly(Problem.VERIFY_LIMIT);
    }

    @Test
    void verifyCounterDoesNotNameThePatron() {
        vault.take(limits().verifying(new PatronId(0x0123_4567_89ab_cdefL)));
        assertThat(vault.names("limit-verify"))
                .singleElement()
                .asString()
                .matches("[0-9a-f]{32}")
                .doesNotContain("0123456789abcdef");
    }
}
