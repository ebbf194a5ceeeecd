package org.patronvault.web.page.cases;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.privacy.disclosure.CaseState;
import org.patronvault.privacy.disclosure.CaseStep;
import org.patronvault.privacy.disclosure.CaseStep.Party;
import org.patronvault.privacy.disclosure.Cases;
import org.patronvault.privacy.disclosure.Designations;
import org.patronvault.privacy.disclosure.DisclosureCase;
import org.patronvault.privacy.disclosure.StepRecord;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.cases.CasePageFlow.Visit;

/** A builder of the case models for one caller. It offers no step that the core would refuse. */
final class CaseViews {
    private static final List<CaseStep> PATH = List.of(
            CaseStep.INTAKE,
            CaseStep.COUNSEL,
            CaseStep.DECISION,
            CaseStep.APPROVAL,
            CaseStep.RELEASE,
            CaseStep.NOTICE,
            CaseStep.CLOSING);

    /** The steps that a refused request skips. */
    private static final Set<CaseStep> OF_HANDING_OUT =
            EnumSet.of(CaseStep.APPROVAL, CaseStep.RELEASE, CaseStep.NOTICE);

    /** The order of recorded values. Other values follow. */
    private static final List<String> ORDER =
            List.of("urgent", "agency", "officer", "badge", "decision", "instrument", "issuedBy", "counsel", "advice");

    private static final Set<String> DIGESTS = Set.of("document", "recipient", "sha256");

    private final Designations designations;
    private final DecisionViews decisions;

    CaseViews(WebUseCases parts) {
        this.designations = parts.privacy().disclosures().designations();
        this.decisions = new DecisionViews(parts.access());
    }

    CaseView.Row row(Texts t, DisclosureCase one) {
        return new CaseView.Row(
                one.id().toString(),
                agency(t, one),
                one.instrument().map(by -> instrument(t, by)).orElse(t.say("cases.unknown")),
                state(t, one),
                t.time(one.opened()),
                marks(t, one),
                one.handler().orElse(""));
    }

    private static String agency(Texts t, DisclosureCase one) {
        return one.known("agency").orElse(t.say("cases.unknown-agency"));
    }

    private static String state(Texts t, DisclosureCase one) {
        return t.say("cases.state." + one.state().wireName());
    }

    private static List<String> marks(Texts t, DisclosureCase one) {
        List<String> marks = new ArrayList<>();
        if (one.isUrgent()) {
            marks.add(t.say("cases.urgent"));
        }
        if (one.isGagged()) {
            marks.add(t.say("cases.gagged"));
        }
        return marks;
    }

    /** The instruments as choices. {@code chosen} may name none. */
    static List<DeskView.Choice> instruments(Texts t, String chosen) {
        return Arrays.stream(LegalInstrument.values())
                .map(one -> new DeskView.Choice(
                        one.wireName(), instrument(t, one), one.wireName().equals(chosen)))
                .toList();
    }

    /** The label of an instrument. */
    static String instrument(Texts t, LegalInstrument one) {
        return t.say("cases.instrument." + one.wireName());
    }

    CaseView.CaseDetail one(Visit visit, DeskView.Staff staff, Cases.VisibleCase seen, CaseView.Result told) {
        Texts t = visit.t();
        DisclosureCase one = seen.one();
        Set<String> may = may(visit, seen);
        Optional<StepRecord> decision = one.last(CaseStep.DECISION);
        return new CaseView.CaseDetail(
                staff,
                may.contains(told.at()) ? told : told.atHead(),
                CasePageFlow.once(),
                one.id().toString(),
                agency(t, one),
                state(t, one),
                marks(t, one),
                one.isGagged(),
                one.state() == CaseState.APPROVED,
                stages(t, one),
                missing(t, visit, one, may),
                may,
                decision.map(taken -> facts(t, taken)).orElse(List.of()),
                decision.map(taken -> taken.when().toString()).orElse(""),
                may.contains(CaseStep.DECISION.wireName())
                        ? Optional.of(decisions.of(visit, one, told))
                        : Optional.empty(),
                may.contains(CaseStep.REFERRAL.wireName()) ? designations.inForce() : List.of(),
                instruments(t, ""),
                one.taken().stream().map(taken -> step(t, taken)).toList());
    }

