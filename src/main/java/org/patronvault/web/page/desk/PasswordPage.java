package org.patronvault.web.page.desk;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;
import org.patronvault.access.Access;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.signon.SignOn;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;

/**
 * The page where a person sets their password, with the present password or an activation code. A new account is
 * unusable before that. The page needs no session and shows no input again.
 */
public final class PasswordPage {
    private static final String PATH = "/password";

    private final Access access;
    private final SignOn signOn;
    private final Accounts accounts;
    private final SealControl seal;
    private final RequestReader requests;
    private final SessionCookie cookie;

    public PasswordPage(WebUseCases parts, RequestReader requests, WebSettings settings) {
        this.access = parts.access();
        this.signOn = parts.access().signOn();
        this.accounts = parts.access().accounts();
        this.seal = parts.seal();
        this.requests = requests;
        this.cookie = new SessionCookie(settings);
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> show(ctx, DeskView.Notice.NONE));
        routes.post(PATH, this::set);
    }

    private void show(Context ctx, DeskView.Notice notice) {
        DeskPages.page(ctx, seal.isSealed() ? "sealed.jte" : "password.jte", Map.of("notice", notice));
    }

    private void set(Context ctx) {
        try {
            if (seal.isSealed()) {
                throw new Refused(Problem.SEALED, "The vault is sealed.", 5);
            }
            cookie.requireSameOrigin(ctx);
            Form form = Form.of(ctx);
            String name = form.filled("username").orElseThrow(() -> incomplete(ctx));
            String current = form.filled("current").orElseThrow(() -> incomplete(ctx));
            String password = form.filled("password").orElseThrow(() -> incomplete(ctx));
            if (!password.equals(form.text("again"))) {
                throw RequestReader.invalid(Texts.of(ctx).say("password.two-ways"));
            }
            SignIn.Credentials given = new SignIn.Credentials(name, current, form.text("otp"));
            SignInOrigin origin = cookie.origin(ctx, requests);
            accounts.setOwnPassword(access.signIn().prove(given, origin), password);
            cookie.remember(ctx, access.remembering(origin, name));
            DeskPages.signInForm(ctx, DeskView.Notice.done(Texts.of(ctx).say("password.done")), signOn.name());
        } catch (Refused e) {
            DeskPages.mark(ctx, e);
            show(ctx, DeskView.Notice.refused(e.getMessage()));
        }
    }

    private static Refused incomplete(Context ctx) {
        return RequestReader.invalid(Texts.of(ctx).say("password.incomplete"));
    }
}
