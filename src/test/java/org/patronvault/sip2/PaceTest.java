package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tests of the rate limit of one connection (sip2.md, "Connections"). */
final class PaceTest {
    private static final int AT_ONCE = 5_000;
    private static final int A_SECOND = 1_000;

    private final AtomicLong nanos = new AtomicLong();
    private final Sip2Connection.Pace pace = new Sip2Connection.Pace(nanos::get);

    private int taken() {
        int taken = 0;
        while (pace.take()) {
            taken++;
        }
        return taken;
    }

    @Test
    void fiveThousandAtOnceAndAThousandASecondAfterThat() {
        assertThat(taken()).isEqualTo(AT_ONCE);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(taken()).isEqualTo(A_SECOND);
    }

    @Test
    void restGivesNoMoreThanThereWasAtFirst() {
        assertThat(pace.take()).isTrue();
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertThat(taken()).isEqualTo(AT_ONCE);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(taken()).isEqualTo(1);
    }
}
