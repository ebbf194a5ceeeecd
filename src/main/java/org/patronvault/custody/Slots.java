package org.patronvault.custody;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.ApprovalGrant;
import org.patronvault.access.ApprovalTerms;
import org.patronvault.access.Approvals;
import org.patronvault.access.SecondPerson;
import org.patronvault.access.Signatories;
import org.patronvault.access.TwoPersonAct;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Approver;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.Drill;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.SlotFacts;
import org.patronvault.keys.SlotMaker;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * What opens the vault: slots added and removed, the root renewed, drills. Whoever calls has proved the {@code custody}
 * permission; two custodians are needed for all but the drill. No value is touched by any of it.
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

    /** Slots of that custody; what was agreed to be removed is in that store. */
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
                Act.SLOT,
                SecondPerson.CUSTODY,
                ask -> "Add a slot, opened by " + String.join(" or ", ask.all(KIND)) + ".");
        approvals.register(REMOVE, new RemoveSlot());
        approvals.registerLeave(ROTATE_ROOT, Act.ROTATE, SecondPerson.CUSTODY, Slots::sentenceOfRoot);
    }

    /** Slots to be made for the root in use. */
    public SlotMaker more() {
        numbers.requireNew();
        return custody.moreSlots();
    }

    /** Leave to add a slot, opened by what the words say; nothing is made before it is given. */
    public ApprovalGrant mayAdd(Approvals.Requester asking, List<String> openedBy) {
        return approvals.leave(asking, new ApprovalTerms(ADD, SLOT, Map.of(KIND, openedBy)));
    }

    /** Adds the one slot that was made. */
    public void add(Actor by, Optional<Approver> second, SlotMaker made) {
        AccessEvent event = log.event(by, Act.SLOT, Outcome.KEY, AuditLog.newRequest())
                .about(name(made.facts().get(0).id()))
                .with(second);
        // What cannot be done is refused before it is logged; the file is written once the entry is on disk.
        Runnable change = log.logging(
                event.ending(Outcome.REFUSED),
                () -> custody.addingSlot(made.json().get(0)));
        log.appendAndWait(Unit.of(event));
        // What another did in between, or a full disk, makes an entry that takes the one before back.
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

    /** Removes a slot; refused if it is the last. */
    public Approvals.Answer remove(Approvals.Requester asking, int id) {
        AccessEvent attempt = log.event(asking.by(), Act.SLOT, Outcome.REFUSED, AuditLog.newRequest())
                .about(name(id))
                .with(asking.seconds());
        String openedBy = log.logging(attempt, () -> described(id));
        return approvals.ask(asking, new ApprovalTerms(REMOVE, name(id), Map.of(KIND, List.of(openedBy))));
    }

    /** Finishes what was agreed to and interrupted. */
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
     * Leave to renew the root.
     *
     * @param openedBy what shall open it, in words
     * @param again the kinds of slots there shall be
     * @param dropOthers whether slots of other kinds may stop opening; refused with {@code invalid} if not, and there
     *     are such
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

    /** A new root, and slots to be made for it. */
    public SlotMaker newRoot() {
        numbers.requireNew();
        return custody.newRoot();
    }

    /** Puts the new root in place of the old one, whose slots open nothing from then on. */
    public void rotateRoot(Actor by, Optional<Approver> second, SlotMaker made) {
        AccessEvent event = log.event(by, Act.ROTATE, Outcome.KEY, AuditLog.newRequest())
                .about(ROOT)
                .with(second);
        // Like every change of the ring inside the unit that logs it: whoever reads the log knows of no older one.
        try {
            log.logging(
                    event.ending(Outcome.REFUSED),
                    // However slow the log is: it is not given up while it may still be carried out.
                    () -> AuditLog.await(log.appendBulk(Unit.writing(event, tx -> {
                        numbers.given(tx, newest(made));
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

    /** Proves what opens the vault without unsealing anything. */
    public Drill drill() {
        return custody.drill();
    }

    /** Drills to which people come one after the other. */
    public Drills drills() {
        return drills;
    }

    /** Cards that are printed again. */
    public ShareReprint wornCards() {
        return wornCards;
    }

    /** Tries a proof of a drill; one that fails is logged, as of that slot if it is known, and thrown. */
    public Drill.Proof tried(Actor by, OptionalInt slot, Supplier<Drill.Proof> proof) {
        try {
            return proof.get();
        } catch (Refused e) {
            AccessEvent attempt = log.event(by, Act.DRILL, Outcome.REFUSED, AuditLog.newRequest());
            throw log.refuse(slot.isPresent() ? attempt.about(name(slot.getAsInt())) : attempt, e);
        }
    }

    /** Logs how much a drill proved of a slot: enough to open it, or too little. */
    public void proved(Actor by, int slot, long proofs, boolean opened) {
        Outcome outcome = opened ? Outcome.KEY : Outcome.FAILED;
        log.appendAndWait(Unit.of(log.event(by, Act.DRILL, outcome, AuditLog.newRequest())
                .about(name(slot))
                .counting(proofs)));
    }

    private final class RemoveSlot implements TwoPersonAct {
        @Override
        public Act act() {
            return Act.SLOT;
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
