package org.patronvault.web.page.cases;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.privacy.disclosure.CaseReleases;
import org.patronvault.privacy.disclosure.CaseWorkflow;
import org.patronvault.privacy.disclosure.Cases;
import org.patronvault.privacy.disclosure.DisclosureCase;
import org.patronvault.privacy.disclosure.Disclosures;
import org.patronvault.privacy.disclosure.StepInput;
import org.patronvault.web.api.DisclosureApi;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.Navigation;
import org.patronvault.web.page.cases.CasePageFlow.Visit;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The pages under {@code /cases} (P3, P10): record requests as a path of steps, each offered to those who may take it.
 * No address names a patron. A refusal is one sentence at its form, which keeps its input.
 */
public final class CasePages {
    private static final String PATH = Navigation.CASES;
    private static final String ONE = PATH + "/{id}";
    private static final String DECISION = "decision";
    private static final String PATRONS = "patrons";
    private static final String CARD = "card";
    private static final String WORDS = "words";

    private final CasePageFlow room;
    private final CaseViews views;
    private final Disclosures disclosures;
    private final Lookup lookup;
    private final org.patronvault.access.Access access;

    /** A step of a few words. */
    private interface Step {
        DisclosureCase take(CaseWorkflow.StepRequest by, Supplier<StepInput> said);
    }

    public CasePages(WebUseCases parts, WebSettings settings) {
        this.room = new CasePageFlow(parts, settings);
        this.views = new CaseViews(parts);
        this.disclosures = parts.privacy().disclosures();
        this.lookup = parts.patrons().lookup();
        this.access = parts.access();
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> room.look(ctx, this::list));
        routes.get(ONE, ctx -> room.look(ctx, visit -> show(visit, CaseView.Result.NOTHING)));
        CaseWorkflow acts = disclosures.acts();
        step(routes, "intake", (by, said) -> acts.add(by, () -> IntakePage.members(said.get())), CasePages::said);
        step(routes, "referral", acts::refer, CasePages::said);
        step(routes, "counsel", acts::counsel, CasePages::said);
        step(routes, DECISION, acts::decide, CasePages::said);
        step(routes, "approval", acts::approve, CasePages::said);
        step(routes, "notice", acts::notice, form -> saying(form, form.text("told"), WORDS));
        step(routes, "gag", acts::gag, CasePages::said);
        step(routes, "closing", acts::close, CasePages::said);
        post(routes, "find", this::find);
        post(routes, "release", this::release);
    }

    private void post(RoutesConfig routes, String name, java.util.function.Consumer<Visit> work) {
        routes.post(ONE + "/" + name, ctx -> room.posted(ctx, work));
        // A browser that reopens its last address sends GET.
        routes.get(ONE + "/" + name, ctx -> ctx.redirect(PATH + "/" + id(ctx), HttpStatus.SEE_OTHER));
    }

    /** Returns the case number of the address, checked because it goes into another address. */
    private static String id(Context ctx) {
        return CaseId.parse(ctx.pathParam("id")).map(CaseId::toString).orElse("");
    }

    private void step(RoutesConfig routes, String name, Step step, Function<Form, StepInput> said) {
        post(
                routes,
                name,
                visit -> at(visit, name, () -> {
                    step.take(by(visit), () -> said.apply(visit.form()));
                    show(visit, CaseView.Result.done(visit.t().say("cases.done." + name)));
                }));
    }

    /** Runs {@code work}. If it is refused, shows the case with the reason at that form. */
    private void at(Visit visit, String form, Runnable work) {
        try {
            work.run();
        } catch (Refused e) {
            DeskPages.mark(visit.ctx(), e);
            show(
                    visit,
                    new CaseView.Result(
                            DeskView.Notice.refused(e.getMessage()),
                            form,
                            visit.form().texts()));
        }
    }

    private CaseWorkflow.StepRequest by(Visit visit) {
        return new CaseWorkflow.StepRequest(
                visit.caller(), visit.ctx().pathParam("id"), () -> room.key(visit), AuditLog.newRequest());
    }

    private static StepInput said(Form form) {
        return new StepInput(
                member -> form.filled(member).map(CasePages::lines),
                ids(form).map(PatronId::parse).toList(),
                CasePageFlow.fields(form));
    }

    /** The input for one chosen member. */
    private static StepInput saying(Form form, String member, String words) {
        return new StepInput(
                name -> name.equals(member) ? form.filled(words).map(CasePages::lines) : Optional.empty(),
                List.of(),
                Set.of());
    }

    private static Stream<String> ids(Form form) {
        return form.text(PATRONS).lines().map(String::strip).filter(line -> !line.isEmpty());
    }

    /** Text as typed: forms send each line end as two characters. */
    static String lines(String text) {
        return text.replace("\r\n", "\n");
    }

    private void list(Visit visit) {
        Cases.Listing listed = disclosures.cases().list(visit.caller(), AuditLog.newRequest());
        DeskPages.page(
                visit.ctx(),
                "cases.jte",
                Map.of(
                        "page",
                        new CaseView.CaseList(
                                room.staff(visit),
                                DeskView.Notice.NONE,
                                true,
                                access.may(visit.caller(), Permission.CASES),
                                listed.cases().stream()
                                        .map(one -> views.row(visit.t(), one))
                                        .toList())));
    }

    private void show(Visit visit, CaseView.Result told) {
        Cases.VisibleCase seen =
                disclosures.cases().look(visit.caller(), visit.ctx().pathParam("id"), AuditLog.newRequest());
        DeskPages.page(visit.ctx(), "case.jte", Map.of("page", views.one(visit, room.staff(visit), seen, told)));
    }

    /** Finds a patron by the whole card number and adds the ID to the decision, and shows nothing else. */
    private void find(Visit visit) {
        at(visit, DECISION, () -> {
            Form form = visit.form();
            Optional<String> card = form.filled(CARD).map(String::strip);
            SearchQuery query = new SearchQuery(
                    Optional.empty(),
                    card,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(Purpose.PATRON_REQUEST),
                    1,
                    Set.of(),
                    card.isPresent()
                            ? Optional.empty()
                            : Optional.of(RequestReader.invalid(visit.t().say("cases.type-card"))));
            List<String> found = search(visit, query).hits().stream()
                    .map(hit -> hit.id().toString())
                    .toList();
            Map<String, String> typed = new HashMap<>(form.texts());
            typed.put(
                    PATRONS, Stream.concat(ids(form), found.stream()).distinct().collect(Collectors.joining("\n")));
            if (!found.isEmpty()) {
                typed.remove(CARD);
            }
            String key = found.isEmpty() ? "cases.found-nobody" : "cases.found";
            show(visit, new CaseView.Result(DeskView.Notice.done(visit.t().say(key)), DECISION, typed));
        });
    }

    private Lookup.Result search(Visit visit, SearchQuery query) {
        try {
            return lookup.find(visit.caller(), query, AuditLog.newRequest()).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Refused refused) {
                throw refused;
            }
            throw e;
        }
    }

    private void release(Visit visit) {
        at(visit, "release", () -> {
            byte[] sealed = disclosures
                    .releases()
                    .release(
                            by(visit),
                            () -> new CaseReleases.Spec(
                                    visit.form()
                                            .filled("recipient")
                                            .orElseThrow(() -> RequestReader.invalid(
                                                    visit.t().say("cases.paste"))),
                                    List.of(),
                                    Set.of()));
            DisclosureApi.write(visit.ctx(), visit.ctx().pathParam("id"), sealed);
        });
    }
}
