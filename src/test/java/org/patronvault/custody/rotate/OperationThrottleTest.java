package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Actor;

/** Tests of the speed of a rotation beside a desk, by a simulated clock. */
final class OperationThrottleTest {
    private static final long BATCH = Duration.ofMillis(60).toNanos();

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong paused = new AtomicLong();
    private final AtomicInteger rate = new AtomicInteger();
    private long entry = 100;

    private OperationThrottle pace(String field, int begun) {
        rate.set(begun);
        return new OperationThrottle(
                Operation.begun("rotate", field, 1_000, begun, 0, Actor.VAULT), rate::get, nanos::get, pause -> {
                    paused.addAndGet(pause);
                    nanos.addAndGet(pause);
                });
    }

    /** One batch of {@code values}, beside so many entries of others. */
    private void batch(OperationThrottle pace, int values, int others) {
        nanos.addAndGet(BATCH);
        entry += others;
        pace.after(values, entry, 1);
        entry++;
    }

    @Test
    void whileOthersWriteBatchesStaySmallHoweverLongThePausesAre() {
        for (String field : new String[] {"phone", "all"}) {
            OperationThrottle pace = pace(field, 0);
            int small = field.equals("all") ? OperationThrottle.SMALL : OperationThrottle.SMALL_OF_ONE;
            batch(pace, 1, 0);
            for (int i = 0; i < 20; i++) {
                batch(pace, small, 3);
                assertThat(pace.size()).as(field).isEqualTo(small);
            }
            assertThat(paused.getAndSet(0)).isGreaterThan(20 * 2 * BATCH);
        }
    }

    @Test
    void batchThatASlowDiskHeldUpIsFollowedByNoLongRest() {
        OperationThrottle pace = pace("phone", 0);
        batch(pace, 32, 0);
        paused.set(0);
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        batch(pace, 32, 1);
        assertThat(paused.get()).isBetween(1L, Duration.ofSeconds(2).toNanos());
    }

    @Test
    void afterAQuarterOfASecondWithoutOthersBatchesAreLargeAndFollowAtOnce() {
        OperationThrottle pace = pace("phone", 0);
        batch(pace, 32, 0);
        batch(pace, 32, 1);
        for (int i = 0; i < 7; i++) {
            batch(pace, 32, 0);
        }
        assertThat(pace.size()).isEqualTo(OperationThrottle.LARGE);
        paused.set(0);
        batch(pace, OperationThrottle.LARGE, 0);
        assertThat(paused).hasValue(0);
        batch(pace, OperationThrottle.LARGE, 1);
        assertThat(pace.size()).isEqualTo(OperationThrottle.SMALL_OF_ONE);
        assertThat(paused.get()).isPositive();
    }

    @Test
    void rateIsKeptToOnAverageFromTheMomentItIsGiven() {
        OperationThrottle pace = pace("phone", 100);
        assertThat(pace.size()).isLessThanOrEqualTo(100);
        for (int i = 0; i < 30; i++) {
            batch(pace, 50, 0);
        }
        assertThat(Duration.ofNanos(nanos.get())).isEqualTo(Duration.ofSeconds(15));
        long since = nanos.get();
        rate.set(1_000);
        for (int i = 0; i < 31; i++) {
            batch(pace, 50, 0);
        }
        // The batch at hand still counts at the rate before.
        assertThat(Duration.ofNanos(nanos.get() - since)).isEqualTo(Duration.ofMillis(60 + 30 * 60));
        since = nanos.get();
        rate.set(10);
        batch(pace, 1_000, 0);
        assertThat(Duration.ofNanos(nanos.get() - since))
                .as("of the rate before")
                .isLessThan(Duration.ofSeconds(1));
        batch(pace, 100, 0);
        assertThat(Duration.ofNanos(nanos.get() - since)).isGreaterThan(Duration.ofSeconds(9));
    }

    @Test
    void whoWaitsForALowRateGoesOnWithinASecondOfAnother() {
        OperationThrottle pace = pace("phone", 1);
        nanos.addAndGet(BATCH);
        AtomicInteger slices = new AtomicInteger();
        OperationThrottle waiting = new OperationThrottle(
                Operation.begun("rotate", "phone", 1_000, 1, 0, Actor.VAULT),
                () -> slices.get() < 3 ? 1 : 0,
                nanos::get,
                pause -> {
                    assertThat(pause).isLessThanOrEqualTo(Duration.ofSeconds(1).toNanos());
                    nanos.addAndGet(pause);
                    slices.incrementAndGet();
                });
        waiting.after(4_096, 1, 1);
        assertThat(slices).hasValue(3);
        assertThat(pace.size()).isEqualTo(1);
    }
}
