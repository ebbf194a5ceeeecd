package org.patronvault.core.log;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A detector of other nodes that write to the same log: their entries come between this node's. One thread reports, any
 * thread asks.
 */
final class PeerActivity {
    private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long NOTHING_YET = -1;

    /** The time of the last foreign entry, by a clock that may begin anywhere. */
    private record LastActivity(boolean ever, long at) {}

    private final LongSupplier nanos;
    private long end = NOTHING_YET;
    private volatile LastActivity last = new LastActivity(false, 0);

    PeerActivity(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Reports this node's entries from {@code first} (inclusive) to {@code next} (exclusive). */
    void wrote(long first, long next) {
        if (end != NOTHING_YET && first != end) {
            last = new LastActivity(true, nanos.getAsLong());
        }
        end = next;
    }

    /** Whether another node wrote within the last minute, as far as this node's own writing shows. */
    boolean arePresent() {
        LastActivity seen = last;
        return seen.ever() && nanos.getAsLong() - seen.at() < REMEMBERED_NANOS;
    }
}
