package org.patronvault.sip2;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A rate limit for one connection: a bucket of turns that refills. A client that floods is not cut off but waits, since
 * a well-meaning client may be behind it. For one thread at a time.
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

    /** Takes a turn. Returns whether there was one. */
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
