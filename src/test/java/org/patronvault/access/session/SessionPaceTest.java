package org.patronvault.access.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests that one person who signs in repeatedly blocks no other person. */
final class SessionPaceTest {
    private final AtomicLong nanos = new AtomicLong(7);
    private final SessionPace pace = new SessionPace(nanos::get);

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @Test
    void sessionsBeyondTheHoursNumberAreRefusedAndThoseOfOthersAreNot() {
        for (int n = 0; n < SessionPace.AN_HOUR; n++) {
            assertThat(pace.next("kim")).startsWith("pvs_");
        }
        assertRefused(Problem.TOO_MANY_ATTEMPTS, () -> pace.next("kim"));
        pace.next("lee");
        nanos.addAndGet(TimeUnit.HOURS.toNanos(1) - 1);
        assertRefused(Problem.TOO_MANY_ATTEMPTS, () -> pace.next("kim"));
        nanos.addAndGet(1);
        pace.next("kim");
    }

    @Test
    void triesOfOneNameAtOnceLeaveTheTurnsToOthers() {
        assertThat(among(SessionPace.AT_ONCE - 1, () -> attempt("kim", "10.0.0.7")))
                .isEqualTo("in");
        assertRefused(Problem.BUSY, () -> among(SessionPace.AT_ONCE, () -> attempt("kim", "10.0.0.7")));
        assertThat(among(SessionPace.AT_ONCE, () -> attempt("lee", "10.0.0.7"))).isEqualTo("in");
        assertThat(among(SessionPace.AT_ONCE, () -> attempt("kim", "10.0.0.8")))
                .as("from another network")
                .isEqualTo("in");
        assertThat(among(SessionPace.AT_ONCE - 1, () -> attempt("kim", "10.0.0.7")))
                .as("what was refused takes no place")
                .isEqualTo("in");
    }

    private String attempt(String name, String network) {
        return pace.attempt(name, network, Duration.ZERO, () -> "in");
    }

    /** Returns the result while this many tries of kim's are running. */
    private String among(int others, Supplier<String> then) {
        return others == 0 ? then.get() : pace.attempt("kim", "10.0.0.7", Duration.ZERO, () -> among(others - 1, then));
    }
}
