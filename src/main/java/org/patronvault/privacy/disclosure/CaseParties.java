package org.patronvault.privacy.disclosure;

import java.util.EnumSet;
import java.util.Set;
import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.privacy.disclosure.CaseStep.Party;

/**
 * The parts that a caller has in cases, and the cases the caller sees. While a court forbids speaking of a case, only
 * three parties see it: the director, counsel, and the designee that the director referred that very case to.
 */
final class CaseParties {
    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final Designations designations;

    CaseParties(Store store, Access access, AuditLog log, Designations designations) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.designations = designations;
    }

    /** The caller's parts as of that transaction; none for another system. */
    Set<Party> of(Tx tx, Caller caller) {
        Set<Party> parties = EnumSet.noneOf(Party.class);
        if (!caller.isPerson()) {
            return parties;
        }
        parties.add(Party.STAFF);
        if (access.may(caller, Permission.CASES)) {
            parties.add(Party.DIRECTOR);
        }
        if (access.may(caller, Permission.COUNSEL)) {
            parties.add(Party.COUNSEL);
        }
        if (access.may(caller, Permission.APPROVE_CASES)) {
            parties.add(Party.APPROVER);
        }
        if (designations.isInForce(tx, caller.actor().name(), log.now())) {
            parties.add(Party.DESIGNEE);
        }
        return parties;
    }

    /** The caller's parts as of now. */
    Set<Party> of(Caller caller) {
        return store.read(tx -> of(tx, caller));
    }

    /** Whether there is any part besides recording requests, which every member of staff may do. */
    static boolean hasPart(Set<Party> parties) {
        return parties.stream().anyMatch(party -> party != Party.STAFF);
    }

    /** Refuses a caller without a part in any case. */
    static void requirePart(Set<Party> parties) {
        if (!hasPart(parties)) {
            throw new Refused(
                    Problem.NOT_ALLOWED,
                    "Requests for records are the director's to handle, or a designee's; refer whoever asks to them.");
        }
    }

    /** Refuses a caller whose parts never take that step. */
    static void requireStep(Set<Party> parties, CaseStep step) {
        if (step.by().stream().noneMatch(parties::contains)) {
            throw new Refused(Problem.NOT_ALLOWED, "That step is not this role's to take" + cure(step));
        }
    }

    private static String cure(CaseStep step) {
        return step.by().contains(Party.DESIGNEE)
                ? ": the director takes it, or somebody whose designation is in force."
                : ": the director takes it.";
    }

    /** Whether the caller recorded the request, in whatever role. */
    static boolean tookDown(Caller caller, DisclosureCase one) {
        return one.intake().by().equals(caller.actor().name());
    }

    /** Whether the caller may take that step, if it is due. */
    static boolean mayTake(Set<Party> parties, Caller caller, CaseStep step, DisclosureCase one) {
        try {
            requireStep(parties, step);
            requirePerson(parties, caller, step, one);
            return true;
        } catch (Refused e) {
            return false;
        }
    }

    /** Refuses a caller who sees the case but must not take that step. */
    static void requirePerson(Set<Party> parties, Caller caller, CaseStep step, DisclosureCase one) {
        boolean handles = parties.contains(Party.DIRECTOR) || parties.contains(Party.DESIGNEE);
        if (step == CaseStep.INTAKE && !handles && !tookDown(caller, one)) {
            throw new Refused(
                    Problem.NOT_ALLOWED, "Who took the request down adds to it, the director, or a designee.");
        }
        boolean decided = step == CaseStep.APPROVAL
                && one.last(CaseStep.DECISION)
                        .filter(decision -> decision.by().equals(caller.actor().name()))
                        .isPresent();
        if (decided) {
            throw new Refused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "Who decided does not agree as well; another director, a designee or the privacy officer does.");
        }
    }

    /** Whether the caller sees that case. */
    static boolean see(Set<Party> parties, Caller caller, DisclosureCase one) {
        if (parties.contains(Party.DIRECTOR) || parties.contains(Party.COUNSEL)) {
            return true;
        }
        boolean handles = parties.contains(Party.DESIGNEE)
                && one.handler().filter(caller.actor().name()::equals).isPresent();
        return handles || (!one.isGagged() && hasPart(parties));
    }
}
