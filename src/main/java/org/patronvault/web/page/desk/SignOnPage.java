package org.patronvault.web.page.desk;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.session.Sessions;
import org.patronvault.access.signon.OpenIdSettings;
import org.patronvault.access.signon.SignOn;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.SessionCookie;

/**
 * Single sign-on by a provider: the link there and the link back. Both are links because {@code form-action} allows our
 * forms no other site. The return ends in a page that continues automatically: after a redirection that began at
 * another site, a browser sends no session cookie.
 */
public final class SignOnPage {
    static final String PATH = "/sign-on";

    private final SignOn signOn;
    private final RequestReader requests;
    private final SessionCookie cookie;
    private final PageSession session;

    public SignOnPage(WebUseCases parts, RequestReader requests, WebSettings settings) {
        this.signOn = parts.access().signOn();
        this.requests = requests;
        this.cookie = new SessionCookie(settings);
        this.session = new PageSession(parts, cookie);
    }

    public void register(RoutesConfig routes) {
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
