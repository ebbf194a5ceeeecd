package org.patronvault.custody;

import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * How fast an operation goes: at the rate asked for, or as fast as the desk allows. Whether anybody is at a desk the log
 * says: entries of others between two batches, not longer than a quarter of a second ago. Then batches are small, so
 * that nobody waits long for the log behind one, and a pause after each leaves the machine to others.
 */
final class OperationThrottle {
    static final int LARGE = 4_096;
    static final int SMALL = 128;
    /** Values of one field lie on as many pages as seven times as many of all fields. */
    static final int SMALL_OF_ONE = 32;

    private static final int PAUSES = 3;
    private static final int PAUSES_OF_ONE = 6;
    private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** However long a batch waited for a slow disk: that is no work of its own to rest from. */
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
     * The pace of that operation.
     *
     * @param rateNow the rate that is asked for by now
     */
    OperationThrottle(Operation operation, IntSupplier rateNow) {
        this(operation, rateNow, System::nanoTime, OperationThrottle::pause);
    }

    /** The same, by another monotonic clock, and another way to wait, both in nanoseconds. */
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

    /** How many values the next batch should hold: no more than a second's worth. */
    int size() {
        int most = quiet ? LARGE : isOfOne ? SMALL_OF_ONE : SMALL;
        return rate == 0 ? most : Math.min(rate, most);
    }

    /**
     * After a batch: waits as long as it has to.
     *
     * @param entry the index of the first of its {@code entries} in the log
     */
    void after(int values, long entry, int entries) {
        long took = nanoTime.getAsLong() - last;
        // Of the whole time since the batch before, the pause after it too: only here is it known what others wrote.
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

    /** Waits a second at most at a time, since somebody may ask for another rate meanwhile, or seal the vault. */
    private void keepToRate() {
        long left = 1;
        while (rate > 0 && left > 0) {
            left = TimeUnit.SECONDS.toNanos(moved - movedBefore) / rate - (nanoTime.getAsLong() - rateSince);
            pause.accept(Math.max(0, Math.min(left, SLICE_NANOS)));
            look();
        }
    }

    /** Goes at another rate from now on, if another is asked for by now. */
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

    /** Whether nothing was written for so long that the lease must be renewed by itself. */
    boolean isSilent() {
        return nanoTime.getAsLong() - last > TimeUnit.SECONDS.toNanos(OperationLease.RENEWED_SECONDS);
    }

    /** Values a second since it was taken up. */
    double valuesPerSecond() {
        return moved * 1e9 / Math.max(1, nanoTime.getAsLong() - began);
    }
}
