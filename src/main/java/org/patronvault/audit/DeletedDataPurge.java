package org.patronvault.audit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;

/**
 * Clears what was deleted out of the database's files, again and again until it is done, after a restart too; and once an
 * hour more, of what could not be read.
 */
final class DeletedDataPurge {
    private static final long AGAIN_NANOS = TimeUnit.HOURS.toNanos(1);

    private final LongPredicate purge;
    private final BooleanSupplier purgeRest;
    private final LongSupplier nanoTime;

    /** How often it was asked for, and up to which of these it is done. */
    private final AtomicLong asked = new AtomicLong(1);

    private final AtomicLong done = new AtomicLong();
    private volatile boolean restDone;
    private long lastHour;

    DeletedDataPurge(Store store) {
        this(store::purge, store::purgeRest, System::nanoTime);
    }

    DeletedDataPurge(LongPredicate purge, BooleanSupplier purgeRest, LongSupplier nanoTime) {
        this.purge = purge;
        this.purgeRest = purgeRest;
        this.nanoTime = nanoTime;
        this.lastHour = nanoTime.getAsLong();
    }

    /** Now if no reader is in the way for that long, else with a later {@link #turn}. */
    void begin(long patienceMillis) {
        asked.incrementAndGet();
        purge(patienceMillis);
    }

    private void purge(long patienceMillis) {
        // What is asked for meanwhile, by somebody whose change this one may not have seen, is asked for still.
        long until = asked.get();
        try {
            if (purge.test(patienceMillis)) {
                done.accumulateAndGet(until, Math::max);
            }
        } catch (StoreException e) {
            // Of one that matters the store tells; the next turn tries again.
        }
    }

    /** Once more, if it is not done; and some of what earlier processes left. */
    void turn() {
        long now = nanoTime.getAsLong();
        if (now - lastHour >= AGAIN_NANOS) {
            lastHour = now;
            asked.incrementAndGet();
        }
        if (done.get() < asked.get()) {
            purge(0);
        }
        try {
            restDone = restDone || purgeRest.getAsBoolean();
        } catch (StoreException e) {
            // Of one that matters the store tells; the next turn tries again.
        }
    }
}
