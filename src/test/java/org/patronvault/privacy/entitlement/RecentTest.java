package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.patronvault.privacy.entitlement.RepeatedChecks.Recent;

/** Tests of the values that are remembered, and for how long. */
final class RecentTest {
    private static final long LENGTH = 60;
    private final AtomicLong nanos = new AtomicLong();
    private final Recent<Integer, String> recent = new Recent<>(LENGTH, 100, nanos::get);

    @Test
    void everythingStaysForTheWholeTime() {
        for (int n = 0; n < 50; n++) {
            assertThat(recent.putIfAbsent(n, "first")).isNull();
            nanos.incrementAndGet();
        }
        nanos.addAndGet(LENGTH - 50);
        for (int n = 0; n < 50; n++) {
            assertThat(recent.putIfAbsent(n, "second")).isEqualTo("first");
        }
        nanos.addAndGet(2 * LENGTH + 2);
        assertThat(recent.putIfAbsent(1_000, "other")).isNull();
        nanos.addAndGet(LENGTH + 1);
        assertThat(recent.putIfAbsent(0, "third")).isNull();
    }

    @Test
    void nothingIsRememberedLongerThoughNobodyAsksForAnythingElse() {
        assertThat(recent.putIfAbsent(1, "first")).isNull();
        nanos.addAndGet(100 * LENGTH);
        assertThat(recent.putIfAbsent(1, "second")).isNull();
        nanos.addAndGet(LENGTH / 2);
        assertThat(recent.putIfAbsent(2, "first")).isNull();
        nanos.addAndGet(LENGTH);
        assertThat(recent.putIfAbsent(1, "third")).isNull();
        assertThat(recent.putIfAbsent(2, "second")).isEqualTo("first");
        nanos.addAndGet(LENGTH);
        assertThat(recent.putIfAbsent(2, "third")).isNull();
    }

    @Test
    void theOldestGoesFirstWhereThereIsNoRoom() {
        for (int n = 0; n < 250; n++) {
            assertThat(recent.putIfAbsent(n, "first")).isNull();
        }
        assertThat(recent.putIfAbsent(249, "second")).isEqualTo("first");
        assertThat(recent.putIfAbsent(150, "second")).isEqualTo("first");
        assertThat(recent.putIfAbsent(0, "second")).isNull();
    }

    @Test
    void whatIsForgottenIsNotThere() {
        assertThat(recent.putIfAbsent(1, "first")).isNull();
        recent.remove(1, "another");
        assertThat(recent.putIfAbsent(1, "second")).isEqualTo("first");
        recent.remove(1, "first");
        assertThat(recent.putIfAbsent(1, "third")).isNull();
    }
}
