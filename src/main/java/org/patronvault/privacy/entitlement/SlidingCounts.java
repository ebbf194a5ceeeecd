package org.patronvault.privacy.entitlement;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;

/**
 * Approximate counters over a sliding period, for more things than could be remembered. A keyed hash chooses the
 * counter of a thing, so an attacker cannot aim at another's counter, and no counter reveals its thing. Two things with
 * one counter count together, to the disadvantage of both; with 131,072 counters that is rare. The previous period
 * counts in proportion to its overlap. Constant in size; safe for use by many threads.
 */
public final class SlidingCounts {
    private static final int PLACES = 1 << 17;
    private static final int KEY_BYTES = 32;

    private record Window(long number, AtomicIntegerArray now, AtomicIntegerArray before) {}

    private final long lengthNanos;
    private final LongSupplier nanoTime;
    private final long began;
    private final Prf hash = Prf.of(SecureBytes.random(KEY_BYTES));
    private volatile Window window = new Window(0, new AtomicIntegerArray(PLACES), new AtomicIntegerArray(PLACES));

    /**
     * Counters at zero.
     *
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    public SlidingCounts(long lengthNanos, LongSupplier nanoTime) {
        this.lengthNanos = lengthNanos;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
    }

    /** Counts the thing, and returns its number, this time included. */
    public int add(String... what) {
        int place = place(what);
        return current().now().incrementAndGet(place) + rest(place);
    }

    /**
     * Counts the thing like {@link #add}, unless its number is {@code most} already. So a caller that asks too often
     * still gets its number of tries in each period.
     *
     * @return its number, this time included; more than {@code most} if it was not counted
     */
    public int addUpTo(int most, String... what) {
        int place = place(what);
        AtomicIntegerArray now = current().now();
        int rest = rest(place);
        int before = now.getAndUpdate(place, count -> count + rest < most ? count + 1 : count);
        return before + rest + 1;
    }

    /** Returns the number of the thing. */
    public int count(String... what) {
        int place = place(what);
        return current().now().get(place) + rest(place);
    }

    private int place(String... what) {
        CanonicalBytes input = CanonicalBytes.plain();
        for (String part : what) {
            input.lp(part);
        }
        return ByteBuffer.wrap(hash.truncated(input.bytes(), Integer.BYTES)).getInt() & (PLACES - 1);
    }

    private int rest(int place) {
        long into = (nanoTime.getAsLong() - began) % lengthNanos;
        return (int) (window.before().get(place) * ((double) (lengthNanos - into) / lengthNanos));
    }

    private Window current() {
        long number = (nanoTime.getAsLong() - began) / lengthNanos;
        Window last = window;
        return last.number() == number ? last : next(number);
    }

    private synchronized Window next(long number) {
        if (window.number() < number) {
            boolean follows = window.number() + 1 == number;
            window = new Window(
                    number, new AtomicIntegerArray(PLACES), follows ? window.now() : new AtomicIntegerArray(PLACES));
        }
        return window;
    }
}
