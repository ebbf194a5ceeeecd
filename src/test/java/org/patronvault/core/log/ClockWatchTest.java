package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Actor;
import org.patronvault.testing.OpenVault;

/** Tests of a machine's clock that is set, beside a monotonic clock. */
final class ClockWatchTest {
    @AutoClose
    private final OpenVault vault = OpenVault.onSqlite();

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);
    private final ClockWatch watch = new ClockWatch(vault.vault().log(), vault.clock(), nanos::get);

    /** Advances both clocks, and also sets the machine's. */
    private void pass(Duration time, Duration set) {
        long unused = nanos.addAndGet(time.toNanos());
        vault.clock().advance(time.plus(set));
    }

    private List<String> told(long from) {
        return vault.logSince(from).stream()
                .filter(event -> event.act() == ActKind.CLOCK)
                .map(event -> {
                    assertThat(event.actor()).isEqualTo(Actor.VAULT);
                    return event.about().orElseThrow() + " " + event.count().getAsLong();
                })
                .toList();
    }

    @Test
    void clockThatIsSetIsInTheLogOnceWithHowFarAndWhichWay() {
        long before = vault.logSize();
        pass(Duration.ofSeconds(10), Duration.ofMinutes(10));
        watch.turn();
        watch.turn();
        pass(Duration.ofSeconds(10), Duration.ofMinutes(-20));
        watch.turn();
        pass(Duration.ofDays(1), Duration.ZERO);
        watch.turn();
        assertThat(told(before)).containsExactly("forward 600", "back 1200");
    }

    @Test
    void clockThatIsCorrectedLittleByLittleIsNot() {
        long before = vault.logSize();
        for (int n = 0; n < 100; n++) {
            pass(Duration.ofSeconds(10), Duration.ofMillis(9_999));
            watch.turn();
        }
        assertThat(told(before)).isEmpty();
    }

    @Test
    void sealedVaultSaysItToo() {
        long before = vault.logSize();
        vault.vault().custody().seal();
        pass(Duration.ofSeconds(10), Duration.ofHours(1));
        watch.turn();
        vault.unseal();
        assertThat(told(before)).containsExactly("forward 3600");
    }
}
