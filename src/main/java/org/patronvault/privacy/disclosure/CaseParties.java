package org.patronvault.privacy.disclosure;

import java.util.EnumSet;
import java.util.Set;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.privacy.disclosure.CaseStep.Party;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;

/**
 * As what somebody has a part in cases, and which they see. While a court forbids to speak of a case, nobody does but the
 * director, counsel, and the designee to whom the director has referred that very case.
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

    /** As what somebody has a part now, as that transaction shows it; as nothing, if it is another system. */
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

    /** The same, now. */
    Set<Party> of(Caller caller) {
        return store.read(tx -> of(tx, caller));
    }

    /** Whether there is more to it than that anybody may take a request down. */
    static boolean hasPart(Set<Party> parties) {
        return parties.stream().anyMatch(party -> party != Party.STAFF);
    }

    /** Refuses who has no part in any case. */
    static void requirePart(Set<Party> parties) {
        if (!hasPart(parties)) {
            throw new Refused(
                    Problem.NOT_ALLOWED,
                    "Requests for records are the director's to handle, or a designee's; refer whoever asks to them.");
        }
    }

    /** Refuses who never takes that step. */
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

    /** Whether that one took the request down, whatever the role was. */
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

    /** Refuses, of those who see a case, who is not the one to take that step. */
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

    /** Whether they see that case. */
    static boolean see(Set<Party> parties, Caller caller, DisclosureCase one) {
        if (parties.contains(Party.DIRECTOR) || parties.contains(Party.COUNSEL)) {
            return true;
        }
        boolean handles = parties.contains(Party.DESIGNEE)
                && one.handler().filter(caller.actor().name()::equals).isPresent();
        return handles || (!one.isGagged() && hasPart(parties));
    }
}
