package org.patronvault.custody.slot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.dual.Signatories;
import org.patronvault.core.dual.TwoPersonAct;
import org.patronvault.core.keys.Drill;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The slots that open the vault: adding, removing, renewing the root, and drills. The caller has already proved the
 * {@code custody} permission. All but drills need two custodians. None of these acts touches a value.
 */
public final class Slots {
    private static final String ADD = "keys.slot-add";
    private static final String REMOVE = "keys.slot-remove";
    private static final String ROTATE_ROOT = "keys.rotate-root";
    private static final String SLOT = "slot";
    private static final String KIND = "opened by";
    private static final String DROPPED = "no longer opened by";
    private static final String ROOT = "root";

    private final KeyCustody custody;
    private final Approvals approvals;
    private final AuditLog log;
    private final SlotNumbers numbers;
    private final SlotRemovals removals;
    private final Drills drills;
    private final ShareReprint wornCards;

    /** Makes the slots of that custody; approved removals are in that store. */
    public Slots(Store store, KeyCustody custody, Access access, AuditLog log) {
        this.custody = custody;
        this.approvals = access.approvals();
        this.log = log;
        this.numbers = new SlotNumbers(store, custody, log, access.authority());
        this.removals = new SlotRemovals(store, custody, log, access.authority(), numbers);
        this.drills = new Drills(custody, log, System::nanoTime);
        this.wornCards = new ShareReprint(custody, log);
        approvals.registerLeave(
                ADD,
                ActKind.SLOT,
                SecondPerson.CUSTODY,
                ask -> "Add a slot, opened by " + String.join(" or ", ask.all(KIND)) + ".");
        approvals.register(REMOVE, new RemoveSlot());
        approvals.registerLeave(ROTATE_ROOT, ActKind.ROTATE, SecondPerson.CUSTODY, Slots::sentenceOfRoot);
    }

    /** Returns a maker of slots for the root in use. */
    public SlotMaker more() {
        numbers.requireNew();
        return custody.moreSlots();
    }

    /** Asks for permission to add a slot, opened by the means in those words; no slot is made before. */
    public ApprovalGrant mayAdd(Approvals.Requester asking, List<String> openedBy) {
        return approvals.leave(asking, new ApprovalTerms(ADD, SLOT, Map.of(KIND, openedBy)));
    }

    /** Adds the one slot that was made. */
    public void add(Actor by, Optional<Approver> second, SlotMaker made) {
        AccessEvent event = log.event(by, ActKind.SLOT, Outcome.KEY, AuditLog.newRequest())
                .about(name(made.facts().get(0).id()))
                .with(second);
        // An impossible act is refused before it is logged; the file is written once the entry is on disk.
        Runnable change = log.logging(
                event.ending(Outcome.REFUSED),
                () -> custody.addingSlot(made.json().get(0)));
        log.record(event);
        // If another change or a full disk prevents it, a second entry revokes the first.
        try {
            change.run();
        } catch (Refused e) {
            throw log.refuse(event.ending(Outcome.REFUSED), e);
        }
        numbers.isThere(newest(made));
    }

    private static int newest(SlotMaker made) {
        List<SlotFacts> slots = made.facts();
        return slots.get(slots.size() - 1).id();
    }

    /** Removes a slot; refuses to remove the last. */
    public Approvals.Answer remove(Approvals.Requester asking, int id) {
        AccessEvent attempt = log.event(asking.by(), ActKind.SLOT, Outcome.REFUSED, AuditLog.newRequest())
                .about(name(id))
                .with(asking.seconds());
        String openedBy = log.logging(attempt, () -> described(id));
        return approvals.ask(asking, new ApprovalTerms(REMOVE, name(id), Map.of(KIND, List.of(openedBy))));
    }

    /** Finishes approved acts that were interrupted. */
    public void resume() {
        removals.finish();
    }

    private String described(int id) {
        return custody.slots().stream()
                .filter(slot -> slot.id() == id)
                .map(SlotRemovals::words)
                .findFirst()
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such slot."));
    }

    static String name(int id) {
        return SLOT + "-" + id;
    }

    private static int number(String name) {
        return Integer.parseInt(name.substring(SLOT.length() + 1));
    }

