package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.CaseId;
import org.patronvault.model.Refused;
import org.patronvault.privacy.disclosure.OfficerScript;
import org.patronvault.web.PageSession.Signed;

/**
 * An officer is here (P10): a case is opened, the director is told, and the page shows nothing of any patron but what to
 * say and to do. That it shows whatever happens: whoever stands before an officer is never left with an error.
 */
final class OfficerPage {
    private static final String PATH = "/officer";
    private static final int WINDOW_SECONDS = 60;

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;

    OfficerPage(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    void register(RoutesConfig routes) {
        routes.post(PATH, this::here);
        // A browser that reopens its last address asks for it.
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
            // Whatever is broken, the script is not.
            ctx.status(HttpStatus.SERVICE_UNAVAILABLE);
        }
        show(ctx, staff, "officer.title", opened, follows, known);
    }

    /** The case of this session and minute; one that was opened in the minute before, if there is. */
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
     * What to say and to do.
     *
     * @param opened the case; empty if there could be none
     * @param follows whether that one may look at it
     * @param known the form for what becomes known, if there is a case
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
