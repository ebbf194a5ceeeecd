package org.patronvault.privacy.disclosure;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.Access;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Jurisdiction;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;

/** The rules for a decision: the patrons and fields it names, and whether its instrument satisfies the local law. */
public final class CaseDecisionRules {
    /** The most patrons a decision names. */
    public static final int MAX_PATRONS = 100;

    private static final String ISSUED_BY = "issuedBy";

    private final Store store;
    private final Access access;
    private final Cases cases;
    private final WrittenPermissions permissions;

    CaseDecisionRules(Store store, Access access, Cases cases, WrittenPermissions permissions) {
        this.store = store;
        this.access = access;
        this.cases = cases;
        this.permissions = permissions;
    }

    /** Reads a decision; refused if it is malformed, or names a missing patron. */
    StepRecord read(Caller caller, StepInput said) {
        String decision = said.required(DisclosureCase.DECISION);
        if (!DisclosureCase.DECISIONS.contains(decision)) {
            throw new Refused(Problem.INVALID, "decision is refuse, narrow or comply.");
        }
        Map<String, String> words = new HashMap<>();
        words.put(DisclosureCase.DECISION, decision);
        words.put(StepInput.REASON, said.required(StepInput.REASON));
        for (String member : List.of(DisclosureCase.INSTRUMENT, ISSUED_BY, StepInput.DOCUMENT)) {
            said.said(member).ifPresent(text -> words.put(member, text));
        }
        Designations.requireHash(words.getOrDefault(StepInput.DOCUMENT, ""));
        if (words.containsKey(DisclosureCase.INSTRUMENT)
                && LegalInstrument.ofWireName(words.get(DisclosureCase.INSTRUMENT))
                        .isEmpty()) {
            throw new Refused(Problem.INVALID, "instrument is one of " + LegalInstrument.names() + ".");
        }
        if (decision.equals(DisclosureCase.REFUSE)) {
            if (!said.patrons().isEmpty() || !said.fields().isEmpty()) {
                throw new Refused(Problem.INVALID, "A refusal names neither patrons nor fields.");
            }
            return cases.taken(caller, CaseStep.DECISION, words, List.of(), List.of());
        }
        said.required(DisclosureCase.INSTRUMENT);
        return cases.taken(caller, CaseStep.DECISION, words, patrons(said), fields(said.fields()));
    }

    private List<String> patrons(StepInput said) {
        List<PatronId> ids = said.patrons().stream().flatMap(Optional::stream).toList();
        if (said.patrons().isEmpty() || said.patrons().size() > MAX_PATRONS) {
            throw new Refused(
                    Problem.INVALID,
                    "patrons is a list of 1 to " + MAX_PATRONS + " ids: a record that is not named is"
                            + " not handed out.");
        }
        if (ids.size() < said.patrons().size()
                || new HashSet<>(ids).size() < ids.size()
                || store.read(tx -> tx.patrons().findAll(ids)).size() < ids.size()) {
            throw new Refused(Problem.INVALID, "patrons names somebody twice, or who is not here.");
        }
        return ids.stream().map(PatronId::toString).toList();
    }

    private static List<String> fields(Set<PatronField> fields) {
        if (fields.isEmpty()) {
            throw new Refused(Problem.INVALID, "fields says which fields of these patrons are handed out.");
        }
        return fields.stream().sorted().map(PatronField::wireName).toList();
    }

    /** Refuses a decision to disclose that the local law, as the policy names it now, does not allow. */
    void requireLawful(Tx tx, DisclosureCase one) {
        StepRecord decision = one.decision();
        if (decision.text(DisclosureCase.DECISION).equals(Optional.of(DisclosureCase.REFUSE))) {
            return;
        }
        LegalInstrument instrument = LegalInstrument.ofWireName(decision.said().get(DisclosureCase.INSTRUMENT))
                .orElseThrow();
        if (one.isCounselUnheard() && !CaseWorkflow.AT_ONCE.contains(instrument)) {
            throw new Refused(
                            Problem.CASE_STATE,
                            "Counsel could not be reached, and only what is carried out at once, such as a warrant, goes"
                                    + " on without; consult counsel first.")
                    .inState(one.state().wireName());
        }
        Jurisdiction law = access.policy().jurisdiction();
        Jurisdiction.Sufficient sufficient = law.sufficient(instrument)
                .orElseThrow(() -> new Refused(
                        Problem.INSTRUMENT_INSUFFICIENT,
                        "By the law of " + law.name() + " that does not suffice (" + law.law() + "). "
                                + law.insufficient().get(instrument)));
        if (decision.text(ISSUED_BY)
                .filter(from -> !sufficient.from().contains(from))
                .isPresent()) {
            throw new Refused(
                    Problem.INSTRUMENT_INSUFFICIENT,
                    "It suffices only if it comes from: " + String.join(", ", sufficient.from()) + " ("
                            + sufficient.law() + ").");
        }
        if (!sufficient.fields().containsAll(decision.personalFields())) {
            throw new Refused(
                    Problem.FIELD_NOT_ALLOWED,
                    "By that instrument only these fields are handed out: " + PatronField.list(sufficient.fields())
                            + " (" + sufficient.law() + ").");
        }
        if (instrument == LegalInstrument.WRITTEN_PERMISSION) {
            permissions.require(
                    tx,
                    decision.patronIds(),
                    decision.personalFields(),
                    one.known(DisclosureCase.AGENCY).orElse(""));
        }
    }
}
