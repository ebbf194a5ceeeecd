package org.patronvault.upkeep.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.TestClock;

final class QuietHourTest {
    private final TestClock clock = new TestClock();
    private final QuietHour hour = new QuietHour();
    private long entries = 1_000_000;

    /** The answer after so many minutes, each with so many new entries. */
    private boolean passedAfter(int minutes, int entriesEach) {
        boolean passed = false;
        for (int minute = 0; minute < minutes; minute++) {
            clock.advance(Duration.ofMinutes(1));
            entries += entriesEach;
            passed = hour.hasPassed(clock.instant(), entries);
        }
        return passed;
    }

    @Test
    void hourWithoutEntriesCountsFromTheFirstCall() {
        assertThat(hour.hasPassed(clock.instant(), entries)).isFalse();
        assertThat(passedAfter(59, 0)).isFalse();
        assertThat(passedAfter(1, 0)).isTrue();
    }

    @Test
    void entryEachMinuteIsBusyForEver() {
        assertThat(passedAfter(1, 0)).isFalse();
        for (int hours = 0; hours < 24; hours++) {
            assertThat(passedAfter(60, 1)).isFalse();
        }
    }

    @Test
    void fewerEntriesThanOneAMinuteAreQuiet() {
        assertThat(passedAfter(1, 0)).isFalse();
        assertThat(passedAfter(QuietHour.BUSY_ENTRIES - 1, 1)).isFalse();
        assertThat(passedAfter(1, 0)).isTrue();
    }

    @Test
    void loadStartsTheHourAgain() {
        assertThat(passedAfter(60, 0)).isFalse();
        assertThat(passedAfter(1, QuietHour.BUSY_ENTRIES)).isFalse();
        assertThat(passedAfter(59, 0)).isFalse();
        assertThat(passedAfter(1, 0)).isTrue();
    }

    @Test
    void clockThatIsSetBackStartsTheHourAgain() {
        assertThat(passedAfter(60, 0)).isFalse();
        clock.advance(Duration.ofDays(-1));
        assertThat(passedAfter(60, 0)).isFalse();
        assertThat(passedAfter(1, 0)).isTrue();
    }
}
