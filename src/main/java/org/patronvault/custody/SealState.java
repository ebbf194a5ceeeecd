package org.patronvault.custody;

import java.util.Optional;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.store.Store;

/**
 * Which entry sealed the vault last, on whichever node, whether it was opened since, and how often the keys were sealed
 * here. Safe for use by many threads.
 */
final class SealState {
    private static final String FACT = "sealed";
    private static final String OPENED = " opened";

    private final Store store;
    private final KeyCustody custody;

    SealState(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /**
     * What is known when a try to open begins: it opens the vault, which is served then, for as long as that is so.
     *
     * @param seals how often the keys had been sealed here
     * @param entry the last that had sealed the vault; empty if none ever had
     */
    record Snapshot(int seals, Optional<String> entry) {
        static final Snapshot NOTHING = new Snapshot(-1, Optional.empty());
    }

    /** What is so now: of who seals it meanwhile either both tell, or the entry is an older one. */
    Snapshot known() {
        Optional<String> entry = entry();
        return new Snapshot(custody.seals(), entry);
    }

    /** Whether the keys are those that were opened then. */
    boolean isOpenSince(Snapshot then) {
        return then.seals() == custody.seals() && !custody.isSealed();
    }

    /** Whether somebody has sealed the vault since. */
    boolean isAnother(Snapshot then) {
        return !entry().equals(then.entry());
    }

    /** Whether other nodes may seal it. */
    boolean isShared() {
        return !store.isOfOneProcess();
    }

    /** Whether it was opened nowhere since a person sealed it, whatever ended meanwhile. */
    boolean stands() {
        return fact().filter(fact -> !fact.endsWith(OPENED)).isPresent();
    }

    private Optional<String> entry() {
        return fact().map(SealState::entryOf);
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

    /**
     * The unit of that entry, with which it is opened.
     *
     * @param then when that was begun: it is refused if somebody has sealed the vault since
     */
    static Unit opening(AccessEvent entry, Snapshot then) {
        return Unit.writing(entry, tx -> {
            Optional<String> last = tx.fact(FACT).map(SealState::entryOf);
            if (!last.equals(then.entry())) {
                throw SealControl.busy();
            }
            last.ifPresent(sealing -> tx.setFact(FACT, sealing + OPENED));
            return entry;
        });
    }
}
