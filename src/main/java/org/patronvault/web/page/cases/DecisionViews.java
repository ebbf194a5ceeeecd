package org.patronvault.web.page.cases;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.patronvault.access.Access;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.policy.Jurisdiction;
import org.patronvault.core.policy.Permission;
import org.patronvault.privacy.disclosure.DisclosureCase;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.cases.CasePageFlow.Visit;

/** A builder of the decision form: the choices, and beside them what the state's law says. */
final class DecisionViews {
    private static final List<String> DECISIONS = List.of("refuse", "narrow", "comply");

    private final Access access;

    DecisionViews(Access access) {
        this.access = access;
    }

    /** Returns the form, with the input of a refused one. */
    CaseView.DecisionForm of(Visit visit, DisclosureCase one, CaseView.Result told) {
        Texts t = visit.t();
        Map<String, String> typed = told.at().equals("decision") ? told.typed() : Map.of();
        Jurisdiction law = access.policy().jurisdiction();
        Set<String> from = new TreeSet<>();
        law.suffices().values().forEach(sufficient -> from.addAll(sufficient.from()));
        return new CaseView.DecisionForm(
                DECISIONS.stream()
                        .map(name -> new DeskView.Choice(
                                name, t.say("cases.decision." + name), name.equals(typed.getOrDefault("decision", ""))))
                        .toList(),
                CaseViews.instruments(
                        t,
                        typed.getOrDefault(
                                "instrument",
                                one.instrument().map(LegalInstrument::wireName).orElse(""))),
                from.stream()
                        .map(name -> new DeskView.Choice(
                                name, DeskViews.words(name), name.equals(typed.getOrDefault("issuedBy", ""))))
                        .toList(),
                CasePageFlow.fields(
                        t,
                        typed.keySet().stream()
                                .filter(name -> name.startsWith(CasePageFlow.FIELD + "."))
                                .map(name -> name.substring(CasePageFlow.FIELD.length() + 1))
                                .toList()),
                access.may(visit.caller(), Permission.SEARCH),
                law(t, law));
    }

    private static CaseView.Law law(Texts t, Jurisdiction law) {
        return new CaseView.Law(
                law.name(),
                law.law(),
                t.day(law.asOf()),
                law.suffices().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> new CaseView.SufficientInstrument(
                                CaseViews.instrument(t, entry.getKey()),
                                t.or(entry.getValue().from().stream().sorted().toList()),
                                fields(t, entry.getValue().fields()),
                                entry.getValue().law(),
                                entry.getValue().note()))
                        .toList(),
                law.insufficient().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> new CaseView.Fact(
                                CaseViews.instrument(t, entry.getKey()), List.of(entry.getValue()), false))
                        .toList());
    }

    /** The labels of fields. */
    static String fields(Texts t, Set<PatronField> fields) {
        return fields.stream()
                .sorted()
                .map(field -> CasePageFlow.field(t, field.wireName()))
                .collect(Collectors.joining(", "));
    }
}