    private static Set<String> may(Visit visit, Cases.VisibleCase seen) {
        return Arrays.stream(CaseStep.values())
                .filter(step -> seen.mayTake(visit.caller(), step))
                .map(CaseStep::wireName)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<CaseView.Stage> stages(Texts t, DisclosureCase one) {
        boolean refused = one.state() == CaseState.REFUSED
                || (one.state() == CaseState.CLOSED
                        && one.last(CaseStep.RELEASE).isEmpty());
        int current = CaseStep.onwards(one.state()).stream()
                .map(PATH::indexOf)
                .findFirst()
                .orElse(PATH.size());
        return PATH.stream()
                .map(step -> {
                    int place = PATH.indexOf(step);
                    String how = refused && OF_HANDING_OUT.contains(step)
                            ? "needless"
                            : place == current ? "current" : place < current ? "done" : "to-come";
                    String said = one.last(step)
                            .filter(taken -> how.equals("done"))
                            .map(taken -> t.say("cases.how.done", taken.by(), t.day(taken.when())))
                            .orElseGet(() -> t.say("cases.how." + how));
                    return new CaseView.Stage(t.say("cases.stage." + step.wireName()), how, said);
                })
                .toList();
    }

    private static List<String> missing(Texts t, Visit visit, DisclosureCase one, Set<String> may) {
        List<String> missing = new ArrayList<>();
        CaseStep.onwards(one.state()).forEach(step -> {
            missing.add(t.say("cases.missing." + step.wireName()) + " "
                    + t.say(
                            "cases.by",
                            t.or(step.by().stream()
                                    .sorted()
                                    .map(party -> party(t, party))
                                    .toList())));
            boolean decided = one.last(CaseStep.DECISION)
                    .filter(taken -> taken.by().equals(visit.caller().actor().name()))
                    .isPresent();
            if (step == CaseStep.APPROVAL && decided) {
                missing.add(t.say("cases.not-the-decider"));
            } else if (!may.contains(step.wireName())) {
                missing.add(t.say("cases.not-yours"));
            }
        });
        return missing.isEmpty() ? List.of(t.say("cases.nothing-missing")) : missing;
    }

    private static String party(Texts t, Party party) {
        return t.say("cases.party." + party.name().toLowerCase(java.util.Locale.ROOT));
    }

    private static CaseView.Step step(Texts t, StepRecord taken) {
        return new CaseView.Step(
                label(t, taken), t.time(taken.when()), t.say("log.in-role", taken.by(), taken.role()), facts(t, taken));
    }

    private static String label(Texts t, StepRecord taken) {
        String step = taken.step();
        if (taken.text("decline").isPresent()) {
            step = "declined";
        } else if (taken.which() == CaseStep.GAG && taken.text("ordered").equals(Optional.of("false"))) {
            step = "ungag";
        }
        return t.say("cases.step." + step);
    }

    private static List<CaseView.Fact> facts(Texts t, StepRecord taken) {
        Comparator<String> order = Comparator.comparingInt(
                        (String name) -> ORDER.contains(name) ? ORDER.indexOf(name) : ORDER.size())
                .thenComparing(Comparator.naturalOrder());
        List<CaseView.Fact> facts = taken.said().keySet().stream()
                .filter(name -> !name.equals("ordered"))
                .sorted(order)
                .map(name -> new CaseView.Fact(
                        t.say("cases.said." + name),
                        value(t, name, taken.said().get(name)).lines().toList(),
                        DIGESTS.contains(name)))
                .collect(Collectors.toCollection(ArrayList::new));
        if (!taken.patrons().isEmpty()) {
            facts.add(new CaseView.Fact(t.say("cases.said.patrons"), taken.patrons(), true));
            facts.add(new CaseView.Fact(
                    t.say("cases.said.fields"), List.of(DecisionViews.fields(t, taken.personalFields())), false));
        }
        return facts;
    }

    private static String value(Texts t, String name, String text) {
        return switch (name) {
            case "instrument" ->
                LegalInstrument.ofWireName(text).map(one -> instrument(t, one)).orElse(text);
            case "decision" -> t.say("cases.decision." + text);
            case "urgent" -> t.say("cases.urgent-said");
            case "issuedBy" -> DeskViews.words(text);
            case "arrived" -> arrived(t, text);
            default -> text;
        };
    }

    /** Formats the arrival time that the form sends. Other text stays as it is. */
    private static String arrived(Texts t, String text) {
        try {
            return t.time(
                    LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant());
        } catch (DateTimeException e) {
            return text;
        }
    }
}
