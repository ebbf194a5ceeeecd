package org.patronvault.patron;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.patronvault.access.Access;
import org.patronvault.access.ApprovalGrant;
import org.patronvault.access.ApprovalTerms;
import org.patronvault.access.Approvals;
import org.patronvault.access.Caller;
import org.patronvault.access.SecondPerson;
import org.patronvault.audit.Act;
import org.patronvault.audit.Reservation;
import org.patronvault.model.PatronId;

/**
 * That one person, and all people together, erase so many patrons a day, whichever way. A second person agrees to each
 * further erasure: to that patron, and to what else is said of it.
 */
final class ErasureLimit {
    /** Of one field alone. */
    static final String FIELD = "field";

    /** Into whom the patron is merged. */
    static final String INTO = "into";

    private static final String KIND = "patron.erase";
    private static final String ABOUT = "patron";
    private static final String PATRON = "patron";

    private final PatronContext parts;

    ErasureLimit(PatronContext parts) {
        this.parts = parts;
    }

    /** Before anybody asks for what takes two, or agrees to it. */
    static void register(Access access) {
        access.approvals().registerLeave(KIND, Act.ERASE, SecondPerson.ERASURE, ErasureLimit::sentence);
    }

    private static String sentence(ApprovalTerms ask) {
        String field = ask.one(FIELD);
        String into = ask.one(INTO);
        return (into.isEmpty() ? "Erase " + (field.isEmpty() ? "" : field + " of ") : "Merge, and so erase, ")
                + "patron " + ask.one(PATRON) + (into.isEmpty() ? "" : " into " + into)
                + ", beyond what one person, or all together, erase in a day.";
    }

    /** Leave to erase that patron; none is needed within the day's number. */
    ApprovalGrant ask(Erasure.Requester by, PatronId id, Map<String, List<String>> more) {
        Caller caller = by.caller();
        boolean two = parts.store().read(tx -> parts.access().limits().needsSecondToErase(tx, caller));
        Map<String, List<String>> terms = new HashMap<>(more);
        terms.put(PATRON, List.of(id.toString()));
        return two
                ? parts.access()
                        .approvals()
                        .leave(
                                Approvals.Requester.of(
                                        caller.actor(), by.second().get()),
                                new ApprovalTerms(KIND, ABOUT, terms))
                : ApprovalGrant.NOT_NEEDED;
    }

    /** The place of the day's that it takes, in the unit that erases. */
    Reservation counted(Caller caller, ApprovalGrant leave) {
        return parts.access().limits().erasing(caller, leave.second().isPresent());
    }
}
