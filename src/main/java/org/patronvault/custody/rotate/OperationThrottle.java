package org.patronvault.custody.rotate;

import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The speed limit of an operation: the requested rate, or as fast as the desk allows. A desk is busy if other log
 * entries came between two batches, in the last quarter of a second. Then batches are small, so a log entry waits
 * little behind one. A pause after each batch leaves the machine to the desk.
 */
final class OperationThrottle {
    static final int LARGE = 4_096;
    static final int SMALL = 128;
    /** Values of one field are on as many pages as seven times as many values of all fields. */
    static final int SMALL_OF_ONE = 32;

    private static final int PAUSES = 3;
    private static final int PAUSES_OF_ONE = 6;
    private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The limit of a pause: a batch's wait for a slow disk is no work to rest from. */
    private static final long MOST_REST_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final String id;
    private final boolean isOfOne;
    private final IntSupplier rateNow;
    private final LongSupplier nanoTime;
    private final LongConsumer pause;
    private final long began;
    private volatile long last;
    private volatile long moved;
    private volatile int rate;
    private long rateSince;
    private long movedBefore;
    private long lastEntry = -1;
    private long quietSince;
    private boolean othersAtWork;
    private volatile boolean quiet;

    /**
     * Makes the limit of that operation.
     *
     * @param rateNow returns the rate requested now
     */
    OperationThrottle(Operation operation, IntSupplier rateNow) {
        this(operation, rateNow, System::nanoTime, OperationThrottle::pause);
    }

    /** Makes the limit with another monotonic clock and another way to wait, both in nanoseconds. */
    OperationThrottle(Operation operation, IntSupplier rateNow, LongSupplier nanoTime, LongConsumer pause) {
        this.id = operation.id();
        this.rate = operation.rate();
        this.isOfOne = !operation.field().equals(Rotations.ALL);
        this.rateNow = rateNow;
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.began = nanoTime.getAsLong();
        this.last = began;
        this.rateSince = began;
        this.quietSince = began;
    }

    String id() {
        return id;
    }

    /** Returns how many values the next batch should hold: at most a second's worth. */
    int size() {
        int most = quiet ? LARGE : isOfOne ? SMALL_OF_ONE : SMALL;
        return rate == 0 ? most : Math.min(rate, most);
    }

    /**
     * Waits as long as needed after a batch.
     *
     * @param entry the index of the first of its {@code entries} in the log
     */
    void after(int values, long entry, int entries) {
        long took = nanoTime.getAsLong() - last;
        // This covers the whole time since the previous batch, with the pause after it. Only here is it known what
        // others wrote.
        boolean known = lastEntry >= 0;
        boolean others = known && entry > lastEntry;
        if (others || !known) {
            quietSince = nanoTime.getAsLong();
        }
        quiet = !others && nanoTime.getAsLong() - quietSince > QUIET_NANOS;
        othersAtWork = others || (othersAtWork && !quiet);
        lastEntry = entry + entries;
        long now = moved + values;
        moved = now;
        look();
        if (rate == 0) {
            long rest = Math.min(MOST_REST_NANOS, took * (isOfOne ? PAUSES_OF_ONE : PAUSES));
            pause.accept(othersAtWork ? rest : 0);
        } else {
            keepToRate();
        }
        last = nanoTime.getAsLong();
    }

    /** Waits at most a second at a time: meanwhile the rate may be changed, or the vault sealed. */
    private void keepToRate() {
        long left = 1;
        while (rate > 0 && left > 0) {
            left = TimeUnit.SECONDS.toNanos(moved - movedBefore) / rate - (nanoTime.getAsLong() - rateSince);
            pause.accept(Math.max(0, Math.min(left, SLICE_NANOS)));
            look();
        }
    }

    /** Uses another rate from now on, if one was requested. */
    private void look() {
        int asked = rateNow.getAsInt();
        if (asked != rate) {
            rate = asked;
            rateSince = nanoTime.getAsLong();
            movedBefore = moved;
        }
    }

    private static void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.BUSY, "The vault is stopping.", 1);
        }
    }

    /** Whether the last write is so long ago that the lease must be renewed separately. */
    boolean isSilent() {
        return nanoTime.getAsLong() - last > TimeUnit.SECONDS.toNanos(OperationLease.RENEWED_SECONDS);
    }

    /** Returns the values a second since this server started the work. */
    double valuesPerSecond() {
        return moved * 1e9 / Math.max(1, nanoTime.getAsLong() - began);
    }
}
