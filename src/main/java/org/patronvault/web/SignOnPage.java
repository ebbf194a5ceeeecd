package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.OpenIdSettings;
import org.patronvault.access.Sessions;
import org.patronvault.access.SignOn;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * Sign-on by a provider: the way there, and the way back. Both are links, since no form of ours may lead elsewhere
 * ({@code form-action}); and the way back ends in a page that goes on by itself, since a browser sends the session's
 * cookie along no redirection that began at another site.
 */
final class SignOnPage {
    static final String PATH = "/sign-on";

    private final SignOn signOn;
    private final RequestReader requests;
    private final SessionCookie cookie;
    private final PageSession session;

    SignOnPage(WebUseCases parts, RequestReader requests, WebSettings settings) {
        this.signOn = parts.access().signOn();
        this.requests = requests;
        this.cookie = new SessionCookie(settings);
        this.session = new PageSession(parts, cookie);
    }

    void register(RoutesConfig routes) {
        routes.get(PATH, this::begin);
        routes.get(OpenIdSettings.CALLBACK, this::finish);
    }

    private void begin(Context ctx) {
        try {
            session.requireUnsealed();
            if (SessionCookie.isFromElsewhere(ctx)) {
                throw new Refused(
                        Problem.FOREIGN_ORIGIN, "A page of another site led here; if you want to sign in, begin here.");
            }
            SignOn.Redirect began = signOn.begin(requests.origin(ctx));
            cookie.beginFlow(ctx, began.cookie(), SignOn.LONGEST_SECONDS);
            ctx.redirect(began.provider().toString(), HttpStatus.SEE_OTHER);
        } catch (Refused e) {
            refuse(ctx, e);
        }
    }

    private void finish(Context ctx) {
        Optional<String> flow = cookie.endFlow(ctx);
        try {
            session.requireUnsealed();
            Sessions.NewSession begun = signOn.finish(flow, ctx.queryParamMap(), requests.origin(ctx));
            cookie.set(ctx, begun.token());
            DeskPages.page(ctx, "signed-on.jte", Map.of());
        } catch (Refused e) {
            refuse(ctx, e);
        }
    }

    private void refuse(Context ctx, Refused refused) {
        DeskPages.mark(ctx, refused);
        if (refused.problem() == Problem.SEALED) {
            DeskPages.page(ctx, "sealed.jte", Map.of());
        } else {
            DeskPages.signInForm(ctx, DeskView.Notice.refused(refused.getMessage()), signOn.name());
        }
    }
}
