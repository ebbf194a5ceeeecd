package org.patronvault.web.page.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.Navigation;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/** The common part of the administration pages: checks who may enter, carries out an act and shows its result. */
public final class AdminPageFlow {
    public static final String PATH = "/admin";

    /** The administration pages. */
    enum Part {
        STAFF(PATH, "admin.tab.staff", ActKind.STAFF),
        CLIENTS("/admin/clients", "admin.tab.clients", ActKind.CLIENT),
        APPROVALS(Navigation.APPROVALS, "admin.tab.approvals", ActKind.APPROVAL),
        SESSIONS("/admin/sessions", "admin.tab.sessions", ActKind.STAFF),
        POLICY("/admin/policy", "admin.tab.policy", ActKind.STAFF),
        DOCTOR("/admin/doctor", "admin.tab.doctor", ActKind.STAFF);

        private final String path;
        private final String key;
        private final ActKind act;

        /** {@code act} is the name of a refused entry in the log. */
        Part(String path, String key, ActKind act) {
            this.path = path;
            this.key = key;
            this.act = act;
        }

        /**
         * Permissions of which any one opens this page. The approvals page is open to anyone with a part in approvals.
         */
        private List<Permission> any() {
            return switch (this) {
                case STAFF, SESSIONS -> List.of(Permission.STAFF);
                case CLIENTS -> List.of(Permission.CLIENTS);
                case POLICY, DOCTOR -> List.of(Permission.STAFF, Permission.CLIENTS);
                case APPROVALS -> List.of();
            };
        }

        String path() {
            return path;
        }
    }

    /** An admitted member of staff, and the form they sent. */
    record Visit(Context ctx, Signed signed, Form form, Texts t) {
        Caller caller() {
            return signed.caller();
        }

        String text(String name) {
            return form.text(name);
        }
    }

    /** The result of a posted form. */
    record Result(DeskView.Notice notice, Optional<AdminView.Secret> secret) {
        static final Result NOTHING = new Result(DeskView.Notice.NONE, Optional.empty());

        static Result done(String text) {
            return new Result(DeskView.Notice.done(text), Optional.empty());
        }

        /** The result of an act on an account or a client: done, with any secret it made, or waiting for approval. */
        static Result of(Visit visit, Part part, String act, String name, Done done) {
            if (done.waits()) {
                return done(visit.t().say("admin.waits"));
            }
            String group = part == Part.CLIENTS ? "admin.clients." : "admin.staff.";
            Result told = done(visit.t().say(group + "done." + act, name));
            return done.secret()
                    .map(secret -> told.showing(new AdminView.Secret(
                            visit.t().say(group + "secret", name),
                            secret,
                            visit.t().say(group + "secret-help"))))
                    .orElse(told);
        }

        Result showing(AdminView.Secret shown) {
            return new Result(notice, Optional.of(shown));
        }

        boolean refused() {
            return notice.refused();
        }
    }

    /** An act that is done or waits for a second person, and the secret it made. */
    record Done(boolean waits, Optional<String> secret) {}

    /** Shows a page to an admitted member of staff. */
    @FunctionalInterface
    interface PageHandler {
        void show(Visit visit, Result told);
    }

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;

