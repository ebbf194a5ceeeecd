package org.patronvault.audit;

import java.util.function.Consumer;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;

/** Clears what was deleted out of the database's files, again and again until it is done, after a restart too. */
final class Purge {
    private final Store store;
    private final Consumer<StoreException> onFailure;
    private volatile boolean due = true;

    Purge(Store store, Consumer<StoreException> onFailure) {
        this.store = store;
        this.onFailure = onFailure;
    }

    /** Now if no reader is in the way for that long, else with a later {@link #turn}. */
    void begin(long patienceMillis) {
        due = true;
        try {
            if (store.purge(patienceMillis)) {
                due = false;
            }
        } catch (StoreException e) {
            onFailure.accept(e);
        }
    }

    /** Once more, if it is not done. */
    void turn() {
        if (due) {
            begin(0);
        }
    }
}
