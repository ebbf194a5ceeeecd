package org.patronvault.custody;

import java.util.Optional;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Unit;
import org.patronvault.store.Store;

/** Which entry sealed the vault last, on whichever node, and whether it was opened since. Safe for use by many threads. */
final class LastSeal {
    private static final String FACT = "sealed";
    private static final String OPENED = " opened";

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

    /** Whether it was opened nowhere since a person sealed it, whatever ended meanwhile. */
    boolean stands() {
        return fact().filter(fact -> !fact.endsWith(OPENED)).isPresent();
    }

    private Optional<String> read() {
        return fact().map(LastSeal::entryOf);
    }

    private Optional<String> fact() {
        return store.read(tx -> tx.fact(FACT));
    }

    private static String entryOf(String fact) {
        return fact.endsWith(OPENED) ? fact.substring(0, fact.length() - OPENED.length()) : fact;
    }

    /** The unit of that entry, with which a person seals it. */
    static Unit sealing(AccessEvent entry) {
        return Unit.writing(entry, (tx, index) -> {
            tx.setFact(FACT, Long.toString(index));
            return entry;
        });
    }

    /** The unit of that entry, with which it is opened, unless somebody sealed it since that was begun. */
    Unit opening(AccessEvent entry) {
        return Unit.writing(entry, tx -> {
            tx.fact(FACT)
                    .map(LastSeal::entryOf)
                    .filter(sealing -> known.filter(sealing::equals).isPresent())
                    .ifPresent(sealing -> tx.setFact(FACT, sealing + OPENED));
            return entry;
        });
    }
}
