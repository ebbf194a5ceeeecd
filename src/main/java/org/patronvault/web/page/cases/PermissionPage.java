package org.patronvault.web.page.cases;

import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpStatus;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.patronvault.core.log.AuditLog;
import org.patronvault.privacy.disclosure.WrittenPermission;
import org.patronvault.privacy.disclosure.WrittenPermissions;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.cases.CasePageFlow.Visit;
import org.patronvault.web.page.desk.DeskActs;
import org.patronvault.web.page.desk.DeskPages;

/** The page {@code /permissions}, reached from a patron record: the patron's written permissions to disclose (P3). */
public final class PermissionPage {
    private static final String PATH = "/permissions";

    private final CasePageFlow room;
    private final WrittenPermissions permissions;
    private final AuditLog log;

    public PermissionPage(WebUseCases parts, WebSettings settings) {
        this.room = new CasePageFlow(parts, settings);
        this.permissions = parts.privacy().disclosures().permissions();
        this.log = parts.log();
    }

    public void register(RoutesConfig routes) {
        post(routes, PATH, visit -> "");
        post(routes, PATH + "/make", this::make);
        post(routes, PATH + "/revoke", this::revoke);
    }

    private void post(RoutesConfig routes, String path, Function<Visit, String> work) {
        routes.post(path, ctx -> room.posted(ctx, visit -> act(visit, work)));
        // A browser that reopens its last address sends GET, and no address names the patron.
        routes.get(path, ctx -> ctx.redirect("/", HttpStatus.SEE_OTHER));
    }

    private void act(Visit visit, Function<Visit, String> work) {
        CasePageFlow.act(visit, work, (notice, typed) -> show(visit, notice, typed));
    }

    private String make(Visit visit) {
        Form form = visit.form();
        permissions.make(
                visit.caller(),
                DeskActs.patron(form),
                () -> new WrittenPermissions.Spec(
                        form.text("recipient"),
                        CasePageFlow.fields(form),
                        form.text("signed"),
                        form.text("until"),
                        form.text("document").strip()),
                () -> room.key(visit),
                AuditLog.newRequest());
        return visit.t().say("permissions.made");
    }

    private String revoke(Visit visit) {
        permissions.revoke(
                visit.caller(), DeskActs.patron(visit.form()), visit.form().text("permission"), AuditLog.newRequest());
        return visit.t().say("permissions.revoked");
    }

    private void show(Visit visit, DeskView.Notice notice, Form typed) {
        List<CaseView.PermissionRow> papers =
                permissions.of(visit.caller(), DeskActs.patron(visit.form()), AuditLog.newRequest()).stream()
                        .map(one -> paper(visit.t(), one))
                        .toList();
        DeskPages.page(
                visit.ctx(),
                "permissions.jte",
                Map.of(
                        "page",
                        new CaseView.PermissionList(
                                room.staff(visit),
                                notice,
                                CasePageFlow.once(),
                                visit.form().text("patron"),
                                papers,
                                CasePageFlow.fields(visit.t(), typed.chosen(CasePageFlow.FIELD)),
                                typed.texts())));
    }

    private CaseView.PermissionRow paper(Texts t, WrittenPermission one) {
        boolean inForce = one.isInForce(log.now());
        String state = inForce ? "in-force" : one.revoked().isPresent() ? "revoked" : "ended";
        return new CaseView.PermissionRow(
                one.id(),
                one.recipient(),
                DecisionViews.fields(t, one.fields()),
                one.signed(),
                t.time(one.until()),
                t.say("cases.designation." + state),
                one.by(),
                one.document().orElse(""),
                inForce);
    }
}
