package org.patronvault.web.page.desk;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.session.Sessions;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.Metrics;
import org.patronvault.web.http.Problems;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.HtmxRequest;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;

/**
 * The desk: sign-in, and one page for all acts. Acts are posts, so no input and no ID is in an address. A refusal is
 * one sentence on the page, with the status that the API would give.
 */
public final class DeskPages {
    private static final List<String> ACTS = List.of(
            "/find", "/open", "/reveal", "/verify", "/change", "/correct", "/replace-card", "/consent", "/forget");
    private static final String HOME = "/";

    /** After these refusals the open page can get no answer any more. */
    private static final Set<Problem> OVER = EnumSet.of(Problem.SEALED, Problem.FOREIGN_ORIGIN);

    /** Statuses of a wrong form, which stays so that the reader can correct it. */
    private static final Set<Integer> KEPT = Set.of(409, 422);

    private final WebUseCases parts;
    private final RequestReader requests;
    private final SessionCookie cookie;
    private final PageSession session;
    private final DeskViews views;
    private final DeskActs acts;
    private final DeskChanges changes;

    public DeskPages(WebUseCases parts, RequestReader requests, WebSettings settings) {
        this.parts = parts;
        this.requests = requests;
        this.cookie = new SessionCookie(settings);
        this.session = new PageSession(parts, cookie);
        this.views = new DeskViews(parts);
        this.acts = new DeskActs(parts.patrons(), views);
        this.changes = new DeskChanges(parts.patrons(), views, acts);
    }

    public void register(RoutesConfig routes) {
        routes.get(HOME, this::home);
        routes.post("/sign-in", this::signIn);
        routes.post("/lock", this::lock);
        routes.post("/find", ctx -> act(ctx, acts::find, (by, form, refused) -> DeskActs.Result.refused(refused)));
        routes.post("/open", ctx -> act(ctx, acts::open, acts::refused));
        routes.post("/reveal", ctx -> act(ctx, acts::reveal, acts::refused));
        routes.post("/verify", ctx -> act(ctx, acts::verify, acts::refused));
        routes.post("/change", ctx -> act(ctx, changes::form, acts::refused));
        routes.post("/correct", ctx -> act(ctx, changes::correct, changes::refused, KEPT));
        routes.post("/replace-card", ctx -> act(ctx, changes::replaceCard, changes::refused, KEPT));
        routes.post("/consent", ctx -> act(ctx, changes::consent, changes::refused, KEPT));
        routes.post("/forget", ctx -> act(ctx, changes::forget, changes::refused, KEPT));
        // A browser that reopens its last address sends GET.
        ACTS.forEach(path -> routes.get(path, DeskPages::toHome));
        routes.get("/sign-in", DeskPages::toHome);
        routes.get("/lock", DeskPages::toHome);
    }

    private static void toHome(Context ctx) {
        ctx.redirect(HOME, HttpStatus.SEE_OTHER);
    }

    private void home(Context ctx) {
        try {
            Optional<Signed> signed = session.signed(ctx);
            if (signed.isPresent()) {
                desk(ctx, signed.get(), "", DeskActs.Result.NOTHING);
            } else {
                boolean ended = cookie.token(ctx).isPresent();
                signInForm(
                        ctx,
                        ended ? DeskView.Notice.done(Texts.of(ctx).say("sign-in.ended")) : DeskView.Notice.NONE,
                        provider());
            }
        } catch (Refused e) {
            refuse(ctx, Optional.empty(), e);
        }
    }

    private void signIn(Context ctx) {
        try {
            session.requireUnsealed();
            cookie.requireSameOrigin(ctx);
            Form form = Form.of(ctx);
            String name = form.filled("username").orElseThrow(() -> incomplete(ctx));
            String password = form.filled("password").orElseThrow(() -> incomplete(ctx));
            SignInOrigin origin = cookie.origin(ctx, requests);
            Sessions.NewSession begun = parts.access()
                    .begin(
                            new SignIn.Credentials(name, password, form.text("otp")),
                            form.filled("role").map(String::strip),
                            origin);
            cookie.set(ctx, begun.token());
            cookie.remember(ctx, parts.access().remembering(origin, name));
            toHome(ctx);
        } catch (Refused e) {
            refuse(ctx, Optional.empty(), e);
        }
    }

