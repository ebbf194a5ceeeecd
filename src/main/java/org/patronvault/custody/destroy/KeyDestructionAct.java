package org.patronvault.custody.destroy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.dual.Signatories;
import org.patronvault.core.dual.TwoPersonAct;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** The act that two custodians approve: the destruction of a key version after the waiting time. */
final class KeyDestructionAct implements TwoPersonAct {
    static final String KIND = "keys.destroy";

    private static final String GONE = "copies gone";
    private static final String DAYS = "days";
    private static final String BACKUPS = "backups";
    private static final String OWNERS = "owners";

    private final KeyDestruction destruction;
    private final DestroyPreconditions may;

    KeyDestructionAct(KeyDestruction destruction, DestroyPreconditions may) {
        this.destruction = destruction;
        this.may = may;
    }

    static ApprovalTerms ask(
            KeyVersionToDestroy doomed, List<String> gone, List<String> backups, List<String> owners, int days) {
        Map<String, List<String>> terms = new TreeMap<>();
        terms.put(GONE, gone.stream().sorted().toList());
        terms.put(DAYS, List.of(Integer.toString(days)));
        if (!backups.isEmpty()) {
            terms.put(BACKUPS, backups);
        }
        if (!owners.isEmpty()) {
            terms.put(OWNERS, owners);
        }
        return new ApprovalTerms(KIND, doomed.name(), terms);
    }

    private static String ending(List<String> backups) {
        return backups.isEmpty()
                ? ""
                : " These backups then open nowhere any more: " + String.join(", ", backups) + ".";
    }

    private static String endingOwners(List<String> owners) {
        return owners.isEmpty()
                ? ""
                : " These then need a new password, client key or sign-on: " + String.join(", ", owners) + ".";
    }

    /** Returns what the two attest about exported copies, in a sentence for the second person. */
    static String attested(List<String> gone) {
        return gone.isEmpty()
                ? ""
                : " Both of you say that these copies of the keys are gone: " + String.join(", ", gone) + ".";
    }

    @Override
    public ActKind act() {
        return ActKind.DESTROY;
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
        KeyVersionToDestroy doomed = KeyVersionToDestroy.ofName(ask.about());
        return "Destroy version " + doomed.version() + " of " + doomed.field() + " for ever, in " + ask.one(DAYS)
                + " days." + ending(ask.all(BACKUPS)) + endingOwners(ask.all(OWNERS)) + attested(ask.all(GONE));
    }

    @Override
    public PreparedAct prepare(ApprovalTerms ask) {
        KeyVersionToDestroy doomed = KeyVersionToDestroy.ofName(ask.about());
        may.require(doomed, ask.all(GONE));
        Duration wait = Duration.ofDays(Integer.parseInt(ask.one(DAYS)));
        return new PreparedAct() {
            @Override
            public boolean needsSecond(Tx tx) {
                may.require(tx, doomed, ask.all(GONE));
                return true;
            }

            @Override
            public void carryOut(WriteTx tx, Signatories by) {
                destruction.schedule(tx, doomed, ask.all(GONE), wait);
            }

            @Override
            public void done() {
                destruction.turn();
            }
        };
    }
}
