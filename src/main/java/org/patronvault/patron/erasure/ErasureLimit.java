package org.patronvault.patron.erasure;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.patronvault.access.Access;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.record.PatronContext;

/**
 * The daily limit on erased patrons, for one person and for all together, over all ways to erase. A second person
 * approves each further erasure, of that patron and with the other stated terms.
 */
public final class ErasureLimit {
    /** The term for one field alone. */
    static final String FIELD = "field";

    /** The term for the patron that the erased one is merged into. */
    static final String INTO = "into";

    private static final String KIND = "patron.erase";
    private static final String ABOUT = "patron";
    private static final String PATRON = "patron";

    private final PatronContext parts;

    ErasureLimit(PatronContext parts) {
        this.parts = parts;
    }

    /** Registers the act; must run before any request or approval of it. */
    public static void register(Access access) {
        access.approvals().registerLeave(KIND, ActKind.ERASE, SecondPerson.ERASURE, ErasureLimit::sentence);
    }

    private static String sentence(ApprovalTerms ask) {
        String field = ask.one(FIELD);
        String into = ask.one(INTO);
        return (into.isEmpty() ? "Erase " + (field.isEmpty() ? "" : field + " of ") : "Merge, and so erase, ")
                + "patron " + ask.one(PATRON) + (into.isEmpty() ? "" : " into " + into)
                + ", beyond what one person, or all together, erase in a day.";
    }

    /** Asks for approval to erase that patron; none is needed within the day's limit. */
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

    /** Reserves a place in the day's limit, in the act that erases. */
    Reservation counted(Caller caller, ApprovalGrant leave) {
        return parts.access().limits().erasing(caller, leave.second().isPresent());
    }
}
