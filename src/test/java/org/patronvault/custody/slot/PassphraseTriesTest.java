package org.patronvault.custody.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.slot.NetworkPassphrases.PassphraseTries;

final class PassphraseTriesTest {
    private static final String HERE = "192.0.2.1";

    private final AtomicLong seconds = new AtomicLong(1_000);
    private final PassphraseTries tries = new PassphraseTries(() -> TimeUnit.SECONDS.toNanos(seconds.get()));

    /** How long the next has to wait, in seconds. */
    private int left() {
        Refused refused = catchThrowableOfType(Refused.class, () -> tries.require(HERE));
        if (refused == null) {
            return 0;
        }
        assertThat(refused.problem()).isEqualTo(Problem.TOO_MANY_ATTEMPTS);
        return refused.retryAfterSeconds();
    }

    private void wrong(int times) {
        for (int n = 0; n < times; n++) {
            tries.wrong(HERE);
        }
    }

    @Test
    void slipsOfThePenCostNothing() {
        wrong(PassphraseTries.FREE - 1);
        assertThat(left()).isZero();
    }

    @Test
    void eachThatIsWrongIsWaitedForTwiceAsLongAndAMinuteAtMost() {
        wrong(PassphraseTries.FREE);
        int last = 0;
        for (int n = 0; n < 20; n++) {
            int wait = left();
            assertThat(wait).isGreaterThanOrEqualTo(last).isBetween(1, PassphraseTries.LONGEST_WAIT_SECONDS + 1);
            seconds.addAndGet(wait);
            assertThat(left()).isZero();
            wrong(1);
            last = wait;
        }
        assertThat(last).isEqualTo(PassphraseTries.LONGEST_WAIT_SECONDS + 1);
    }

    @Test
    void otherNetworksDoNotWait() {
        wrong(10);
        tries.require("192.0.2.2");
        assertThatThrownBy(() -> tries.require(HERE)).isInstanceOf(Refused.class);
    }

    @Test
    void rightOneAndAQuarterOfAnHourForgetWhatWasWrong() {
        wrong(10);
        tries.right(HERE);
        assertThat(left()).isZero();
        wrong(10);
        seconds.addAndGet(15 * 60 + 1);
        assertThat(left()).isZero();
        wrong(1);
        assertThat(left()).isZero();
    }

    @Test
    void manyNetworksTakeNoMoreRoomThanSome() {
        for (int n = 0; n < 100_000; n++) {
            tries.wrong("2001:db8::" + n);
        }
        wrong(10);
        assertThat(left()).isPositive();
    }
}
