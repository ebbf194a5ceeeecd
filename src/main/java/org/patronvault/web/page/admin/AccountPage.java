package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.account.SecondFactor;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.session.Sessions;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.QrCode;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/** The page {@code /account}, where staff change their own role, password and second factor and end open sessions. */
public final class AccountPage {
    public static final String PATH = "/account";

    /** An act of this page. It also shows the page that follows. */
    @FunctionalInterface
    private interface Work {
        void carryOut(Context ctx, Signed signed, Form form);
    }

    private final Access access;
    private final RequestReader requests;
    private final SessionCookie cookie;
    private final PageSession session;
    private final DeskViews desk;

    public AccountPage(WebUseCases parts, RequestReader requests, WebSettings settings) {
        this.access = parts.access();
        this.requests = requests;
        this.cookie = new SessionCookie(settings);
        this.session = new PageSession(parts, cookie);
        this.desk = new DeskViews(parts);
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> session.answer(ctx, signed -> show(ctx, signed, DeskView.Notice.NONE), this::never));
        post(routes, "/role", this::role);
        post(routes, "/end", this::end);
        post(routes, "/end-others", this::endOthers);
        post(routes, "/second-factor", this::begin);
        post(routes, "/second-factor/confirm", this::confirm);
    }

    private void never(Signed signed, Refused refused) {
        throw refused;
    }

    private void post(RoutesConfig routes, String path, Work work) {
        routes.post(
                PATH + path,
                ctx -> session.answer(
                        ctx,
                        signed -> work.carryOut(ctx, signed, session.posted(ctx, signed)),
                        (signed, refused) -> show(ctx, signed, DeskView.Notice.refused(refused.getMessage()))));
        routes.get(PATH + path, ctx -> ctx.redirect(PATH, HttpStatus.SEE_OTHER));
    }

    private void show(Context ctx, Signed signed, DeskView.Notice notice) {
        Actor self = signed.caller().actor();
        List<AdminView.OpenSession> open = AdminSessions.open(access.sessions(), Optional.of(self.name()), signed);
        DeskPages.page(
                ctx,
                "account.jte",
                Map.of(
                        "staff",
                        desk.staff(signed.caller(), signed.token()),
                        "notice",
                        notice,
                        "self",
                        new AdminView.OwnAccount(
                                access.accounts().find(self.name()).roles().stream()
                                        .map(role -> new DeskView.Choice(role, role, role.equals(self.role())))
                                        .toList(),
                                access.hasSecondFactor(self.name()),
                                open,
                                open.size() > 1)));
    }

    private void role(Context ctx, Signed signed, Form form) {
        String role = form.filled("role")
                .orElseThrow(() -> RequestReader.invalid(Texts.of(ctx).say("account.no-role")));
        Sessions.NewSession begun = access.sessions().actAs(signed.token(), role);
        cookie.set(ctx, begun.token());
        ctx.redirect("/", HttpStatus.SEE_OTHER);
    }

    private void end(Context ctx, Signed signed, Form form) {
        String id = form.text("session");
        if (id.equals(access.sessions().idOf(signed.token()))) {
            throw RequestReader.invalid(Texts.of(ctx).say("account.this-one"));
        }
        access.sessions().end(signed.caller().actor(), false, id);
        show(ctx, signed, DeskView.Notice.done(Texts.of(ctx).say("account.ended")));
    }

    private void endOthers(Context ctx, Signed signed, Form form) {
        int ended = access.sessions().endOthers(signed.token());
        show(ctx, signed, DeskView.Notice.done(Texts.of(ctx).say("account.ended-others", ended)));
    }

    /** Asks for the account's password again: a stranger at an unlocked screen could otherwise lock out the owner. */
    private SignIn.Credentials credentials(Context ctx, Signed signed, Form form) {
        String password = form.filled("password")
                .orElseThrow(() -> RequestReader.invalid(Texts.of(ctx).say("account.no-password")));
        return new SignIn.Credentials(signed.caller().actor().name(), password, form.text("otp"));
    }

    private void begin(Context ctx, Signed signed, Form form) {
        SecondFactor.Enrolment begun = access.secondFactor()
                .begin(access.signIn().prove(credentials(ctx, signed, form), cookie.origin(ctx, requests)));
        factor(
                ctx,
                signed,
                DeskView.Notice.NONE,
                Optional.of(new AdminView.Enrolment(
                        begun.secret(), QrCode.of(begun.uri()).svg())));
    }

    private void factor(Context ctx, Signed signed, DeskView.Notice notice, Optional<AdminView.Enrolment> enrolment) {
        DeskPages.page(
                ctx,
                "account-factor.jte",
                Map.of("staff", desk.staff(signed.caller(), signed.token()), "notice", notice, "enrolment", enrolment));
    }

    private void confirm(Context ctx, Signed signed, Form form) {
        List<String> codes;
        try {
            codes = access.signIn().confirm(credentials(ctx, signed, form), cookie.origin(ctx, requests));
        } catch (Refused e) {
            // The app has the secret already, so the form only asks for another code.
            DeskPages.mark(ctx, e);
            factor(ctx, signed, DeskView.Notice.refused(e.getMessage()), Optional.empty());
            return;
        }
        // Enrolling ended every session of the account, this one included.
        cookie.clear(ctx);
        DeskPages.page(ctx, "account-codes.jte", Map.of("codes", codes));
    }
}
