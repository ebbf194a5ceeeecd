package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.LogQuery;
import org.patronvault.audit.Outcome;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.privacy.AccessHistory;
import org.patronvault.privacy.LogFile;
import org.patronvault.web.PageSession.Signed;

/**
 * {@code /log}: who looked, a visit a line that unfolds; the same as a file; and the page a patron is given. What is
 * asked for is posted, so that no patron's id is in an address.
 */
final class LogPages {
    private static final String PATH = "/log";
    private static final List<String> POSTS = List.of("/log/file", "/log/report", "/log/package");

    private final WebParts parts;
    private final PageSession session;
    private final DeskViews desk;
    private final LogViews views = new LogViews(ZoneId.systemDefault());

    LogPages(WebParts parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts.access());
    }

    void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> answer(ctx, false, (signed, form) -> open(ctx, signed, form)));
        routes.post(PATH, ctx -> answer(ctx, true, (signed, form) -> search(ctx, signed, form)));
        routes.post("/log/file", ctx -> answer(ctx, true, (signed, form) -> file(ctx, signed, form)));
        routes.post("/log/report", ctx -> answer(ctx, true, (signed, form) -> report(ctx, signed, form)));
        routes.post("/log/package", ctx -> answer(ctx, true, (signed, form) -> makePackage(ctx, signed, form)));
        POSTS.forEach(path -> routes.get(path, ctx -> ctx.redirect(PATH, HttpStatus.SEE_OTHER)));
    }

    @FunctionalInterface
    private interface Page {
        void show(Signed signed, Form form);
    }

    /** Whoever is signed in and may read the log; others are sent to sign in, or refused in a sentence. */
    private void answer(Context ctx, boolean posted, Page page) {
        Form[] form = {Form.parse("")};
        session.answer(
                ctx,
                signed -> {
                    form[0] = posted ? session.posted(ctx, Optional.of(signed)) : form[0];
                    page.show(signed, form[0]);
                },
                (signed, refused) -> show(ctx, signed, form[0], Optional.of(refused)));
    }

    private void open(Context ctx, Signed signed, Form form) {
        if (!desk.staff(signed.caller(), signed.token()).readsLog()) {
            parts.access()
                    .require(
                            signed.caller(),
                            Question.may(Permission.READ_LOG),
                            parts.log()
                                    .event(
                                            signed.caller().actor(),
                                            Act.READ_LOG,
                                            Outcome.REFUSED,
                                            AuditLog.newRequest()));
        }
        show(ctx, signed, form, Optional.empty());
    }

    /** What was typed, or what is wrong with it, which is told once the policy was asked. */
    private static AccessHistory.Asked asked(Form form) {
        Faults faults = new Faults();
        Optional<LogQuery> query = faults.read(() -> LogQuery.parse(form::filled, ZoneId.systemDefault()));
        return new AccessHistory.Asked(LogQuery.patron(form::filled), query, faults.first());
    }

    private void search(Context ctx, Signed signed, Form form) {
        AccessHistory.Asked asked = asked(form);
        long before = form.filled("before").map(LogPages::index).orElse(Long.MAX_VALUE);
        AccessHistory.Search found = parts.privacy()
                .history()
                .search(signed.caller(), asked, before, LogSearchApi.DEFAULT_LIMIT, AuditLog.newRequest());
        String text = found.visits().isEmpty()
                ? "Nothing fits."
                : found.visits().size() == 1 ? "1 visit." : found.visits().size() + " visits.";
        render(
                ctx,
                signed,
                form,
                found.unreadable().isEmpty()
                        ? DeskView.Notice.done(text + " This look is entry " + found.entry() + ".")
                        : DeskView.Notice.refused(
                                "Entries were changed and cannot be read; a custodian must run `log verify`."),
                found.visits().stream().map(views::visit).toList(),
                found.next().isPresent()
                        ? Optional.of(Long.toString(found.next().getAsLong()))
                        : Optional.empty());
    }

    private static Long index(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw Requests.invalid("That page is none of ours.");
        }
        return Long.valueOf(text);
    }

    private void file(Context ctx, Signed signed, Form form) {
        LogFile.Format format =
                LogFile.Format.of(form.text("format")).orElseThrow(() -> Requests.invalid("A file is csv or jsonl."));
        AccessHistory.Asked asked = asked(form);
        LogSearchApi.stream(ctx, parts.privacy().history(), signed.caller(), asked, format);
    }

    private static Optional<PatronId> patron(Form form) {
        String typed =
                form.filled("patron").orElseThrow(() -> Requests.invalid("Say for whom it is: type the patron's id."));
        return PatronId.parse(typed.strip());
    }

    private void makePackage(Context ctx, Signed signed, Form form) {
        PackageApi.page(
                ctx,
                parts.privacy()
                        .packages()
                        .make(
                                signed.caller(),
                                patron(form),
                                ZoneId.systemDefault(),
                                Optional::empty,
                                AuditLog.newRequest()));
    }

    private void report(Context ctx, Signed signed, Form form) {
        LogSearchApi.page(
                ctx,
                parts.privacy()
                        .history()
                        .report(signed.caller(), patron(form), ZoneId.systemDefault(), AuditLog.newRequest()));
    }

    private void show(Context ctx, Signed signed, Form form, Optional<Refused> refused) {
        DeskView.Notice notice = refused.map(e -> e.problem() == Problem.NOT_ALLOWED
                        ? DeskView.Notice.refused("The policy does not let this role read the log.")
                        : DeskView.Notice.refused(e.getMessage()))
                .orElse(DeskView.Notice.NONE);
        render(ctx, signed, form, notice, List.of(), Optional.empty());
    }

    private void render(
            Context ctx,
            Signed signed,
            Form form,
            DeskView.Notice notice,
            List<LogView.Visit> visits,
            Optional<String> next) {
        Map<String, String> typed = new HashMap<>();
        LogQuery.MEMBERS.forEach(name -> typed.put(name, form.text(name)));
        LogView view = new LogView(
                desk.staff(signed.caller(), signed.token()),
                notice,
                typed,
                LogViews.purposes(form.text("purpose")),
                LogViews.acts(form.text("act")),
                LogViews.outcomes(form.text("outcome")),
                visits,
                next,
                parts.access()
                        .policy()
                        .ask(signed.caller(), Question.may(Permission.PACKAGE))
                        .allowed());
        DeskPages.page(ctx, "log.jte", Map.of("log", view));
    }
}
