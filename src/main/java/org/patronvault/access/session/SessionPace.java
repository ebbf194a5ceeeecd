package org.patronvault.access.session;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The limit on new sessions of one person: in an hour, and at a time. Each session is a row for half a day, and each
 * password check takes a turn that others wait for. Normal work reaches neither limit. A try for an account that is
 * being guessed at from elsewhere waits for a moment. Thread-safe.
 */
public final class SessionPace {
    static final int AN_HOUR = 1_000;
    static final int AT_ONCE = 8;

    /** The most server threads that wait at a time; beyond them a try goes on at once. */
    private static final int SLOW_AT_ONCE = 4;

    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

    /** The number of sessions begun since a moment of the monotonic clock. */
    private record Begun(long since, int count) {}

    private final LongSupplier nanoTime;
    private final Map<String, Begun> begun = new ConcurrentHashMap<>();
    private final Map<String, Integer> trying = new ConcurrentHashMap<>();
    private final Semaphore slow = new Semaphore(SLOW_AT_ONCE);

    public SessionPace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Returns a token for the next session of a person who proved who they are. Refuses with {@code too-many-attempts}
     * beyond the hour's limit.
     */
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

    /**
     * Makes a try of that name from that network, after a delay; refuses with {@code busy} while too many others of
     * both are running.
     */
    public <T> T attempt(String name, String network, Duration delay, Supplier<T> making) {
        String tries = name + ' ' + network;
        try {
            if (trying.merge(tries, 1, Integer::sum) > AT_ONCE) {
                throw new Refused(
                        Problem.BUSY, "Others are signing in by that name just now; try again in a moment.", 1);
            }
            await(delay);
            return making.get();
        } finally {
            trying.computeIfPresent(tries, (any, count) -> count == 1 ? null : count - 1);
        }
    }

    private void await(Duration delay) {
        if (delay.isZero() || !slow.tryAcquire()) {
            return;
        }
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.BUSY, "The vault is stopping.");
        } finally {
            slow.release();
        }
    }
}
