package org.patronvault.custody;

import java.util.Optional;
import org.patronvault.store.Store;
import org.patronvault.store.WriteTx;

/** Which entry sealed the vault last, on whichever node. Safe for use by many threads. */
final class LastSeal {
    private static final String FACT = "sealed";

    private final Store store;
    private volatile Optional<String> known = Optional.empty();

    LastSeal(Store store) {
        this.store = store;
    }

    /** Takes what is there as known, when the vault begins to be opened here. */
    void remember() {
        known = read();
    }

    /** Whether somebody sealed the vault since. */
    boolean isAnother() {
        return !read().equals(known);
    }

    /** Whether other nodes may seal it. */
    boolean isShared() {
        return !store.isOfOneProcess();
    }

    private Optional<String> read() {
        return store.read(tx -> tx.fact(FACT));
    }

    /** Says so, in the unit of that entry. */
    static void write(WriteTx tx, long entry) {
        tx.setFact(FACT, Long.toString(entry));
    }
}
