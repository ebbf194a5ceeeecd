package org.patronvault.custody;

import java.util.concurrent.TimeUnit;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * How fast an operation goes: at the rate asked for, or as fast as the desk allows. Whether anybody is at a desk the log
 * says: entries of others between two batches, not longer than a quarter of a second ago. Then batches are small, so
 * that nobody waits long for the log behind one, and a pause after each leaves the machine to others.
 */
final class Pace {
    private static final int LARGE = 4_096;
    private static final int SMALL = 256;
    private static final int PAUSES = 3;
    /** Values of one field lie on as many pages as seven times as many of all fields. */
    private static final int SMALL_OF_ONE = 32;

    private static final int PAUSES_OF_ONE = 6;
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final String id;
    private final boolean isOfOne;
    private final long began = System.nanoTime();
    private volatile long last = began;
    private volatile long moved;
    private volatile int rate;
    private long rateSince = began;
    private long movedBefore;
    private long lastEntry = -1;
    private long quietSince = began;
    private boolean othersAtWork;

    Pace(Operation operation) {
        this.id = operation.id();
        this.rate = operation.rate();
        this.isOfOne = !operation.field().equals(Rotations.ALL);
    }

    String id() {
        return id;
    }

    /** Goes at another rate from the next batch on, if it is another. */
    void keepTo(int asked) {
        if (asked != rate) {
            rate = asked;
            rateSince = System.nanoTime();
            movedBefore = moved;
        }
    }

    /** How many values the next batch should hold: no more than a second's worth. */
    int size() {
        int most = isQuiet() ? LARGE : isOfOne ? SMALL_OF_ONE : SMALL;
        return rate == 0 ? most : Math.min(rate, most);
    }

    /**
     * After a batch: waits as long as it has to.
     *
     * @param entry the index of the first of its {@code entries} in the log
     */
    void after(int values, long entry, int entries) {
        long took = System.nanoTime() - last;
        if (lastEntry >= 0 && entry > lastEntry) {
            quietSince = System.nanoTime();
            othersAtWork = true;
        } else if (isQuiet()) {
            othersAtWork = false;
        }
        lastEntry = entry + entries;
        long now = moved + values;
        moved = now;
        long forOthers = othersAtWork ? took * (isOfOne ? PAUSES_OF_ONE : PAUSES) : 0;
        long forRate =
                TimeUnit.SECONDS.toNanos(now - movedBefore) / Math.max(1, rate) - (System.nanoTime() - rateSince);
        pause(rate == 0 ? forOthers : forRate);
        last = System.nanoTime();
    }

    /** Whether nobody wrote for so long that the next will hardly come right now; at first that is not known. */
    private boolean isQuiet() {
        return System.nanoTime() - quietSince > QUIET_NANOS;
    }

    private static void pause(long nanos) {
        if (nanos <= 0) {
            return;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.BUSY, "The vault is stopping.", 1);
        }
    }

    /** Whether nothing was written for so long that the lease must be renewed by itself. */
    boolean isSilent() {
        return System.nanoTime() - last > TimeUnit.SECONDS.toNanos(Lease.RENEWED_SECONDS);
    }

    /** Values a second since it was taken up. */
    double valuesPerSecond() {
        return moved * 1e9 / Math.max(1, System.nanoTime() - began);
    }
}