    AdminPageFlow(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    /** Registers a page for GET. */
    void look(RoutesConfig routes, Part part, PageHandler show) {
        routes.get(part.path, ctx -> answer(ctx, part, false, show, visit -> Result.NOTHING));
    }

    /** Registers an act for POST to {@code path}. The page is shown again afterwards. */
    void act(RoutesConfig routes, Part part, String path, PageHandler show, Function<Visit, Result> work) {
        routes.post(path, ctx -> answer(ctx, part, true, show, work));
        if (!path.equals(part.path)) {
            // A browser that reopens its last address sends GET.
            routes.get(path, ctx -> ctx.redirect(part.path, HttpStatus.SEE_OTHER));
        }
    }

    private void answer(Context ctx, Part part, boolean posted, PageHandler show, Function<Visit, Result> work) {
        Texts texts = Texts.of(ctx);
        session.answer(
                ctx,
                signed -> {
                    Form form = posted ? session.posted(ctx, signed) : Form.parse("");
                    Visit visit = new Visit(ctx, signed, form, texts);
                    if (!posted && part == Part.STAFF && isForClientsAlone(signed.caller())) {
                        ctx.redirect(Part.CLIENTS.path, HttpStatus.SEE_OTHER);
                        return;
                    }
                    admit(signed.caller(), part);
                    show.show(visit, told(part, visit, work));
                },
                (signed, refused) -> page(
                        "admin-closed.jte",
                        new Visit(ctx, signed, Form.parse(""), texts),
                        new Result(
                                DeskView.Notice.refused(
                                        refused.problem() == Problem.NOT_ALLOWED
                                                ? texts.say("admin.closed")
                                                : refused.getMessage()),
                                Optional.empty()),
                        part,
                        Map.of("title", texts.say(part.key))));
    }

    private boolean isForClientsAlone(Caller caller) {
        return !isOpen(caller, Part.STAFF) && isOpen(caller, Part.CLIENTS);
    }

    private Result told(Part part, Visit visit, Function<Visit, Result> work) {
        try {
            return parts.log().logging(attempt(visit.caller(), part), () -> work.apply(visit));
        } catch (Refused e) {
            DeskPages.mark(visit.ctx(), e);
            return new Result(DeskView.Notice.refused(e.getMessage()), Optional.empty());
        }
    }

    private AccessEvent attempt(Caller caller, Part part) {
        return parts.log().event(caller.actor(), part.act, Outcome.REFUSED, AuditLog.newRequest());
    }

    private void admit(Caller caller, Part part) {
        if (part == Part.APPROVALS) {
            parts.access().requirePartInApprovals(caller, attempt(caller, part));
        } else if (!isOpen(caller, part)) {
            parts.access().require(caller, part.any().get(0), attempt(caller, part));
        }
    }

    /** Whether the caller may open the page. */
    boolean isOpen(Caller caller, Part part) {
        return part == Part.APPROVALS
                ? parts.access().hasPartInApprovals(caller)
                : part.any().stream().anyMatch(permission -> parts.access().may(caller, permission));
    }

    /** Runs an act that may need a second person. A resent form has no second effect. */
    Done once(Visit visit, Function<Approvals.Requester, Approvals.Answer> act) {
        Function<Approvals.Answer, String> json = answer -> {
            ObjectNode kept = JsonResponses.object().put("waits", answer.filed().isPresent());
            answer.secret().ifPresent(secret -> kept.put("secret", secret));
            return kept.toString();
        };
        JsonNode kept = JsonResponses.parse(repeatable(
                visit,
                key -> json.apply(act.apply(new Approvals.Requester(
                        visit.caller().actor(), Optional.empty(), new IdempotencyStore.Once<>(key, json))))));
        return new Done(
                kept.path("waits").asBoolean(),
                Optional.of(kept.path("secret").asText()).filter(secret -> !secret.isEmpty()));
    }

    /** Returns the result of {@code act}, or its earlier result if this form came before. */
    String repeatable(Visit visit, Function<Optional<IdempotencyStore.Key>, String> act) {
        IdempotencyStore replay = parts.access().replay();
        Optional<IdempotencyStore.Key> key = replay.key(
                visit.caller(),
                visit.form()
                        .filled("once")
                        .map(once -> once + " " + visit.form().fingerprint()),
                "POST " + visit.ctx().path(),
                new byte[0]);
        return replay.answered(key).orElseGet(() -> {
            try {
                return act.apply(key);
            } catch (Refused e) {
                return replay.answered(key).orElseThrow(() -> e);
            }
        });
    }

    /** Renders an administration page. */
    void page(String template, Visit visit, Result told, Part part, Map<String, Object> model) {
        Map<String, Object> all = new HashMap<>(model);
        all.put("room", frame(visit.signed(), told, part));
        DeskPages.page(visit.ctx(), template, all);
    }

    private AdminView.Frame frame(Signed signed, Result told, Part part) {
        List<DeskView.NavigationLink> tabs = Arrays.stream(Part.values())
                .filter(one -> isOpen(signed.caller(), one))
                .map(one -> new DeskView.NavigationLink(one.path, one.key))
                .toList();
        return new AdminView.Frame(
                desk.staff(signed.caller(), signed.token()),
                told.notice(),
                told.secret(),
                tabs,
                part.path,
                UUID.randomUUID().toString());
    }

    Access access() {
        return parts.access();
    }

    WebUseCases parts() {
        return parts;
    }
}
