package org.patronvault.audit;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Whether other nodes write to the same log: entries stand between this one's. Told by one thread, asked by any. */
final class PeerActivity {
    private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long NOTHING_YET = -1;

    /** What they had last is told by a clock that may begin anywhere. */
    private record LastActivity(boolean ever, long at) {}

    private final LongSupplier nanos;
    private long end = NOTHING_YET;
    private volatile LastActivity last = new LastActivity(false, 0);

    PeerActivity(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** This node's entries went from {@code first} (inclusive) to {@code next} (exclusive). */
    void wrote(long first, long next) {
        if (end != NOTHING_YET && first != end) {
            last = new LastActivity(true, nanos.getAsLong());
        }
        end = next;
    }

    /** Whether one wrote within the last minute, as far as this node's own writing can tell. */
    boolean arePresent() {
        LastActivity seen = last;
        return seen.ever() && nanos.getAsLong() - seen.at() < REMEMBERED_NANOS;
    }
}
