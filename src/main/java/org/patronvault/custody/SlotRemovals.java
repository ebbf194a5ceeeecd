package org.patronvault.custody;

import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.patronvault.access.Authority;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.SlotFacts;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Slots that two custodians agreed to remove: the row that says so is written with the entry in the log, then the slot
 * goes from {@code slots.json}, then the row says that it is done. Whatever interrupts it, it is finished at the next
 * opening or within a minute, so that the log never tells of a slot that is gone and goes on opening. The row stays: a
 * slot of its number that stands in the file again was put back, is told of, and goes once more. Safe for use by many
 * threads.
 */
final class SlotRemovals {
    private static final String ROWS = "slot-removal";

    /**
     * A slot that is to go, or went.
     *
     * @param done whether it went
     */
    private record Removal(int id, String openedBy, boolean done) {
        /** Of one that went by its number alone, which is given once: what else the file says nothing vouches for. */
        private boolean is(SlotFacts slot) {
            return slot.id() == id && (done || words(slot).equals(openedBy));
        }

        private Removal asDone() {
            return new Removal(id, openedBy, true);
        }
    }

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Authority authority;
    private final Set<Integer> told = new HashSet<>();

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
        List<Removal> going = rows(tx).stream().map(Authority.Held::body).toList();
        boolean others = custody.slots().stream()
                .anyMatch(slot -> slot.id() != id && going.stream().noneMatch(one -> one.is(slot)));
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
                new Removal(id, openedBy, false),
                new Refused(Problem.OPERATION_RUNNING, "That slot is being removed already."));
    }

    /**
     * Removes what is to go, and what went and is back.
     *
     * @throws Refused if it cannot be written now: it is tried again
     */
    synchronized void finish() {
        List<Authority.Held<Removal>> rows = store.read(this::rows);
        rows.stream().filter(row -> !row.body().done()).forEach(this::remove);
        requireGone(rows.stream().map(row -> row.body().id()).collect(Collectors.toCollection(TreeSet::new)));
    }

    private void remove(Authority.Held<Removal> row) {
        if (custody.slots().stream().anyMatch(row.body()::is)) {
            remove(row.body().id());
        } else {
            // Somebody was interrupted after it, perhaps before it was on disk.
            custody.slotList().sync();
        }
        end(row.name());
    }

    /** While nothing else would open the vault they stay: whoever is told has to add what shall. */
    private void requireGone(NavigableSet<Integer> gone) {
        if (gone.isEmpty()) {
            return;
        }
        List<Integer> there = custody.slots().stream().map(SlotFacts::id).toList();
        List<Integer> back = there.stream().filter(gone::contains).toList();
        back.forEach(this::tell);
        boolean isForgotten = custody.slotList().next() <= gone.last();
        if (isForgotten && back.isEmpty()) {
            tell(gone.last());
        }
        if (isForgotten) {
            custody.slotList().numberAbove(gone.last());
            told.remove(gone.last());
        }
        if (back.size() < there.size()) {
            back.forEach(this::remove);
            told.removeAll(back);
        }
    }

    /** Once for each time that it is put back, and once while it stays. */
    private void tell(int id) {
        if (!told.contains(id)) {
            AccessEvent event = log.event(Actor.VAULT, Act.SLOT, Outcome.FAILED, AuditLog.newRequest())
                    .about(Slots.name(id));
            log.appendAndWait(Unit.of(event).alerting(Set.of(Alert.SLOTS_PUT_BACK)));
            told.add(id);
        }
    }

    private void end(String name) {
        AccessEvent event = log.event(Actor.VAULT, Act.SLOT, Outcome.KEY, AuditLog.newRequest())
                .about(name);
        try {
            log.appendAndWait(Unit.writing(event, tx -> {
                Authority.Held<Removal> row = authority
                        .find(tx, ROWS, name, Removal.class)
                        .filter(one -> !one.body().done())
                        .orElseThrow(() -> new Refused(Problem.CHANGED_MEANWHILE, "Another node has done it."));
                authority.replace(tx, ROWS, row, row.body().asDone());
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
                custody.slotList().sync();
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

    private List<Authority.Held<Removal>> rows(Tx tx) {
        return authority.all(tx, ROWS, Removal.class);
    }
}
