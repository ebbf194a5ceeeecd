package org.patronvault.audit;

import java.util.concurrent.atomic.AtomicLong;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;

/** Clears what was deleted out of the database's files, again and again until it is done, after a restart too. */
final class Purge {
    private final Store store;

    /** How often it was asked for, and up to which of these it is done. */
    private final AtomicLong asked = new AtomicLong(1);

    private final AtomicLong done = new AtomicLong();
    private volatile boolean restDone;

    Purge(Store store) {
        this.store = store;
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
            if (store.purge(patienceMillis)) {
                done.accumulateAndGet(until, Math::max);
            }
        } catch (StoreException e) {
            // Of one that matters the store tells; the next turn tries again.
        }
    }

    /** Once more, if it is not done; and some of what earlier processes left. */
    void turn() {
        if (done.get() < asked.get()) {
            purge(0);
        }
        try {
            restDone = restDone || store.purgeRest();
        } catch (StoreException e) {
            // Of one that matters the store tells; the next turn tries again.
        }
    }
}
