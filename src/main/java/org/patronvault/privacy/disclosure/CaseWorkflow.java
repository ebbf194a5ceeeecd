package org.patronvault.privacy.disclosure;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.privacy.disclosure.CaseStep.Party;

/**
 * The steps of a case as use cases. It first checks the role, that the case exists, the person, and that the step is
 * due. Then it checks the form of the request, and the local law. Person and state are checked again inside the act,
 * so of two concurrent steps the second finds the first. Each refusal is in the log, as part of the case. Safe for use
 * by many threads.
 */
public final class CaseWorkflow {
    private static final String COUNSEL = "counsel";
    private static final String ADVICE = "advice";
    private static final String GIVEN = "given";
    private static final String DECIDED = "decided";
    private static final String WITHHELD = "withheld";
    static final Set<LegalInstrument> AT_ONCE = Set.of(LegalInstrument.WARRANT, LegalInstrument.EMERGENCY);

    /** A request to take a step: the caller, the case, and the key of a repeated request. */
    public record StepRequest(Caller caller, String id, Supplier<Optional<IdempotencyStore.Key>> key, byte[] request) {}

    /** Makes the record of a step, before the act; may refuse. */
    @FunctionalInterface
    interface StepPreparation {
        StepRecord say(DisclosureCase one);
    }

    /** A condition on the case as it is after the step; checked when the step is made, and again inside the act. */
    @FunctionalInterface
    interface Condition {
        Condition NONE = (tx, next) -> {};

        void require(Tx tx, DisclosureCase next);
    }

    /**
     * A step.
     *
     * @param alerts the alerts to raise if the step is taken and no court forbids speaking of the case
     * @param answer the answer kept for a repeated request
     */
    record Step(
            CaseStep which, StepPreparation saying, Condition condition, Set<Alert> alerts, Supplier<String> answer) {
        static Step of(CaseStep which, StepPreparation saying) {
            return new Step(which, saying, Condition.NONE, Set.of(), () -> "");
        }

        Step holding(Condition holds) {
            return new Step(which, saying, holds, alerts, answer);
        }
    }

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final Cases cases;
    private final Designations designations;
    private final CaseDecisionRules decisions;

