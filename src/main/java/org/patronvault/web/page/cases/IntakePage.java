package org.patronvault.web.page.cases;

import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.Refused;
import org.patronvault.privacy.disclosure.CaseIntake;
import org.patronvault.privacy.disclosure.CaseWorkflow;
import org.patronvault.privacy.disclosure.Disclosures;
import org.patronvault.privacy.disclosure.StepInput;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Navigation;
import org.patronvault.web.page.cases.CasePageFlow.Visit;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The page {@code /cases/new} (P10), where any member of staff records a request and adds later facts. Staff without a
 * part in cases see only the number and what to do.
 */
public final class IntakePage {
    private static final String NEW = Navigation.CASES + "/new";
    private static final String ADD = "/officer/intake";
    private static final String CASE = "case";

    private final CasePageFlow room;
    private final Disclosures disclosures;

    public IntakePage(WebUseCases parts, WebSettings settings) {
        this.room = new CasePageFlow(parts, settings);
        this.disclosures = parts.privacy().disclosures();
    }

    public void register(RoutesConfig routes) {
        routes.get(NEW, ctx -> room.look(ctx, visit -> form(visit, DeskView.Notice.NONE)));
        routes.post(NEW, ctx -> room.posted(ctx, this::takeDown));
        routes.post(ADD, ctx -> room.posted(ctx, this::add));
        routes.get(ADD, ctx -> ctx.redirect("/", HttpStatus.SEE_OTHER));
    }

    private void form(Visit visit, DeskView.Notice notice) {
        DeskPages.page(visit.ctx(), "case-new.jte", Map.of("page", intake(room.staff(visit), visit, notice, true)));
    }

    /** Builds a form of the known facts. */
    static CaseView.Intake intake(DeskView.Staff staff, Visit visit, DeskView.Notice notice, boolean keeps) {
        Map<String, String> typed = keeps ? visit.form().texts() : Map.of();
        return new CaseView.Intake(
                staff,
                notice,
                CasePageFlow.once(),
                CaseViews.instruments(visit.t(), typed.getOrDefault("instrument", "")),
                typed);
    }

    /** Returns the input for the members of an intake. */
    static Map<String, String> members(StepInput said) {
        Map<String, String> members = new HashMap<>();
        CaseIntake.MEMBERS.forEach(member -> said.said(member).ifPresent(text -> members.put(member, text)));
        return members;
    }

    private static Map<String, String> members(Visit visit) {
        return members(new StepInput(member -> visit.form().filled(member).map(CasePages::lines), List.of(), Set.of()));
    }

    private void takeDown(Visit visit) {
        try {
            CaseId id = disclosures
                    .cases()
                    .open(visit.caller(), false, () -> members(visit), () -> room.key(visit), AuditLog.newRequest());
            show(visit, id, DeskView.Notice.NONE, false);
        } catch (Refused e) {
            DeskPages.mark(visit.ctx(), e);
            form(visit, DeskView.Notice.refused(e.getMessage()));
        }
    }

    /** Adds later facts to a case that the caller recorded. */
    private void add(Visit visit) {
        Optional<CaseId> id = CaseId.parse(visit.form().text(CASE));
        try {
            CaseWorkflow.StepRequest by = new CaseWorkflow.StepRequest(
                    visit.caller(), id.map(CaseId::toString).orElse(""), () -> room.key(visit), AuditLog.newRequest());
            CaseId added = disclosures.acts().add(by, () -> members(visit)).id();
            show(visit, added, DeskView.Notice.done(visit.t().say("officer.added")), false);
        } catch (Refused e) {
            DeskPages.mark(visit.ctx(), e);
            if (id.isEmpty()) {
                throw e;
            }
            show(visit, id.get(), DeskView.Notice.refused(e.getMessage()), true);
        }
    }

    private void show(Visit visit, CaseId id, DeskView.Notice notice, boolean keeps) {
        DeskView.Staff staff = room.staff(visit);
        OfficerPage.show(
                visit.ctx(),
                Optional.of(staff),
                "cases.taken-down",
                Optional.of(id),
                disclosures.cases().hasPart(visit.caller()),
                Optional.of(intake(staff, visit, notice, keeps)));
    }
}
