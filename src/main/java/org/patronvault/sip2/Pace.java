package org.patronvault.sip2;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast one connection is listened to: a store of turns that fills up again. Whoever floods is not cut off but waits,
 * as a client behind it would that means well. For one thread at a time.
 */
final class Pace {
    private static final int MOST = 5_000;
    private static final int A_SECOND = 1_000;
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1) / A_SECOND;

    private final LongSupplier nanoTime;
    private long filledAt;
    private long turns = MOST;

    Pace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.filledAt = nanoTime.getAsLong();
    }

    /** Whether there is a turn left; it is taken. */
    boolean take() {
        long more = (nanoTime.getAsLong() - filledAt) / TURN_NANOS;
        turns = Math.min(MOST, turns + more);
        filledAt += more * TURN_NANOS;
        if (turns == 0) {
            return false;
        }
        turns--;
        return true;
    }
}