    /**
     * Asks for permission to renew the root.
     *
     * @param openedBy the means that open it afterwards, in words
     * @param again the kinds of the new slots
     * @param dropOthers whether slots of other kinds may stop opening; refused with {@code invalid} if not, and such
     *     slots exist
     */
    public ApprovalGrant mayRotateRoot(
            Approvals.Requester asking, List<String> openedBy, Set<String> again, boolean dropOthers) {
        List<String> dropped = custody.slots().stream()
                .filter(slot -> !again.contains(slot.kind()))
                .map(slot -> name(slot.id()) + " (" + slot.openedBy() + ")")
                .toList();
        if (!dropped.isEmpty() && !dropOthers) {
            throw new Refused(
                    Problem.INVALID,
                    "Nothing would open under the new root by " + String.join(", ", dropped)
                            + ": name what shall open it of that kind too, or say --drop-others.");
        }
        Map<String, List<String>> terms = new HashMap<>(Map.of(KIND, openedBy));
        if (!dropped.isEmpty()) {
            terms.put(DROPPED, dropped);
        }
        return approvals.leave(asking, new ApprovalTerms(ROTATE_ROOT, ROOT, terms));
    }

    private static String sentenceOfRoot(ApprovalTerms ask) {
        List<String> dropped = ask.all(DROPPED);
        return "Renew the root key, to be opened by " + String.join(" or ", ask.all(KIND)) + "."
                + (dropped.isEmpty() ? "" : " Nothing opens any more by " + String.join(", ", dropped) + ".");
    }

    /** Returns a new root, and a maker of slots for it. */
    public SlotMaker newRoot() {
        numbers.requireNew();
        return custody.newRoot();
    }

    /** Replaces the root; the old root's slots open nothing from then on. */
    public void rotateRoot(Actor by, Optional<Approver> second, SlotMaker made) {
        rotateRoot(by, second, made, (tx, renewed) -> List.of(renewed.get()));
    }

    /**
     * Does so in an act with more.
     *
     * @param act given what renews the root and returns the entry of that; returns the entries of the act
     */
    public void rotateRoot(
            Actor by,
            Optional<Approver> second,
            SlotMaker made,
            BiFunction<WriteTx, Supplier<AccessEvent>, List<AccessEvent>> act) {
        AccessEvent event = log.event(by, ActKind.ROTATE, Outcome.KEY, AuditLog.newRequest())
                .about(ROOT)
                .with(second);
        // Inside the act that logs it, like every change of the ring: a reader of the log then never knows an older
        // ring.
        try {
            log.logging(
                    event.ending(Outcome.REFUSED),
                    // Without a time limit: a slow log may still carry out the act.
                    () -> log.callBulk(
                            event,
                            now -> Decision.done(act.apply(now.tx(), () -> {
                                numbers.given(now.tx(), newest(made));
                                custody.rotateRoot(made);
                                return event.marking(custody.mark());
                            }))));
        } catch (RuntimeException e) {
            if (custody.slotList().isUnder(made)) {
                throw new Refused(
                        Problem.LOG_UNAVAILABLE,
                        "The root was renewed and the new slots open it, but whether the log has it is not known. Keep both"
                                + " sets, and try them with `keys drill`.",
                        60);
            }
            throw e;
        }
    }

    /** Returns a drill that tests what opens the vault without unsealing anything. */
    public Drill drill() {
        return custody.drill();
    }

    /** Returns the drills of custodians who come one after the other. */
    public Drills drills() {
        return drills;
    }

    /** Returns the reprinting of worn cards. */
    public ShareReprint wornCards() {
        return wornCards;
    }

    /** Runs a test of a drill. A failure is logged, with the slot if it is known, and thrown. */
    public Drill.Proof tried(Actor by, OptionalInt slot, Supplier<Drill.Proof> proof) {
        try {
            return proof.get();
        } catch (Refused e) {
            AccessEvent attempt = log.event(by, ActKind.DRILL, Outcome.REFUSED, AuditLog.newRequest());
            throw log.refuse(slot.isPresent() ? attempt.about(name(slot.getAsInt())) : attempt, e);
        }
    }

    /** Logs the result of a drill for a slot: enough to open it, or too little. */
    public void proved(Actor by, int slot, long proofs, boolean opened) {
        Outcome outcome = opened ? Outcome.KEY : Outcome.FAILED;
        log.record(log.event(by, ActKind.DRILL, outcome, AuditLog.newRequest())
                .about(name(slot))
                .counting(proofs));
    }

    private final class RemoveSlot implements TwoPersonAct {
        @Override
        public ActKind act() {
            return ActKind.SLOT;
        }

        @Override
        public Outcome outcome() {
            return Outcome.KEY;
        }

        @Override
        public SecondPerson second() {
            return SecondPerson.CUSTODY;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return "Remove " + ask.about() + " (" + ask.one(KIND)
                    + "), so that what opened it opens nothing here any more.";
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            if (!described(number(ask.about())).equals(ask.one(KIND))) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "That number is another slot's now; ask anew.");
            }
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    removals.requireOthers(tx, number(ask.about()));
                    return true;
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    removals.begin(tx, ask.about(), number(ask.about()), ask.one(KIND));
                }

                @Override
                public void done() {
                    removals.finish();
                }
            };
        }
    }
}
