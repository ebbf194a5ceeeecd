package org.patronvault.custody.slot;

import java.util.Optional;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The numbers of slots, each of which is given once. The highest is in a row. So an older {@code slots.json} is
 * reported and gives no number twice. Thread-safe.
 */
final class SlotNumbers {
    private static final String NUMBERS = "slot-number";
    private static final String GIVEN = "given";

    /** The highest number that a slot was given. */
    private record HighestNumber(int id) {}

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Authority authority;
    private boolean isOlderToldOf;
    private int toNote;

    SlotNumbers(Store store, KeyCustody custody, AuditLog log, Authority authority) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.authority = authority;
    }

    /** Records, now or within a minute, that a slot is in the file, so that its number is not given again. */
    synchronized void isThere(int id) {
        toNote = Math.max(toNote, id);
        new GuardedRunnable(this::noteRest).run();
    }

    private void noteRest() {
        if (toNote > 0) {
            note(toNote);
            toNote = 0;
        }
    }

    private void note(int id) {
        AccessEvent event = log.event(Actor.VAULT, ActKind.SLOT, Outcome.KEY, AuditLog.newRequest())
                .about(Slots.name(id));
        log.call(event, now -> {
            given(now.tx(), id);
            return Decision.done(event);
        });
    }

    /** Records that slots up to that number exist, or are made by this act, in the act that logs it. */
    void given(WriteTx tx, int id) {
        try {
            Optional<Authority.Versioned<HighestNumber>> held = find(tx);
            if (held.isEmpty() || held.get().body().id() < id) {
                authority.put(tx, NUMBERS, GIVEN, held, new HighestNumber(id));
            }
        } catch (IntegrityException e) {
            // The reader that found it has reported it. An edited row must not keep custodians from slots or a new
            // root.
        }
    }

    private int given(Tx tx) {
        try {
            return find(tx).map(held -> held.body().id()).orElse(0);
        } catch (IntegrityException e) {
            return 0;
        }
    }

    private Optional<Authority.Versioned<HighestNumber>> find(Tx tx) {
        return authority.find(tx, NUMBERS, GIVEN, HighestNumber.class);
    }

    /**
     * Makes sure that no number is given twice; reports an older list.
     *
     * @throws Refused if it cannot be written now
     */
    synchronized void requireNew() {
        noteRest();
        int given = store.<Integer>read(this::given);
        if (custody.slotList().next() > given) {
            isOlderToldOf = false;
            return;
        }
        if (!isOlderToldOf) {
            alert(given);
        }
        isOlderToldOf = true;
        custody.slotList().numberAbove(given);
        isOlderToldOf = false;
    }

    /** Raises the alert about a slot that an older list has, or lacks. */
    void alert(int id) {
        AccessEvent event = log.event(Actor.VAULT, ActKind.SLOT, Outcome.FAILED, AuditLog.newRequest())
                .about(Slots.name(id));
        log.record(event, Alert.SLOTS_PUT_BACK);
    }
}
