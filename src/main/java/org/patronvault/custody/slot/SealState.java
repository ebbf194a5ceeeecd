package org.patronvault.custody.slot;

import java.util.Optional;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Deciding;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.store.Store;

/**
 * The state of sealing across nodes: the last entry that sealed the vault, and whether it was opened since. It also
 * counts how often the keys were sealed here. Thread-safe.
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
     * The state when a try to open begins. The try may open the vault, which then serves, as long as this state holds.
     *
     * @param seals how often the keys had been sealed here
     * @param entry the last that had sealed the vault; empty if none ever had
     */
    record Snapshot(int seals, Optional<String> entry) {
        static final Snapshot NOTHING = new Snapshot(-1, Optional.empty());
    }

    /** Returns the state now. A sealing meanwhile changes both values, or the entry is older. */
    Snapshot known() {
        Optional<String> entry = entry();
        return new Snapshot(custody.seals(), entry);
    }

    /** Whether the keys are those that were opened then. */
    boolean isOpenSince(Snapshot then) {
        return then.seals() == custody.seals() && !custody.isSealed();
    }

    /** Whether the vault was sealed again since. */
    boolean isAnother(Snapshot then) {
        return !entry().equals(then.entry());
    }

    /** Whether other nodes may seal it. */
    boolean isShared() {
        return !store.isOfOneProcess();
    }

    /** Whether no node opened it since a person sealed it, even after restarts. */
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

    /** Decides that entry, by which a person seals it. */
    static Decision<AuditReceipt> sealing(Deciding now, AccessEvent entry) {
        now.tx().setFact(FACT, Long.toString(now.entry()));
        return Decision.done(entry);
    }

    /**
     * Decides that entry, by which it is opened.
     *
     * @param then the state when the try began; refused if the vault was sealed since
     */
    static Decision<AuditReceipt> opening(Deciding now, AccessEvent entry, Snapshot then) {
        Optional<String> last = now.tx().fact(FACT).map(SealState::entryOf);
        if (!last.equals(then.entry())) {
            throw SealControl.busy();
        }
        last.ifPresent(sealing -> now.tx().setFact(FACT, sealing + OPENED));
        return Decision.done(entry);
    }
}
