package org.patronvault.custody;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * How fast an operation goes: at the rate asked for, or as fast as the desk allows. Whether anybody is at a desk the log
 * says: entries of others between two batches, not longer than a quarter of a second ago. Then batches are small, so
 * that nobody waits long for the log behind one, and a pause after each leaves the machine to others.
 */
final class Pace {
    static final int LARGE = 4_096;
    static final int SMALL = 256;
    /** Values of one field lie on as many pages as seven times as many of all fields. */
    static final int SMALL_OF_ONE = 32;

    private static final int PAUSES = 3;
    private static final int PAUSES_OF_ONE = 6;
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final String id;
    private final boolean isOfOne;
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

    Pace(Operation operation) {
        this(operation, System::nanoTime, Pace::pause);
    }

    /** The same, by another monotonic clock, and another way to wait, both in nanoseconds. */
    Pace(Operation operation, LongSupplier nanoTime, LongConsumer pause) {
        this.id = operation.id();
        this.rate = operation.rate();
        this.isOfOne = !operation.field().equals(Rotations.ALL);
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

    /** Goes at another rate from the next batch on, if it is another. */
    void keepTo(int asked) {
        if (asked != rate) {
            rate = asked;
            rateSince = nanoTime.getAsLong();
            movedBefore = moved;
        }
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
        boolean others = lastEntry >= 0 && entry > lastEntry;
        if (others) {
            quietSince = nanoTime.getAsLong();
        }
        quiet = !others && nanoTime.getAsLong() - quietSince > QUIET_NANOS;
        othersAtWork = others || (othersAtWork && !quiet);
        lastEntry = entry + entries;
        long now = moved + values;
        moved = now;
        long forOthers = othersAtWork ? took * (isOfOne ? PAUSES_OF_ONE : PAUSES) : 0;
        long forRate =
                TimeUnit.SECONDS.toNanos(now - movedBefore) / Math.max(1, rate) - (nanoTime.getAsLong() - rateSince);
        pause.accept(Math.max(0, rate == 0 ? forOthers : forRate));
        last = nanoTime.getAsLong();
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
        return nanoTime.getAsLong() - last > TimeUnit.SECONDS.toNanos(Lease.RENEWED_SECONDS);
    }

    /** Values a second since it was taken up. */
    double valuesPerSecond() {
        return moved * 1e9 / Math.max(1, nanoTime.getAsLong() - began);
    }
}
