package org.patronvault.privacy.disclosure;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A limit on the requests that one person records: more than any person needs, and too few to flood the director. Known
 * to this process only; safe for use by many threads.
 */
final class IntakePace {
    static final int MOST = 100;
    private static final Duration WITHIN = Duration.ofMinutes(10);

    private final LongSupplier nanoTime;
    private final Map<String, Deque<Long>> taken = new HashMap<>();

    /**
     * A limit by that monotonic clock, in nanoseconds: setting the wall clock neither restarts nor extends the period.
     */
    IntakePace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes a place, or refuses with {@code too-many-attempts}. */
    synchronized void take(String name) {
        long now = nanoTime.getAsLong();
        taken.values().forEach(times -> times.removeIf(time -> now - time >= WITHIN.toNanos()));
        taken.values().removeIf(Deque::isEmpty);
        Deque<Long> mine = taken.computeIfAbsent(name, any -> new ArrayDeque<>());
        if (mine.size() >= MOST) {
            throw new Refused(
                    Problem.TOO_MANY_ATTEMPTS, "That are more requests than anybody brings; call the director.", (int)
                            WITHIN.toSeconds());
        }
        mine.add(now);
    }
}
