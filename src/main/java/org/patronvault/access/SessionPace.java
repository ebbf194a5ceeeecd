package org.patronvault.access;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * How many sessions one person begins in an hour, and how many try to at once: each is a row for half a day, and a
 * password takes a turn that others wait for. Nobody who works comes near either. Safe for use by many threads.
 */
final class SessionPace {
    static final int AN_HOUR = 1_000;
    static final int AT_ONCE = 8;

    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

    /** What somebody has begun since a moment of the monotonic clock. */
    private record Begun(long since, int count) {}

    private final LongSupplier nanoTime;
    private final Map<String, Begun> begun = new ConcurrentHashMap<>();
    private final Map<String, Integer> trying = new ConcurrentHashMap<>();

    SessionPace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** A token for the next session of who proved who they are; refused with {@code too-many-attempts} beyond the hour's. */
    String next(String user) {
        long now = nanoTime.getAsLong();
        Begun all = begun.merge(
                user,
                new Begun(now, 1),
                (before, one) ->
                        now - before.since() >= HOUR_NANOS ? one : new Begun(before.since(), before.count() + 1));
        if (all.count() > AN_HOUR) {
            throw new Refused(
                    Problem.TOO_MANY_ATTEMPTS,
                    "That account has begun too many sessions in an hour; use one for longer.",
                    (int) TimeUnit.NANOSECONDS.toSeconds(HOUR_NANOS - (now - all.since())) + 1);
        }
        return SessionToken.next();
    }

    /** Makes a try of that name; refused with {@code busy} while too many others of it are under way. */
    <T> T attempt(String name, Supplier<T> making) {
        try {
            if (trying.merge(name, 1, Integer::sum) > AT_ONCE) {
                throw new Refused(
                        Problem.BUSY, "Others are signing in by that name just now; try again in a moment.", 1);
            }
            return making.get();
        } finally {
            trying.computeIfPresent(name, (any, count) -> count == 1 ? null : count - 1);
        }
    }
}
