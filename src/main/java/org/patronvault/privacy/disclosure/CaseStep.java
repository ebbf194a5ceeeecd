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
import org.patronvault.keys.CaseKeys;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The steps of a case, in the order a library lives them: in which state each is taken, and by whom. What each leads to,
 * {@link DisclosureCase} knows, since it may depend on what was said.
 */
public enum CaseStep {
    /**
     * Anybody of the staff takes the request down; it is referred by that. What becomes known later that one adds, or
     * whoever handles it.
     */
    INTAKE(Set.of(REFERRED, COUNSELLED), Set.of(Party.STAFF)),
    /** The director says who handles it. */
    REFERRAL(Set.of(REFERRED, COUNSELLED, DECIDED, APPROVED), Set.of(Party.DIRECTOR)),
    /** Counsel is consulted, or with a warrant cannot be. */
    COUNSEL(Set.of(REFERRED), Set.of(Party.DIRECTOR, Party.DESIGNEE, Party.COUNSEL)),
    /** Refuse, narrow or comply. */
    DECISION(Set.of(COUNSELLED), Set.of(Party.DIRECTOR, Party.DESIGNEE)),
    /** A second person agrees, or sends it back, though it was agreed to already. */
    APPROVAL(Set.of(DECIDED, APPROVED), Set.of(Party.DIRECTOR, Party.DESIGNEE, Party.APPROVER)),
    /** The package is made and handed out. */
    RELEASE(Set.of(APPROVED), Set.of(Party.DIRECTOR, Party.DESIGNEE)),
    /** The patrons are told, or it is said why not. */
    NOTICE(Set.of(RELEASED), Set.of(Party.DIRECTOR, Party.DESIGNEE)),
    /** A court forbids to speak of it, or does no longer. */
    GAG(EnumSet.allOf(CaseState.class), Set.of(Party.DIRECTOR)),
    /** Nothing is left to do. */
    CLOSING(Set.of(REFUSED, NOTIFIED), Set.of(Party.DIRECTOR, Party.DESIGNEE));

    /** As what somebody takes a step. */
    public enum Party {
        /** Anybody who is signed in. */
        STAFF,
        /** Who acts in a role that handles cases. */
        DIRECTOR,
        /** Whom the director has designated in writing, while that is in force. */
        DESIGNEE,
        /** Who acts as the library's counsel. */
        COUNSEL,
        /** Who acts in a role that may be the second person. */
        APPROVER
    }

    @SuppressWarnings("ImmutableEnumChecker") // copies that nobody can change
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
     * The name in the log, where it stands in clear: it does not tell that a court forbids to speak of a case from that the
     * director says who handles it.
     */
    String logName() {
        return this == GAG || this == REFERRAL ? "handling" : wireName();
    }

    /** How long all that was said in a case may be after it, in bytes: what comes after it always has room. */
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

    /** As what one takes it; any of these will do. */
    public Set<Party> by() {
        return by;
    }

    /** Whether it is that step's turn. Counsel who could not be reached before is consulted as soon as may be. */
    public boolean isDue(DisclosureCase one) {
        return from.contains(one.state()) || (this == COUNSEL && one.state() == COUNSELLED && one.isCounselUnheard());
    }

    /** Refused with {@code case-state}, naming it, when it is not. */
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

    /** Refuses to agree once more. */
    static void requireUnapproved(CaseState state) {
        if (state == APPROVED) {
            throw notDue(state);
        }
    }

    /** What brings a case on from that state; none once it is closed. */
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
