package org.patronvault.log.count;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.testing.TestClock;

/** Tests of the last thirty days' counts, from the unsealed members of the log. */
class DayCounterTest {
    private static final Actor DIRECTOR = new Actor(Actor.Kind.STAFF, "dora", "director", "NC");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 24);

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private LogTestVault vault;
    private DayCounter counter;

    @BeforeEach
    void open() {
        vault = LogTestVault.createIn(directory);
        counter = new DayCounter(vault.store, clock, ZoneOffset.UTC, 16);
    }

    @AfterEach
    void close() {
        counter.close();
        vault.close();
    }

    private void append(String time, Actor actor, ActKind act, Outcome outcome) {
        append(AccessEvent.of(Instant.parse(time), actor, act, outcome, AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE));
    }

    private void append(AccessEvent event) {
        AuditLog.await(vault.log.submit(AuditLog.entry(event), Lane.DESK));
    }

    private static DayCounts all(DayCounter of) {
        DayCounter.Result counted = of.counted(Long.MAX_VALUE);
        assertThat(counted.behind()).isZero();
        return counted.sum();
    }

    @Test
    void revealsOfEachRoleAndRefusalsCountForTheirDay() {
        append("2026-11-23T08:00:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        append("2026-11-24T08:00:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        append("2026-11-24T08:00:00Z", DIRECTOR, ActKind.REVEAL, Outcome.DISCLOSED);
        append("2026-11-24T08:00:00Z", DIRECTOR, ActKind.SEARCH, Outcome.DISCLOSED);
        append(AccessEvent.of(clock.instant(), DIRECTOR, ActKind.REVEAL, Outcome.REFUSED, AuditLog.newRequest())
                .refusedFor(Problem.REVEAL_LIMIT)
                .counting(7));
        DayCounter.Result counted = counter.counted(Long.MAX_VALUE);
        assertThat(counted.days()).hasSize(DayCounter.DAYS);
        assertThat(counted.days().firstKey()).isEqualTo(LocalDate.of(2026, 10, 26));
        DayCounts today = counted.days().get(TODAY);
        assertThat(today.reveals()).isEqualTo(Map.of("circulation", 1L, "director", 1L));
        assertThat(today.refused()).isEqualTo(7);
        assertThat(today.opened()).as("a search opens names").isEqualTo(Map.of("account-service", 3L));
        assertThat(counted.days().get(TODAY.minusDays(1)).revealed()).isEqualTo(1);
    }

    @Test
    void whatTheVaultOpensForItselfIsNobodysReveal() {
        append(AccessEvent.of(clock.instant(), Actor.VAULT, ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest())
                .forPurpose(Purpose.REINDEX)
                .on(List.of(Subject.opened(new PatronId(7), Set.of(PatronField.NAME)))));
        assertThat(all(counter).revealed()).isZero();
        assertThat(all(counter).opened()).isEmpty();
    }

    @Test
    void dayBeginsWhereTheReaderIs() {
        append("2026-11-24T03:00:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        try (DayCounter there = new DayCounter(vault.store, clock, ZoneId.of("America/New_York"))) {
            assertThat(there.counted(0).days().get(TODAY.minusDays(1)).revealed())
                    .isEqualTo(1);
        }
    }

    @Test
    void oldDaysAreLeftOutAndEachLookCountsOn() {
        append("2026-10-25T23:59:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        append("2026-10-26T00:00:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        for (int i = 0; i < 40; i++) {
            append("2026-11-24T08:00:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        }
        assertThat(all(counter).revealed()).isEqualTo(41);
        append("2026-11-24T09:00:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        assertThat(all(counter).revealed()).isEqualTo(42);
        clock.advance(Duration.ofDays(1));
        assertThat(all(counter).revealed()).as("the oldest day is over").isEqualTo(41);
        clock.advance(Duration.ofDays(-1));
        assertThat(all(counter).revealed()).as("a clock that is set back").isEqualTo(42);
    }

    private void checked(String time, String client, Optional<String> service, Optional<Problem> reason, long times) {
        Actor vendor = new Actor(Actor.Kind.CLIENT, client, "entitlement", "");
        AccessEvent event = AccessEvent.of(
                        Instant.parse(time), vendor, ActKind.ENTITLEMENT, Outcome.COUNTED, AuditLog.newRequest())
                .counting(times);
        AccessEvent about = service.map(event::about).orElse(event);
        append(reason.map(about::answered).orElse(about));
    }

    @Test
    void checksAddUpByClientServiceAndAnswerForTheirDay() {
        Optional<String> films = Optional.of("films");
        Optional<Problem> not = Optional.of(Problem.NOT_ENTITLED);
        checked("2026-11-23T08:00:00Z", "hoopla", films, Optional.empty(), 5);
        checked("2026-11-24T08:00:00Z", "hoopla", films, Optional.empty(), 7);
        checked("2026-11-24T08:01:00Z", "hoopla", films, Optional.empty(), 2);
        checked("2026-11-24T08:01:00Z", "hoopla", films, not, 3);
        checked("2026-11-24T08:02:00Z", "hoopla", Optional.empty(), not, 1);
        checked("2026-11-24T07:00:00Z", "kanopy", films, Optional.of(Problem.TOO_MANY_ATTEMPTS), 4);
        append(
                "2026-11-24T09:00:00Z",
                new Actor(Actor.Kind.CLIENT, "ils", "ils", ""),
                ActKind.ENTITLEMENT,
                Outcome.REFUSED);
        DayCounter.Result counted = counter.counted(Long.MAX_VALUE);
        assertThat(counted.days().get(TODAY).checks())
                .isEqualTo(Map.of(
                        new DayCounts.Check("hoopla", films, Optional.empty()), 9L,
                        new DayCounts.Check("hoopla", films, not), 3L,
                        new DayCounts.Check("hoopla", Optional.empty(), not), 1L,
                        new DayCounts.Check("kanopy", films, Optional.of(Problem.TOO_MANY_ATTEMPTS)), 4L));
        assertThat(counted.days().get(TODAY.minusDays(1)).checks())
                .isEqualTo(Map.of(new DayCounts.Check("hoopla", films, Optional.empty()), 5L));
        assertThat(counted.sum().checks()).containsEntry(new DayCounts.Check("hoopla", films, Optional.empty()), 14L);
    }

    @Test
    void lastChecksOfAClientAreTheNewestWhateverTheOrderAndForgottenWithTheirDay() {
        checked("2026-10-26T08:00:00Z", "kanopy", Optional.of("films"), Optional.empty(), 1);
        checked("2026-11-24T08:02:00Z", "hoopla", Optional.of("films"), Optional.empty(), 1);
        checked("2026-11-24T08:01:00Z", "hoopla", Optional.of("films"), Optional.empty(), 1);
        Instant newest = Instant.parse("2026-11-24T08:02:00Z");
        assertThat(all(counter).lastChecks())
                .isEqualTo(Map.of("hoopla", newest, "kanopy", Instant.parse("2026-10-26T08:00:00Z")));
        clock.advance(Duration.ofDays(1));
        assertThat(all(counter).lastChecks()).isEqualTo(Map.of("hoopla", newest));
    }

    @Test
    void whatIsNotCountedYetIsSaid() {
        for (int i = 0; i < 200; i++) {
            append("2026-11-24T08:00:00Z", LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED);
        }
        assertThat(counter.counted(0).behind()).isPositive();
        assertThat(all(counter).revealed()).isEqualTo(200);
    }
}
