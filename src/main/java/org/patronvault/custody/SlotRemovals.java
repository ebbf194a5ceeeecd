package org.patronvault.custody;

import java.util.List;
import org.patronvault.access.Authority;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.SlotFacts;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Slots that two custodians agreed to remove: the row that says so is written with the entry in the log, then the slot
 * goes from {@code slots.json}, then the row. Whatever interrupts it, it is finished at the next opening or within a
 * minute, so that the log never tells of a slot that is gone and goes on opening. Safe for use by many threads.
 */
final class SlotRemovals {
    private static final String ROWS = "slot-removal";

    /** A slot that is to go. */
    private record Due(int id, String openedBy) {
        private boolean is(SlotFacts slot) {
            return slot.id() == id && words(slot).equals(openedBy);
        }
    }

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Authority authority;

    SlotRemovals(Store store, KeyCustody custody, AuditLog log, Authority authority) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.authority = authority;
    }

    /** What opens a slot and since when, so that nobody agrees to another one. */
    static String words(SlotFacts slot) {
        return slot.openedBy() + ", since " + slot.created();
    }

    /** Refused if nothing would be left, those that are to go already not counted. */
    void requireOthers(Tx tx, int id) {
        List<Due> going = due(tx).stream().map(Authority.Held::body).toList();
        boolean others = custody.slots().stream()
                .anyMatch(slot -> slot.id() != id && going.stream().noneMatch(due -> due.is(slot)));
        if (!others) {
            throw SlotFacts.lastOne();
        }
    }

    /** In the unit that logs it. */
    void begin(WriteTx tx, String name, int id, String openedBy) {
        authority.insert(
                tx,
                ROWS,
                name,
                new Due(id, openedBy),
                new Refused(Problem.OPERATION_RUNNING, "That slot is being removed already."));
    }

    /**
     * Removes what is to go.
     *
     * @throws Refused if it cannot be written now: it is tried again
     */
    synchronized void finish() {
        for (Authority.Held<Due> one : store.read(this::due)) {
            Due due = one.body();
            if (custody.slots().stream().anyMatch(due::is)) {
                remove(due.id());
            } else {
                // Somebody was interrupted after it, perhaps before it was on disk.
                custody.syncSlots();
            }
            end(one.name());
        }
    }

    private void end(String name) {
        AccessEvent event = log.event(Actor.VAULT, Act.SLOT, Outcome.KEY, AuditLog.newRequest())
                .about(name);
        try {
            log.appendAndWait(Unit.writing(event, tx -> {
                authority.remove(
                        tx,
                        authority
                                .find(tx, ROWS, name, Due.class)
                                .orElseThrow(
                                        () -> new Refused(Problem.CHANGED_MEANWHILE, "Another node has done it.")));
                return event;
            }));
        } catch (Refused e) {
            if (e.problem() != Problem.CHANGED_MEANWHILE) {
                throw e;
            }
        }
    }

    private void remove(int id) {
        try {
            custody.removeSlot(id);
        } catch (Refused e) {
            if (e.problem() == Problem.NOT_FOUND) {
                // Another node was faster; perhaps it is not on disk yet.
                custody.syncSlots();
                return;
            }
            if (e.problem() != Problem.STORE_FULL) {
                throw e;
            }
            throw new Refused(
                    Problem.STORE_FULL,
                    "It is agreed and in the log, but keys/ cannot be written, so the slot opens the vault until it can:"
                            + " make room on its disk. It is tried again each minute.",
                    60);
        }
    }

    private List<Authority.Held<Due>> due(Tx tx) {
        return authority.all(tx, ROWS, Due.class);
    }
}
