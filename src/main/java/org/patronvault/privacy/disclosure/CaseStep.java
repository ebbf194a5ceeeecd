package org.patronvault.privacy.disclosure;

import static org.patronvault.privacy.disclosure.CaseState.APPROVED;
import static org.patronvault.privacy.disclosure.CaseState.CLOSED;
import static org.patronvault.privacy.disclosure.CaseState.COUNSELLED;
import static org.patronvault.privacy.disclosure.CaseState.DECIDED;
import static org.patronvault.privacy.disclosure.CaseState.NOTIFIED;
import static org.patronvault.privacy.disclosure.CaseState.REFERRED;
import static org.patronvault.privacy.disclosure.CaseState.REFUSED;
import static org.patronvault.privacy.disclosure.CaseState.RELEASED;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.keys.ring.CaseKeys;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A step of a case, in the order of the work, with the states in which it is due and the parties that take it. The
 * state after a step is in {@link DisclosureCase}, since it may depend on the step's content.
 */
public enum CaseStep {
    /**
     * Any member of staff records the request, which refers it. Later facts are added by that person or the handler.
     */
    INTAKE(Set.of(REFERRED, COUNSELLED), Set.of(Party.STAFF)),
    /** The director names the handler. */
    REFERRAL(Set.of(REFERRED, COUNSELLED, DECIDED, APPROVED), Set.of(Party.DIRECTOR)),
    /** Counsel is consulted, or with a warrant cannot be. */
    COUNSEL(Set.of(REFERRED), Set.of(Party.DIRECTOR, Party.DESIGNEE, Party.COUNSEL)),
    /** Refuse, narrow or comply. */
    DECISION(Set.of(COUNSELLED), Set.of(Party.DIRECTOR, Party.DESIGNEE)),
    /** A second person approves, or sends it back, even if it was approved already. */
    APPROVAL(Set.of(DECIDED, APPROVED), Set.of(Party.DIRECTOR, Party.DESIGNEE, Party.APPROVER)),
    /** The package is made and disclosed. */
    RELEASE(Set.of(APPROVED), Set.of(Party.DIRECTOR, Party.DESIGNEE)),
    /** The patrons are notified, or the reason against it is recorded. */
    NOTICE(Set.of(RELEASED), Set.of(Party.DIRECTOR, Party.DESIGNEE)),
    /** A court forbids speaking of the case, or no longer does. */
    GAG(EnumSet.allOf(CaseState.class), Set.of(Party.DIRECTOR)),
    /** Nothing is left to do. */
    CLOSING(Set.of(REFUSED, NOTIFIED), Set.of(Party.DIRECTOR, Party.DESIGNEE));

    /** The part in which a person takes a step. */
    public enum Party {
        /** Any signed-in person. */
        STAFF,
        /** A person in a role that handles cases. */
        DIRECTOR,
        /** A person with a written designation of the director, while that is in force. */
        DESIGNEE,
        /** The library's counsel. */
        COUNSEL,
        /** A person in a role that may be the second person. */
        APPROVER
    }

    @SuppressWarnings("ImmutableEnumChecker") // immutable copies
    private final Set<CaseState> from;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Party> by;

    CaseStep(Set<CaseState> from, Set<Party> by) {
        this.from = Set.copyOf(from);
        this.by = Set.copyOf(by);
    }

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The name in the log, which is unencrypted. A gag gets the same name as a referral, so the log does not show that
     * a court forbids speaking of a case.
     */
    String logName() {
        return this == GAG || this == REFERRAL ? "handling" : wireName();
    }

    /** The most bytes of all content of a case after this step; the later steps always have room. */
    int roomBytes() {
        return switch (this) {
            case INTAKE, REFERRAL -> 20 * 1_024;
            case COUNSEL, DECISION, APPROVAL -> 42 * 1_024;
            case GAG -> 50 * 1_024;
            case RELEASE, NOTICE, CLOSING -> CaseKeys.maxValueBytes();
        };
    }

    static CaseStep ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** The parties that may take the step; any of them suffices. */
    public Set<Party> by() {
        return by;
    }

    /** Whether the step is due. Counsel who could not be reached before is consulted as soon as possible. */
    public boolean isDue(DisclosureCase one) {
        return from.contains(one.state()) || (this == COUNSEL && one.state() == COUNSELLED && one.isCounselUnheard());
    }

    /** Refuses with {@code case-state}, naming the state, if the step is not due. */
    void requireDue(DisclosureCase one) {
        if (!isDue(one)) {
            throw notDue(one.state());
        }
    }

    private static Refused notDue(CaseState state) {
        String next = state == CLOSED ? "nothing is done with it any more." : "what comes next is " + next(state) + ".";
        return new Refused(Problem.CASE_STATE, "The case is " + state.wireName() + "; " + next)
                .inState(state.wireName());
    }

    /** Refuses a second approval. */
    static void requireUnapproved(CaseState state) {
        if (state == APPROVED) {
            throw notDue(state);
        }
    }

    /** The steps that continue a case in that state; none once it is closed. */
    public static List<CaseStep> onwards(CaseState state) {
        return Arrays.stream(values())
                .filter(step -> step != INTAKE && step != GAG && step != REFERRAL && step.from.contains(state))
                .filter(step -> step != APPROVAL || state == DECIDED)
                .toList();
    }

    private static String next(CaseState state) {
        return onwards(state).stream().map(CaseStep::wireName).collect(Collectors.joining(" or "));
    }
}
