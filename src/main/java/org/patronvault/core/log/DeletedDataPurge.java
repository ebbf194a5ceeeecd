package org.patronvault.core.log;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;

/**
 * A background task that clears deleted data from the database's files. It repeats until it succeeds, also after a
 * restart. Once an hour it also clears data that could not be read.
 */
final class DeletedDataPurge {
    private static final long AGAIN_NANOS = TimeUnit.HOURS.toNanos(1);

    private final LongPredicate purge;
    private final BooleanSupplier purgeRest;
    private final LongSupplier nanoTime;

    /** The number of requests, and the last request that is done. */
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

    /** Clears now if no reader holds the database for that long, otherwise at a later {@link #turn}. */
    void begin(long patienceMillis) {
        asked.incrementAndGet();
        purge(patienceMillis);
    }

    private void purge(long patienceMillis) {
        // Another request may come from a change that this clearing did not see. That request stays open.
        long until = asked.get();
        try {
            if (purge.test(patienceMillis)) {
                done.accumulateAndGet(until, Math::max);
            }
        } catch (StoreException e) {
            // The store reports a failure that matters. The next turn tries again.
        }
    }

    /** Clears again, if a request is open, and some of what earlier processes left. */
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
            // The store reports a failure that matters. The next turn tries again.
        }
    }
}
