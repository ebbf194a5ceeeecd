package org.patronvault.web.page.cases;

import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.patronvault.core.log.AuditLog;
import org.patronvault.privacy.disclosure.Designation;
import org.patronvault.privacy.disclosure.Designations;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.Navigation;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.cases.CasePageFlow.Visit;
import org.patronvault.web.page.desk.DeskPages;

/** The page {@code /cases/designations}: the director's written appointments of designees for record requests (P10). */
public final class DesignationPage {
    private static final String PATH = Navigation.CASES + "/designations";
    private static final String REVOKE = PATH + "/revoke";
    private static final List<String> LIVING = List.of("coming", "in-force");

    private final CasePageFlow room;
    private final Designations designations;
    private final AuditLog log;

    public DesignationPage(WebUseCases parts, WebSettings settings) {
        this.room = new CasePageFlow(parts, settings);
        this.designations = parts.privacy().disclosures().designations();
        this.log = parts.log();
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> room.look(ctx, visit -> show(visit, DeskView.Notice.NONE, visit.form())));
        routes.post(PATH, ctx -> room.posted(ctx, visit -> act(visit, this::make)));
        routes.post(REVOKE, ctx -> room.posted(ctx, visit -> act(visit, this::revoke)));
        routes.get(REVOKE, ctx -> ctx.redirect(PATH, HttpStatus.SEE_OTHER));
    }

    private void act(Visit visit, Function<Visit, String> work) {
        CasePageFlow.act(visit, work, (notice, typed) -> show(visit, notice, typed));
    }

    private String make(Visit visit) {
        Form form = visit.form();
        Designation made = designations.make(
                visit.caller(),
                () -> new Designations.Spec(
                        form.text("designee").strip(),
                        form.text("from"),
                        form.text("until"),
                        form.text("document").strip()),
                () -> room.key(visit),
                AuditLog.newRequest());
        return visit.t().say("cases.designated", made.designee());
    }

    private String revoke(Visit visit) {
        Designation revoked = designations.revoke(visit.caller(), visit.form().text("id"), AuditLog.newRequest());
        return visit.t().say("cases.undesignated", revoked.designee());
    }

    private void show(Visit visit, DeskView.Notice notice, Form typed) {
        Texts t = visit.t();
        Instant now = log.now();
        List<CaseView.DesignationRow> all = designations.all(visit.caller(), AuditLog.newRequest()).stream()
                .map(one -> new CaseView.DesignationRow(
                        one.id(),
                        one.designee(),
                        one.by(),
                        t.time(one.from()),
                        t.time(one.until()),
                        t.say("cases.designation." + one.state(now)),
                        one.document().orElse(""),
                        LIVING.contains(one.state(now))))
                .toList();
        DeskPages.page(
                visit.ctx(),
                "designations.jte",
                Map.of(
                        "page",
                        new CaseView.DesignationList(
                                room.staff(visit), notice, CasePageFlow.once(), all, typed.texts())));
    }
}
