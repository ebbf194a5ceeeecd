package org.patronvault.web.page.cases;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.Refused;
import org.patronvault.privacy.disclosure.OfficerScript;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The page for the moment an officer is at the desk (P10). It opens a case, notifies the director, and shows only what
 * to say and do, nothing of any patron. It shows that script whatever fails, so staff before an officer never see an
 * error.
 */
public final class OfficerPage {
    private static final String PATH = "/officer";
    private static final int WINDOW_SECONDS = 60;

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;

    public OfficerPage(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    public void register(RoutesConfig routes) {
        routes.post(PATH, this::here);
        // A browser that reopens its last address sends GET.
        routes.get(PATH, ctx -> ctx.redirect("/", HttpStatus.SEE_OTHER));
    }

    private void here(Context ctx) {
        Optional<DeskView.Staff> staff = Optional.empty();
        Optional<CaseId> opened = Optional.empty();
        boolean follows = false;
        Optional<CaseView.Intake> known = Optional.empty();
        try {
            Optional<Signed> signed = session.signed(ctx);
            session.posted(ctx, signed);
            opened = Optional.of(open(signed.orElseThrow()));
            staff = signed.map(one -> desk.staff(one.caller(), one.token()));
            follows = parts.privacy()
                    .disclosures()
                    .cases()
                    .hasPart(signed.orElseThrow().caller());
            known = Optional.of(IntakePage.intake(
                    staff.orElseThrow(),
                    new CasePageFlow.Visit(ctx, signed.orElseThrow(), Form.parse("")),
                    DeskView.Notice.NONE,
                    false));
        } catch (Refused e) {
            DeskPages.mark(ctx, e);
        } catch (RuntimeException e) {
            // The page still shows the script.
            ctx.status(HttpStatus.SERVICE_UNAVAILABLE);
        }
        show(ctx, staff, "officer.title", opened, follows, known);
    }

    /** Returns the case of this session and minute, or the case opened in the minute before. */
    private CaseId open(Signed signed) {
        IdempotencyStore replay = parts.access().replay();
        Instant now = parts.log().now();
        Optional<IdempotencyStore.Key> key = key(signed, now);
        return replay.answered(key(signed, now.minusSeconds(WINDOW_SECONDS)))
                .or(() -> replay.answered(key))
                .flatMap(CaseId::parse)
                .orElseGet(() -> {
                    try {
                        return parts.privacy()
                                .disclosures()
                                .cases()
                                .open(signed.caller(), true, Map::of, () -> key, AuditLog.newRequest());
                    } catch (Refused e) {
                        return replay.answered(key).flatMap(CaseId::parse).orElseThrow(() -> e);
                    }
                });
    }

    private Optional<IdempotencyStore.Key> key(Signed signed, Instant at) {
        String press = SessionCookie.formToken(signed.token()) + " " + at.getEpochSecond() / WINDOW_SECONDS;
        return parts.access().replay().key(signed.caller(), Optional.of(press), "POST " + PATH, new byte[0]);
    }

    /**
     * Shows what to say and do.
     *
     * @param opened the case, or empty if none could be opened
     * @param follows whether the caller may see it
     * @param known the form for later facts, if there is a case
     */
    static void show(
            Context ctx,
            Optional<DeskView.Staff> staff,
            String title,
            Optional<CaseId> opened,
            boolean follows,
            Optional<CaseView.Intake> known) {
        Map<String, Object> model = new HashMap<>();
        model.put("script", OfficerScript.get());
        model.put("title", title);
        model.put("opened", opened.map(CaseId::toString).orElse(""));
        model.put("follows", follows);
        known.ifPresent(form -> model.put("known", form));
        staff.ifPresent(one -> model.put("staff", one));
        DeskPages.page(ctx, "officer.jte", model);
    }
}
