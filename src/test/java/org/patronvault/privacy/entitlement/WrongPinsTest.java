package org.patronvault.privacy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.OpenVault;

/** Tests of the wrong PINs that are remembered, and for how long. */
final class WrongPinsTest {
    private final AtomicLong nanos = new AtomicLong();

    private WrongPins pins(OpenVault vault) {
        return new WrongPins(vault.vault().store(), vault.vault().custody(), vault.clock(), nanos::get, () -> 2);
    }

    /** Whether any row of an earlier ten-minute period is stored. */
    private static boolean isAnyWritten(OpenVault vault) {
        long now = vault.clock().millis() / Duration.ofMinutes(10).toMillis();
        return vault.vault().store().<Boolean>read(tx -> tx.limits().isAnyBefore("wrong-pin", now));
    }

    @Test
    void nothingIsRemovedByAClockThatIsAheadForAWhileAndAllThatIsOverByOneThatGoesOn() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            WrongPins pins = pins(vault);
            for (int tries = 0; tries < 3; tries++) {
                boolean unused = pins.areTooMany("a card", true, true);
            }
            pins.share();
            vault.clock().advance(Duration.ofMinutes(30));
            pins.share();
            assertThat(isAnyWritten(vault)).isTrue();
            vault.clock().advance(Duration.ofMinutes(-30));
            pins.share();
            assertThat(pins(vault).areTooMany("a card", false, true))
                    .as("for another node")
                    .isTrue();

            vault.clock().advance(Duration.ofMinutes(61));
            nanos.addAndGet(Duration.ofMinutes(61).toNanos());
            pins.share();
            assertThat(isAnyWritten(vault)).isFalse();
        }
    }
}
