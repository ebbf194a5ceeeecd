package org.patronvault.custody.slot;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The removals of slots that two custodians approved. A row is written with the log entry. Then the slot is removed
 * from {@code slots.json}, and the row is marked done. An interrupted removal is finished at the next opening or within
 * a minute. So the log never records a removed slot that still opens.
 *
 * <p>The row stays. If a slot with its number is in the file again, or opened the vault, an older file was restored.
 * This is reported, and the slot is removed again ({@link SlotNumbers}: a number identifies a slot). Thread-safe.
 */
final class SlotRemovals {
    private static final String ROWS = "slot-removal";

    /**
     * A slot that is to be removed, or was.
     *
     * @param openedBy the means that opened it, for people; the number alone counts
     * @param done whether it was removed
     */
    private record Removal(int id, String openedBy, boolean done) {
        private Removal asDone() {
            return new Removal(id, openedBy, true);
        }
    }

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Authority authority;
    private final Set<Integer> told = new HashSet<>();
    private final SlotNumbers numbers;
    private int sealsLookedAt = -1;

    SlotRemovals(Store store, KeyCustody custody, AuditLog log, Authority authority, SlotNumbers numbers) {
        this.numbers = numbers;
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.authority = authority;
    }

    /** Returns the means that opens a slot, with its date, so that nobody approves the removal of another one. */
    static String words(SlotFacts slot) {
        return slot.openedBy() + ", since " + slot.created();
    }

    /** Refuses if no slot would remain, without those that are to be removed or were. */
    void requireOthers(Tx tx, int id) {
        Set<Integer> left = there();
        left.removeAll(ids(rows(tx)));
        left.remove(id);
        if (left.isEmpty()) {
            throw SlotFacts.lastOne();
        }
    }

    /** Adds the removal, in the act that logs it. */
    void begin(WriteTx tx, String name, int id, String openedBy) {
        authority.insert(
                tx,
                ROWS,
                name,
                new Removal(id, openedBy, false),
                new Refused(Problem.OPERATION_RUNNING, "That slot is being removed already."));
        numbers.given(tx, id);
    }

    /**
     * Removes the slots that are to be removed, and removed ones that are back. If no other slot would open the vault,
     * they stay until a custodian adds one.
     *
     * @throws Refused if it cannot be written now, or no other slot would open the vault: it is tried again
     */
    synchronized void finish() {
        List<Authority.Versioned<Removal>> rows = store.read(this::rows);
        Set<Integer> back = ids(rows.stream().filter(row -> row.body().done()).toList());
        Set<Integer> there = there();
        // Problems are reported before anything is removed.
        requireNotOpenedBy(back);
        back.retainAll(there);
        told.retainAll(back);
        back.forEach(this::tell);
        numbers.requireNew();
        boolean othersOpen = !ids(rows).containsAll(there);
        if (othersOpen) {
            back.forEach(this::remove);
            told.removeAll(back);
        }
        boolean stays = false;
        for (Authority.Versioned<Removal> row : rows) {
            if (!row.body().done()) {
                boolean mayGo = othersOpen || !there.contains(row.body().id());
                stays |= !mayGo;
                if (mayGo) {
                    remove(row);
                }
            }
        }
        if (stays) {
            throw SlotFacts.lastOne();
        }
    }

    /** Checks once for each opening: the list may have been an older one only at that time. */
    private void requireNotOpenedBy(Set<Integer> gone) {
        int seals = custody.seals();
        int opener = custody.opener();
        if (sealsLookedAt != seals && opener > 0) {
            if (gone.contains(opener)) {
                numbers.alert(opener);
                told.add(opener);
            }
            sealsLookedAt = seals;
        }
    }

    private Set<Integer> there() {
        return custody.slots().stream().map(SlotFacts::id).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Integer> ids(List<Authority.Versioned<Removal>> rows) {
        return rows.stream().map(row -> row.body().id()).collect(Collectors.toCollection(TreeSet::new));
    }

    private void remove(Authority.Versioned<Removal> row) {
        remove(row.body().id());
        end(row.name());
    }

    /** Reports a slot once for each time that it comes back. */
    private void tell(int id) {
        if (!told.contains(id)) {
            numbers.alert(id);
            told.add(id);
        }
    }

    private void end(String name) {
        AccessEvent event = log.event(Actor.VAULT, ActKind.SLOT, Outcome.KEY, AuditLog.newRequest())
                .about(name);
        try {
            log.call(event, now -> {
                Authority.Versioned<Removal> row = authority
                        .find(now.tx(), ROWS, name, Removal.class)
                        .filter(one -> !one.body().done())
                        .orElseThrow(() -> new Refused(Problem.CHANGED_MEANWHILE, "Another node has done it."));
                authority.replace(now.tx(), ROWS, row, row.body().asDone());
                return Decision.done(event);
            });
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
                // Another node was faster; its change may not be on disk yet.
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

    private List<Authority.Versioned<Removal>> rows(Tx tx) {
        return authority.all(tx, ROWS, Removal.class);
    }
}
