package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.LegalInstrument;

/**
 * A disclosure case: the list of the steps taken, in their order, from the intake on. Its state follows from them.
 * Prints {@code [REDACTED]}.
 */
public record DisclosureCase(CaseId id, List<StepRecord> taken) {
    static final String DECISION = "decision";
    static final String REFUSE = "refuse";
    static final Set<String> DECISIONS = Set.of(REFUSE, "narrow", "comply");
    static final String INSTRUMENT = "instrument";
    static final String AGENCY = "agency";
    static final String DECLINE = "decline";
    static final String ORDERED = "ordered";
    static final String TO = "to";
    static final String URGENT = "urgent";
    static final String UNREACHABLE = "unreachable";
    /** Members that are true or false, and are stored as text like all others. */
    static final Set<String> FLAGS = Set.of(ORDERED, URGENT);

    /** The encrypted content of a case. */
    record Path(List<StepRecord> taken) {}

    public DisclosureCase {
        taken = List.copyOf(taken);
    }

    /** The content to encrypt. */
    Path path() {
        return new Path(taken);
    }

    /** Returns the case with one more step. */
    DisclosureCase with(StepRecord step) {
        List<StepRecord> more = new ArrayList<>(taken);
        more.add(step);
        return new DisclosureCase(id, more);
    }

    /** The state after all steps. */
    public CaseState state() {
        CaseState state = CaseState.REFERRED;
        for (StepRecord one : taken) {
            state = after(state, one);
        }
        return state;
    }

    private static CaseState after(CaseState before, StepRecord one) {
        return switch (one.which()) {
            case INTAKE, REFERRAL, GAG -> before;
            case COUNSEL -> CaseState.COUNSELLED;
            case DECISION -> one.text(DECISION).equals(Optional.of(REFUSE)) ? CaseState.REFUSED : CaseState.DECIDED;
            case APPROVAL -> one.text(DECLINE).isPresent() ? CaseState.COUNSELLED : CaseState.APPROVED;
            case RELEASE -> CaseState.RELEASED;
            case NOTICE -> CaseState.NOTIFIED;
            case CLOSING -> CaseState.CLOSED;
        };
    }

    /** The last step of that kind. */
    public Optional<StepRecord> last(CaseStep step) {
        return taken.stream().filter(one -> one.which() == step).reduce((before, after) -> after);
    }

    /** The first step. */
    public StepRecord intake() {
        return taken.get(0);
    }

    /** The last recorded value of that member of the request. */
    public Optional<String> known(String member) {
        return taken.stream()
                .filter(one -> one.which() == CaseStep.INTAKE)
                .flatMap(one -> one.text(member).stream())
                .reduce((before, after) -> after);
    }

    /** The decision in force; only in states after a decision. */
    StepRecord decision() {
        return last(CaseStep.DECISION).orElseThrow();
    }

    /** The time of the intake. */
    public Instant opened() {
        return intake().when();
    }

    /** Whether it was recorded in haste, with an officer at the desk. */
    public boolean isUrgent() {
        return intake().text(URGENT).isPresent();
    }

    /** The legal instrument of the request, if it is known. */
    public Optional<LegalInstrument> instrument() {
        return last(CaseStep.DECISION)
                .flatMap(one -> one.text(INSTRUMENT))
                .or(() -> known(INSTRUMENT))
                .flatMap(LegalInstrument::ofWireName);
    }

    /** Whether a court forbids speaking of it. */
    public boolean isGagged() {
        return last(CaseStep.GAG)
                .filter(one -> one.said().get(ORDERED).equals("true"))
                .isPresent();
    }

    /** Whether it continued without counsel. */
    boolean isCounselUnheard() {
        return last(CaseStep.COUNSEL)
                .filter(one -> one.text(UNREACHABLE).isPresent())
                .isPresent();
    }

    /** The person who handles it in the director's place, if the director named one. */
    public Optional<String> handler() {
        return last(CaseStep.REFERRAL).map(one -> one.said().get(TO));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
