package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SlidingCountsTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private long nanos;
    private final SlidingCounts counts = new SlidingCounts(MINUTE, () -> nanos);

    private int taken(int tries, int most) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += counts.addUpTo(most, "client") <= most ? 1 : 0;
        }
        return taken;
    }

    @Test
    void whatIsOneTooManyIsNotCountedSoThatAClientThatAsksTooOftenGetsItsPartEachMinute() {
        for (int minute = 0; minute < 5; minute++) {
            int inMinute = 0;
            for (int second = 0; second < 60; second++) {
                inMinute += taken(100, 600);
                nanos += MINUTE / 60;
            }
            assertThat(inMinute).as("minute %d", minute).isBetween(590, 610);
        }
    }

    @Test
    void partOfTheWhileBeforeCountsAsLongAsItIsLessThanAWhileAgo() {
        assertThat(taken(700, 600)).isEqualTo(600);
        nanos += MINUTE + MINUTE / 2;
        assertThat(taken(700, 600)).isEqualTo(300);
        nanos += 2 * MINUTE;
        assertThat(taken(700, 600)).isEqualTo(600);
        assertThat(counts.addUpTo(600, "client")).isGreaterThan(600);
        assertThat(counts.addUpTo(600, "another")).isEqualTo(1);
    }
}
