package org.patronvault.custody.rotate;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.dual.Authority;

/**
 * The rule for taking over an operation of another server. A server may do so after it has seen the row unchanged for
 * fifteen seconds, on its own monotonic clock. A wall clock that jumps, on any server, ends no lease. Thread-safe.
 *
 * <p>It only saves double work: a slow server still writes by compare-and-set like every other.
 */
final class OperationLease {
    /** How long a row may be unchanged, in seconds. */
    static final int SECONDS = 15;

    /** How often the working server renews the row, in seconds. */
    static final int RENEWED_SECONDS = 5;

    private record Observation(long generation, long atNanos) {}

    private final LongSupplier nanoTime;
    private final Map<String, Observation> seen = new ConcurrentHashMap<>();

    OperationLease(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Whether the row was unchanged for so long that its server is taken for dead. */
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