    CaseWorkflow(
            Store store,
            Access access,
            AuditLog log,
            Cases cases,
            Designations designations,
            CaseDecisionRules decisions) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.cases = cases;
        this.designations = designations;
        this.decisions = decisions;
    }

    /** Adds facts to the request, while it is not decided. The answer is for people who see the case. */
    public DisclosureCase add(StepRequest by, Supplier<Map<String, String>> sent) {
        return take(by, Step.of(CaseStep.INTAKE, one -> {
            Map<String, String> said = sent.get();
            CaseIntake.requireSome(said);
            return taken(by, CaseStep.INTAKE, said);
        }));
    }

    /** Names the designee who handles it; the designation must be in force. */
    public DisclosureCase refer(StepRequest by, Supplier<StepInput> sent) {
        StepPreparation to = one -> taken(
                by,
                CaseStep.REFERRAL,
                Map.of(DisclosureCase.TO, access.accounts().canonical(sent.get().required(DisclosureCase.TO))));
        return take(by, Step.of(CaseStep.REFERRAL, to).holding(this::requireDesignee));
    }

    private void requireDesignee(Tx tx, DisclosureCase next) {
        String designee = next.handler().orElseThrow();
        if (!designations.isInForce(tx, designee, log.now())) {
            throw new Refused(
                    Problem.INVALID, "There is no designation of that person in force; make one in writing first.");
        }
        access.accounts().requireThere(tx, designee);
    }

    /** Records that counsel was consulted, or could not be reached. */
    public DisclosureCase counsel(StepRequest by, Supplier<StepInput> sent) {
        return take(by, Step.of(CaseStep.COUNSEL, one -> {
            StepInput said = sent.get();
            if (said.said(DisclosureCase.UNREACHABLE).isPresent()) {
                if (said.said(ADVICE).isPresent() || said.said(COUNSEL).isPresent()) {
                    throw new Refused(Problem.INVALID, "Counsel was either consulted or unreachable.");
                }
                if (!one.instrument().map(AT_ONCE::contains).orElse(one.isUrgent())) {
                    throw new Refused(
                            Problem.INVALID,
                            "Only what is carried out at once, such as a warrant, goes on without counsel; consult"
                                    + " counsel, and say who advised what.");
                }
                return taken(
                        by,
                        CaseStep.COUNSEL,
                        Map.of(DisclosureCase.UNREACHABLE, said.required(DisclosureCase.UNREACHABLE)));
            }
            return taken(by, CaseStep.COUNSEL, Map.of(COUNSEL, said.required(COUNSEL), ADVICE, said.required(ADVICE)));
        }));
    }

    /** Records the decision to refuse, narrow or comply; the local law must allow it. */
    public DisclosureCase decide(StepRequest by, Supplier<StepInput> sent) {
        return take(
                by,
                Step.of(CaseStep.DECISION, one -> decisions.read(by.caller(), sent.get()))
                        .holding(decisions::requireLawful));
    }

    /**
     * Records that a second person approves the decision, or sends it back to be made again. It can be sent back as
     * long as nothing was disclosed: a named patron may be erased by then, or have revoked the permission. A request
     * with {@code decided}, the time of the decision that was read, approves no other decision.
     */
    public DisclosureCase approve(StepRequest by, Supplier<StepInput> sent) {
        StepPreparation said = one -> {
            Map<String, String> declined = optional(sent.get(), DisclosureCase.DECLINE);
            if (declined.isEmpty()) {
                CaseStep.requireUnapproved(one.state());
            }
            return taken(by, CaseStep.APPROVAL, declined);
        };
        return take(by, Step.of(CaseStep.APPROVAL, said).holding((tx, next) -> {
            requireRead(sent.get(), next);
            // A decision that became unlawful meanwhile can still be sent back.
            if (next.state() == CaseState.APPROVED) {
                access.approvals()
                        .requireIndependent(
                                tx, next.decision().by(), by.caller().actor().name());
                decisions.requireLawful(tx, next);
            }
        }));
    }

    private static void requireRead(StepInput said, DisclosureCase next) {
        String decided = next.decision().when().toString();
        if (said.said(DECIDED).filter(read -> !read.equals(decided)).isPresent()) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "It was decided anew meanwhile; read that first.");
        }
    }

    private static Map<String, String> optional(StepInput said, String member) {
        return said.said(member).map(text -> Map.of(member, text)).orElse(Map.of());
    }

    /** Records that the patrons were notified, or must not be. */
    public DisclosureCase notice(StepRequest by, Supplier<StepInput> sent) {
        Step notice = Step.of(CaseStep.NOTICE, one -> {
            StepInput said = sent.get();
            if (said.said(GIVEN).isPresent() == said.said(WITHHELD).isPresent()) {
                throw new Refused(
                        Problem.INVALID,
                        "Say with given how the patrons were told, or with withheld why they are not.");
            }
            String member = said.said(GIVEN).isPresent() ? GIVEN : WITHHELD;
            return taken(by, CaseStep.NOTICE, Map.of(member, said.required(member)));
        });
        return take(by, notice.holding(CaseWorkflow::requireSpeakable));
    }

    private static void requireSpeakable(Tx tx, DisclosureCase next) {
        if (next.isGagged()
                && next.last(CaseStep.NOTICE).orElseThrow().text(GIVEN).isPresent()) {
            throw new Refused(
                    Problem.INVALID, "A court forbids to speak of this case; lift that first, or say withheld.");
        }
    }

    /** Records that a court forbids speaking of the case, or no longer does. */
    public DisclosureCase gag(StepRequest by, Supplier<StepInput> sent) {
        return take(by, Step.of(CaseStep.GAG, one -> {
            StepInput said = sent.get();
            String ordered = said.required(DisclosureCase.ORDERED);
            if (!Set.of("true", "false").contains(ordered)) {
                throw new Refused(Problem.INVALID, "ordered is true or false.");
            }
            return taken(
                    by,
                    CaseStep.GAG,
                    Map.of(DisclosureCase.ORDERED, ordered, StepInput.REASON, said.required(StepInput.REASON)));
        }));
    }

    /** Closes the case, when nothing is left to do. */
    public DisclosureCase close(StepRequest by, Supplier<StepInput> sent) {
        return take(
                by,
                Step.of(CaseStep.CLOSING, one -> taken(by, CaseStep.CLOSING, optional(sent.get(), StepInput.REASON))));
    }

    private StepRecord taken(StepRequest by, CaseStep step, Map<String, String> said) {
        return cases.taken(by.caller(), step, said, List.of(), List.of());
    }

    /** Takes a step; returns the case after it. */
    DisclosureCase take(StepRequest by, Step step) {
        Caller caller = by.caller();
        AccessEvent plain = cases.attempt(caller, step.which().logName(), by.request());
        AccessEvent attempt = CaseId.parse(by.id()).map(plain::in).orElse(plain);
        return log.logging(attempt, () -> {
            Set<Party> as = cases.partiesOf(caller);
            CaseParties.requireStep(as, step.which());
            DisclosureCase one =
                    cases.found(plain, () -> store.read(tx -> cases.find(tx, caller, as, by.id(), step.which())));
            CaseParties.requirePerson(as, caller, step.which(), one);
            Optional<IdempotencyStore.Key> replay = by.key().get();
            if (access.replay().answered(replay).isPresent()) {
                return one;
            }
            access.replay().requireUsable(replay);
            requireDue(caller, as, step.which(), one);
            StepRecord taken = step.saying().say(one);
            DisclosureCase next = one.with(taken);
            cases.requireRoom(next, step.which());
            store.read(tx -> {
                step.condition().require(tx, next);
                return next;
            });
            write(by, step, taken, replay, attempt);
            return store.read(tx -> cases.find(tx, caller, as, by.id(), step.which()))
                    .of();
        });
    }

    /** Refuses a step that is not due. A caller who only recorded the request does not learn the state. */
    private static void requireDue(Caller caller, Set<Party> as, CaseStep step, DisclosureCase one) {
        if (!step.isDue(one) && !CaseParties.see(as, caller, one)) {
            throw new Refused(Problem.CASE_STATE, "Nothing is added to it any more; tell the director.");
        }
        step.requireDue(one);
    }

    private void write(
            StepRequest by, Step step, StepRecord taken, Optional<IdempotencyStore.Key> replay, AccessEvent attempt) {
        Caller caller = by.caller();
        AccessEvent plain = attempt.ending(Outcome.CONFIGURATION);
        AccessEvent done = taken.text(CaseReleases.DIGEST)
                .map(digest -> plain.handingOut(HexFormat.of().parseHex(digest)))
                .orElse(plain);
        log.call(done, now -> {
            WriteTx tx = now.tx();
            Set<Alert> alerts = cases.isGagged(tx, by.id()) ? Set.of() : step.alerts();
            access.replay().requireFirst(tx, replay);
            Set<Party> as = cases.parties().of(tx, caller);
            CaseParties.requireStep(as, step.which());
            Cases.EditableCase found = cases.find(tx, caller, as, by.id(), step.which());
            CaseParties.requirePerson(as, caller, step.which(), found.of());
            requireDue(caller, as, step.which(), found.of());
            DisclosureCase next = found.of().with(taken);
            step.condition().require(tx, next);
            cases.replace(tx, found, next, step.which());
            access.replay().keep(tx, replay, step.answer().get());
            return Decision.done(done).alerting(alerts);
        });
    }
}
