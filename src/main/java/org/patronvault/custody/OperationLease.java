package org.patronvault.custody;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.access.Authority;

/**
 * When a server may take up what another was at: after it has itself seen the row stand still for fifteen seconds, on
 * its own monotonic clock. A wall clock that jumps, here or there, ends no lease. Safe for use by many threads.
 *
 * <p>It only saves double work. A server that was merely slow writes by compare-and-set like everybody else.
 */
final class OperationLease {
    /** How long a row may stand still, in seconds. */
    static final int SECONDS = 15;

    /** How often whoever is at it says so, in seconds. */
    static final int RENEWED_SECONDS = 5;

    private record Observation(long generation, long atNanos) {}

    private final LongSupplier nanoTime;
    private final Map<String, Observation> seen = new ConcurrentHashMap<>();

    OperationLease(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Whether that row has stood still so long that whoever was at it is taken for dead. */
    boolean isOver(Authority.Versioned<Operation> row) {
        long now = nanoTime.getAsLong();
        Observation first = seen.compute(
                row.name(),
                (id, before) -> before != null && before.generation() == row.generation()
                        ? before
                        : new Observation(row.generation(), now));
        return now - first.atNanos() >= TimeUnit.SECONDS.toNanos(SECONDS);
    }
}