    private Optional<String> provider() {
        return parts.access().signOn().name();
    }

    private static Refused incomplete(Context ctx) {
        return RequestReader.invalid(Texts.of(ctx).say("sign-in.incomplete"));
    }

    private void lock(Context ctx) {
        Optional<Signed> signed = Optional.empty();
        try {
            signed = session.signed(ctx);
            cookie.requireSameOrigin(ctx);
            Form form = Form.of(ctx);
            if (signed.isPresent()) {
                SessionCookie.requireFormToken(form, signed.get().token());
                parts.access().sessions().end(signed.get().token());
            }
            cookie.clear(ctx);
            toHome(ctx);
        } catch (Refused e) {
            refuse(ctx, signed, e);
        }
    }

    private void act(Context ctx, DeskActs.Act act, DeskActs.Refusal refusal) {
        act(ctx, act, refusal, Set.of());
    }

    /** {@code kept} lists the statuses after which the browser's form stays with its input. */
    private void act(Context ctx, DeskActs.Act act, DeskActs.Refusal refusal, Set<Integer> kept) {
        Optional<Signed> signed = Optional.empty();
        try {
            signed = session.signed(ctx);
            Form form = session.posted(ctx, signed);
            Signed by = signed.orElseThrow();
            ctx.future(() -> begin(act, by, form).handle((shown, fault) -> {
                if (fault == null) {
                    desk(ctx, by, form.text("purpose"), shown);
                } else {
                    Refused refused = refused(fault);
                    mark(ctx, refused);
                    if (HtmxRequest.isPart(ctx) && kept.contains(ctx.statusCode())) {
                        HtmxRequest.butTheNotice(ctx);
                    }
                    desk(ctx, by, form.text("purpose"), refusal.show(by, form, refused));
                }
                return null;
            }));
        } catch (Refused e) {
            refuse(ctx, signed, e);
        }
    }

    private static CompletableFuture<DeskActs.Result> begin(DeskActs.Act act, Signed by, Form form) {
        try {
            return act.run(by, form);
        } catch (Refused e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Returns the refusal in {@code fault}, and rethrows anything else as a failure for {@link Problems}. */
    public static Refused refused(Throwable fault) {
        Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
        if (cause instanceof Refused refused) {
            return refused;
        }
        throw new CompletionException(cause);
    }

    private void refuse(Context ctx, Optional<Signed> signed, Refused refused) {
        mark(ctx, refused);
        if (HtmxRequest.isPart(ctx) && (signed.isEmpty() || OVER.contains(refused.problem()))) {
            // The page has no desk for an answer: the browser goes to the page that explains it.
            HtmxRequest.goTo(ctx, HOME);
            return;
        }
        if (refused.problem() == Problem.SEALED) {
            page(ctx, "sealed.jte", Map.of());
        } else if (signed.isPresent()) {
            desk(ctx, signed.get(), "", DeskActs.Result.refused(refused));
        } else {
            signInForm(ctx, DeskView.Notice.refused(refused.getMessage()), provider());
        }
    }

    public static void mark(Context ctx, Refused refused) {
        int status = Problems.statusOf(refused.problem());
        Metrics.refused(ctx, refused.problem());
        ctx.status(status);
        if (status == 401) {
            ctx.header("WWW-Authenticate", "Bearer");
        }
        if (refused.retryAfterSeconds() > 0) {
            ctx.header("Retry-After", Integer.toString(refused.retryAfterSeconds()));
        }
    }

    private void desk(Context ctx, Signed signed, String purpose, DeskActs.Result shown) {
        page(
                ctx,
                HtmxRequest.isPart(ctx) ? "desk-answer.jte" : "desk.jte",
                Map.of(
                        "desk",
                        new DeskView(
                                views.staff(signed.caller(), signed.token()),
                                shown.notice(),
                                views.search(signed, purpose),
                                shown.matches(),
                                shown.card())));
    }

    /** @param provider name of the account for single sign-on, if there is one */
    static void signInForm(Context ctx, DeskView.Notice notice, Optional<String> provider) {
        page(ctx, "sign-in.jte", Map.of("notice", notice, "provider", provider.orElse("")));
    }

    public static void page(Context ctx, String template, Map<String, Object> model) {
        ctx.render(template, model);
        ctx.contentType("text/html; charset=utf-8");
    }
}
