package org.patronvault.web.page.desk;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.change.Registration;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;

/** The page {@code /register}: a new patron with consent. It shows each value as stored beside the input. */
public final class RegisterPage {
    private static final String PATH = "/register";
    private static final List<String> FIELDS = Stream.of(
                    Stream.of("card", "phone", "phone2", "email", "email2", "library", "expires", "agrees"),
                    PatronForm.NAME.stream().map(part -> "name." + part),
                    PatronForm.ADDRESS.stream().map(part -> "address." + part))
            .flatMap(all -> all)
            .toList();

    /** The form fields shown as stored, and the kind of each. */
    private static final Map<String, String> STORED =
            Map.of("card", "card", "phone", "phone", "phone2", "phone", "email", "email", "email2", "email");

    private final WebUseCases parts;
    private final Patrons patrons;
    private final PageSession session;
    private final DeskViews views;

    public RegisterPage(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.patrons = parts.patrons();
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.views = new DeskViews(parts);
    }

    public void register(RoutesConfig routes) {
        routes.get(
                PATH,
                ctx -> answer(ctx, signed -> {
                    requireMay(signed);
                    show(ctx, signed, Form.parse(""), DeskView.Notice.NONE);
                }));
        routes.post(PATH, this::registerOne);
        routes.post("/stored", ctx -> answer(ctx, signed -> stored(ctx, signed, session.posted(ctx, signed))));
    }

    private void answer(Context ctx, Consumer<Signed> page) {
        session.answer(
                ctx,
                page,
                (signed, refused) -> show(ctx, signed, Form.parse(""), DeskView.Notice.refused(refused.getMessage())));
    }

    private void requireMay(Signed signed) {
        parts.access()
                .require(
                        signed.caller(),
                        Permission.REGISTER,
                        parts.log()
                                .event(
                                        signed.caller().actor(),
                                        ActKind.REGISTER,
                                        Outcome.REFUSED,
                                        AuditLog.newRequest()));
    }

    private void registerOne(Context ctx) {
        Form[] form = {Form.parse("")};
        session.answer(
                ctx,
                signed -> {
                    form[0] = session.posted(ctx, signed);
                    ObjectNode patron = PatronForm.registration(
                            form[0], parts.access().policyVersions().today());
                    Registration.Result done = patrons.registration()
                            .register(
                                    signed.caller(),
                                    () -> patron.path("card").textValue(),
                                    () -> patrons.json().parse(patron),
                                    Optional.empty(),
                                    AuditLog.newRequest());
                    Texts texts = signed.texts();
                    String similar = done.similar() == 0 ? "" : " " + texts.say("register.similar", done.similar());
                    String text = texts.say("register.done", Long.toString(done.entry())) + similar;
                    show(ctx, signed, Form.parse(""), DeskView.Notice.done(text));
                },
                (signed, refused) ->
                        show(ctx, signed, form[0], DeskView.Notice.refused(PatronForm.told(signed.texts(), refused))));
    }

    /** Answers one value as stored, or its fault. The browser sends the form and the name of the field it left. */
    private void stored(Context ctx, Signed signed, Form form) {
        requireMay(signed);
        String field = Optional.ofNullable(ctx.header("HX-Trigger-Name")).orElse("");
        String text = Optional.ofNullable(STORED.get(field))
                .flatMap(member -> form.filled(field).map(written -> said(signed, member, written)))
                .orElse("");
        DeskPages.page(ctx, "stored.jte", Map.of("text", text));
    }

    private String said(Signed signed, String member, String written) {
        try {
            return signed.texts().say("register.stored", patrons.json().stored(member, written));
        } catch (Refused e) {
            return PatronForm.told(signed.texts(), e);
        }
    }

    private void show(Context ctx, Signed signed, Form form, DeskView.Notice notice) {
        Map<String, String> typed = new HashMap<>();
        FIELDS.forEach(name -> typed.put(name, form.text(name)));
        typed.computeIfPresent(
                "library",
                (name, text) -> text.isBlank() ? signed.caller().actor().library() : text);
        RegisterView view = new RegisterView(
                views.staff(signed.caller(), signed.token()),
                notice,
                parts.access().may(signed.caller(), Permission.REGISTER),
                typed,
                DeskViews.categories(
                        signed.texts(),
                        Category.ofWireName(form.text("category")).orElse(Category.ADULT)),
                DeskViews.statuses(
                        signed.texts(), Status.ofWireName(form.text("status")).orElse(Status.ACTIVE)),
                views.policy());
        DeskPages.page(ctx, "register.jte", Map.of("view", view));
    }
}
