package org.patronvault.privacy.disclosure;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.CaseId;
import org.patronvault.model.LegalInstrument;

/**
 * A case: nothing but the steps that were taken, in their order, from the intake on. Where it stands follows from them.
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
    /** What is true or false, and is sealed in words as all that is said. */
    static final Set<String> FLAGS = Set.of(ORDERED, URGENT);

    /** What is sealed of one. */
    record Path(List<StepRecord> taken) {}

    public DisclosureCase {
        taken = List.copyOf(taken);
    }

    /** What is sealed of it. */
    Path path() {
        return new Path(taken);
    }

    /** The same, one step on. */
    DisclosureCase with(StepRecord step) {
        List<StepRecord> more = new ArrayList<>(taken);
        more.add(step);
        return new DisclosureCase(id, more);
    }

    /** Where it stands. */
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

    /** The last time that step was taken. */
    public Optional<StepRecord> last(CaseStep step) {
        return taken.stream().filter(one -> one.which() == step).reduce((before, after) -> after);
    }

    /** How it began. */
    public StepRecord intake() {
        return taken.get(0);
    }

    /** What was taken down of the request under that name, the last time it was. */
    public Optional<String> known(String member) {
        return taken.stream()
                .filter(one -> one.which() == CaseStep.INTAKE)
                .flatMap(one -> one.text(member).stream())
                .reduce((before, after) -> after);
    }

    /** The decision that stands; only in states that come of one. */
    StepRecord decision() {
        return last(CaseStep.DECISION).orElseThrow();
    }

    /** When it was taken down. */
    public Instant opened() {
        return intake().when();
    }

    /** Whether it was taken down in haste, with an officer at the desk. */
    public boolean isUrgent() {
        return intake().text(URGENT).isPresent();
    }

    /** By what the records are asked for, as far as it is known. */
    public Optional<LegalInstrument> instrument() {
        return last(CaseStep.DECISION)
                .flatMap(one -> one.text(INSTRUMENT))
                .or(() -> known(INSTRUMENT))
                .flatMap(LegalInstrument::ofWireName);
    }

    /** Whether a court has forbidden to speak of it. */
    public boolean isGagged() {
        return last(CaseStep.GAG)
                .filter(one -> one.said().get(ORDERED).equals("true"))
                .isPresent();
    }

    /** Whether it went on without counsel. */
    boolean isCounselUnheard() {
        return last(CaseStep.COUNSEL)
                .filter(one -> one.text(UNREACHABLE).isPresent())
                .isPresent();
    }

    /** Who handles it in the director's place, if the director said so. */
    public Optional<String> handler() {
        return last(CaseStep.REFERRAL).map(one -> one.said().get(TO));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
