package org.patronvault.web.page.log;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LogQuery;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.log.count.DayCounter;
import org.patronvault.log.report.AccessHistory;
import org.patronvault.log.report.LogFile;
import org.patronvault.log.report.LogOverview;
import org.patronvault.web.api.LogSearchApi;
import org.patronvault.web.api.PackageApi;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestValidation;
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
import org.patronvault.web.page.desk.DeskPages;

/**
 * The pages under {@code /log}: the log's state, its alerts, the last days, and a search with one line a visit. They
 * also export a search as a file and make a patron's access report. Queries are posted, so no patron ID is in an
 * address.
 */
public final class LogPages {
    private static final String PATH = "/log";
    private static final List<String> POSTS =
            List.of("/log/file", "/log/report", "/log/package", "/log/reviewed", "/log/verify");

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;
    private final LogOverview overview;

    public LogPages(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
        this.overview = parts.privacy().logOverview();
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> answer(ctx, false, (signed, form) -> open(ctx, signed, form)));
        routes.post(PATH, ctx -> answer(ctx, true, (signed, form) -> search(ctx, signed, form)));
        routes.post("/log/file", ctx -> answer(ctx, true, (signed, form) -> file(ctx, signed, form)));
        routes.post("/log/report", ctx -> answer(ctx, true, (signed, form) -> report(ctx, signed, form)));
        routes.post("/log/package", ctx -> answer(ctx, true, (signed, form) -> makePackage(ctx, signed, form)));
        routes.post("/log/reviewed", ctx -> answer(ctx, true, (signed, form) -> mark(ctx, signed, form)));
        routes.post("/log/verify", ctx -> answer(ctx, true, (signed, form) -> verify(ctx, signed)));
        routes.get("/log/verification", ctx -> part(ctx, signed -> verification(ctx, signed)));
        routes.get("/log/days", ctx -> part(ctx, signed -> days(ctx, signed)));
        POSTS.forEach(path -> routes.get(path, ctx -> ctx.redirect(PATH, HttpStatus.SEE_OTHER)));
    }

    @FunctionalInterface
    private interface Page {
        void show(Signed signed, Form form);
    }

    /** Answers signed-in staff who may read the log. Others are sent to sign in, or refused in a sentence. */
    private void answer(Context ctx, boolean posted, Page page) {
        Form[] form = {Form.parse("")};
        session.answer(
                ctx,
                signed -> {
                    form[0] = posted ? session.posted(ctx, signed) : form[0];
                    page.show(signed, form[0]);
                },
                (signed, refused) -> show(ctx, signed, form[0], notice(signed.texts(), refused), PageContent.NOTHING));
    }

    /** Answers an open page with a part of it. A request for no part gets the whole page. */
    private void part(Context ctx, Consumer<Signed> part) {
        if (!HtmxRequest.isPart(ctx)) {
            ctx.redirect(PATH, HttpStatus.SEE_OTHER);
            return;
        }
        session.answer(ctx, part, (signed, refused) -> HtmxRequest.goTo(ctx, PATH));
    }

    private boolean readsWhole(Signed signed) {
        return parts.access().may(signed.caller(), Permission.READ_LOG);
    }

    /** Marks the ticked alerts as reviewed, or all shown alerts. */
    private void mark(Context ctx, Signed signed, Form form) {
        Texts t = Texts.of(ctx);
        DeskView.Notice notice;
        try {
            int marked = overview.alerts().mark(signed.caller(), () -> ticked(form, t), AuditLog.newRequest());
            notice = DeskView.Notice.done(t.say("log.marked", marked));
        } catch (Refused e) {
            if (!readsWhole(signed)) {
                throw e;
            }
            DeskPages.mark(ctx, e);
            notice = DeskView.Notice.refused(e.getMessage());
        }
        overview(ctx, signed, notice);
    }

    private static List<Long> ticked(Form form, Texts t) {
        Stream<String> chosen = form.filled("all")
                .map(all -> Arrays.stream(all.strip().split(" +", -1)))
                .orElseGet(() -> form.chosen("alert").stream());
        List<Long> alerts = chosen.map(LogPages::index).sorted().toList();
        if (alerts.isEmpty()) {
            throw RequestReader.invalid(t.say("log.none-ticked"));
        }
        return alerts;
    }

    private void verify(Context ctx, Signed signed) {
        parts.verification().begin(signed.caller(), AuditLog.newRequest());
        if (HtmxRequest.isPart(ctx)) {
            verification(ctx, signed);
        } else {
            ctx.redirect(PATH, HttpStatus.SEE_OTHER);
        }
    }

    private void verification(Context ctx, Signed signed) {
        requireWhole(signed);
        LogPageView.Verification verification = new LogPageViews(Texts.of(ctx))
                .verification(parts.verification().state());
        DeskPages.page(ctx, "log-verification.jte", Map.of("verification", verification, "announced", true));
    }

    private void days(Context ctx, Signed signed) {
        DayCounter.Result counted = overview.days(signed.caller(), AuditLog.newRequest());
        DeskPages.page(ctx, "log-days.jte", Map.of("days", new LogDays(Texts.of(ctx), counted).view()));
    }

    private void requireWhole(Signed signed) {
        parts.access()
                .require(
                        signed.caller(),
                        Permission.READ_LOG,
                        parts.log()
                                .event(
                                        signed.caller().actor(),
                                        ActKind.READ_LOG,
                                        Outcome.REFUSED,
                                        AuditLog.newRequest()));
    }

    private void open(Context ctx, Signed signed, Form form) {
        if (readsWhole(signed)) {
            overview(ctx, signed, DeskView.Notice.NONE);
            return;
        }
        if (!desk.staff(signed.caller(), signed.token()).readsLog()) {
            requireWhole(signed);
        }
        show(ctx, signed, form, DeskView.Notice.NONE, PageContent.NOTHING);
    }

    private void overview(Context ctx, Signed signed, DeskView.Notice notice) {
        LogPageView view = view(signed.caller(), Texts.of(ctx));
        show(ctx, signed, Form.parse(""), notice, new PageContent(List.of(), Optional.empty(), Optional.of(view)));
    }

    /** Builds the page's part beside the search. That reads the log, and the log records it. */
    private LogPageView view(Caller caller, Texts t) {
        LogPageViews views = new LogPageViews(t);
        // The state before this request's own entry.
        LogPageView.State state =
                views.state(parts.witnesses().logState(), parts.witnesses().states());
        LogOverview.Overview seen = overview.look(caller, AuditLog.newRequest());
        return new LogPageView(
                state,
                views.verification(parts.verification().state()),
                views.alerts(seen.alerts(), caller),
                new LogDays(t, seen.days()).view());
    }

    /** Reads the query. A fault is reported only after the policy check. */
    private static AccessHistory.Request asked(Form form) {
        RequestValidation faults = new RequestValidation();
        Optional<LogQuery> query = faults.read(() -> LogQuery.parse(form::filled, ZoneId.systemDefault()));
        return new AccessHistory.Request(LogQuery.patron(form::filled), query, faults.first());
    }

    private void search(Context ctx, Signed signed, Form form) {
        AccessHistory.Request asked = asked(form);
        long before = form.filled("before").map(LogPages::index).orElse(Long.MAX_VALUE);
        AccessHistory.Search found = parts.privacy()
                .history()
                .search(signed.caller(), asked, before, LogSearchApi.DEFAULT_LIMIT, AuditLog.newRequest());
        Texts t = Texts.of(ctx);
        LogSearchViews views = new LogSearchViews(t);
        String text = t.say("log.found", found.visits().size(), Long.toString(found.entry()));
        DeskView.Notice notice = found.unreadable().isEmpty()
                ? DeskView.Notice.done(text)
                : DeskView.Notice.refused(t.say("log.unreadable"));
        PageContent content = new PageContent(
                found.visits().stream().map(views::visit).toList(),
                found.next().isPresent()
                        ? Optional.of(Long.toString(found.next().getAsLong()))
                        : Optional.empty(),
                Optional.empty());
        show(ctx, signed, form, notice, content);
    }

    private static Long index(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw RequestReader.invalid("That page is none of ours.");
        }
        return Long.valueOf(text);
    }

    private void file(Context ctx, Signed signed, Form form) {
        Optional<LogFile.Format> format = LogFile.Format.of(form.text("format"));
        AccessHistory.Request asked = asked(form);
        // A fault is reported only after the policy check.
        AccessHistory.Request judged = format.isPresent()
                ? asked
                : new AccessHistory.Request(
                        asked.patron(),
                        Optional.empty(),
                        Optional.of(RequestReader.invalid("A file is csv or jsonl.")));
        LogSearchApi.stream(ctx, parts.privacy().history(), signed.caller(), judged, format.orElse(LogFile.Format.CSV));
    }

    private static Optional<PatronId> patron(Texts t, Form form) {
        String typed = form.filled("patron").orElseThrow(() -> RequestReader.invalid(t.say("log.no-patron")));
        return PatronId.parse(typed.strip());
    }

    private void makePackage(Context ctx, Signed signed, Form form) {
        PackageApi.page(
                ctx,
                parts.privacy()
                        .packages()
                        .make(
                                signed.caller(),
                                patron(signed.texts(), form),
                                ZoneId.systemDefault(),
                                Optional::empty,
                                AuditLog.newRequest()));
    }

    private void report(Context ctx, Signed signed, Form form) {
        LogSearchApi.page(
                ctx,
                parts.privacy()
                        .history()
                        .report(
                                signed.caller(),
                                patron(signed.texts(), form),
                                ZoneId.systemDefault(),
                                AuditLog.newRequest()));
    }

    private static DeskView.Notice notice(Texts t, Refused refused) {
        return DeskView.Notice.refused(
                refused.problem() == Problem.NOT_ALLOWED ? t.say("log.not-allowed") : refused.getMessage());
    }

    /**
     * The part of the page under the form.
     *
     * @param next the entry below which older ones may follow, if any
     * @param overview the state, the alerts and the last days, unless the page is a search
     */
    private record PageContent(
            List<LogSearchView.Visit> visits, Optional<String> next, Optional<LogPageView> overview) {
        private static final PageContent NOTHING = new PageContent(List.of(), Optional.empty(), Optional.empty());
    }

    private void show(Context ctx, Signed signed, Form form, DeskView.Notice notice, PageContent content) {
        LogSearchViews views = new LogSearchViews(Texts.of(ctx));
        Map<String, String> typed = new HashMap<>();
        LogQuery.MEMBERS.forEach(name -> typed.put(name, form.text(name)));
        LogSearchView view = new LogSearchView(
                desk.staff(signed.caller(), signed.token()),
                notice,
                typed,
                views.purposes(form.text("purpose")),
                views.acts(form.text("act")),
                views.outcomes(form.text("outcome")),
                content.visits(),
                content.next(),
                parts.access().may(signed.caller(), Permission.PACKAGE),
                readsWhole(signed),
                content.overview());
        DeskPages.page(ctx, "log.jte", Map.of("log", view));
    }
}
