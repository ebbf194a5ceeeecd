package org.patronvault.custody;

import java.util.Optional;
import java.util.Set;
import org.patronvault.access.Authority;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * The numbers of slots, each of which is given once: the highest is in a row, so that an older {@code slots.json} is told
 * of and gives none anew. Safe for use by many threads.
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

    /** Has it noted, at once or within a minute, that a slot stands in the file: its number is not given again then. */
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
        AccessEvent event = log.event(Actor.VAULT, Act.SLOT, Outcome.KEY, AuditLog.newRequest())
                .about(Slots.name(id));
        log.appendAndWait(Unit.writing(event, tx -> {
            given(tx, id);
            return event;
        }));
    }

    /** Notes that slots up to that number stand in the file, or come with what is done here, in a unit that logs it. */
    void given(WriteTx tx, int id) {
        try {
            Optional<Authority.Versioned<HighestNumber>> held = find(tx);
            if (held.isEmpty() || held.get().body().id() < id) {
                authority.put(tx, NUMBERS, GIVEN, held, new HighestNumber(id));
            }
        } catch (IntegrityException e) {
            // Told of by who found it; whoever edits the row must not keep custodians from slots or a new root by that.
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
     * Has no number given twice, and an older list told of.
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

    /** Tells of a slot that an older list has, or has not. */
    void alert(int id) {
        AccessEvent event = log.event(Actor.VAULT, Act.SLOT, Outcome.FAILED, AuditLog.newRequest())
                .about(Slots.name(id));
        log.appendAndWait(Unit.of(event).alerting(Set.of(Alert.SLOTS_PUT_BACK)));
    }
}
