package org.patronvault.web.page.log;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.policy.Caller;
import org.patronvault.log.report.LogOverview;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.Texts;

/** The part of the log page beside the search, and its acts. */
final class LogPageFlow {
    private static final String TICKED = "alert";

    private final WebUseCases parts;
    private final LogOverview overview;

    LogPageFlow(WebUseCases parts) {
        this.parts = parts;
        this.overview = parts.privacy().logOverview();
    }

    /** Builds the whole view. That reads the log, and the log records it. */
    LogPageView view(Caller caller, Texts t) {
        LogPageViews views = new LogPageViews(t);
        // The state before this request's own entry.
        LogPageView.State state =
                views.state(parts.witnesses().logState(), parts.witnesses().states());
        LogOverview.Overview seen = overview.look(caller, AuditLog.newRequest());
        return new LogPageView(
                state, verification(t), views.alerts(seen.alerts(), caller), new LogDays(t, seen.days()).view());
    }

    LogPageView.Verification verification(Texts t) {
        return new LogPageViews(t).verification(parts.verification().state());
    }

    void verify(Caller caller) {
        parts.verification().begin(caller, AuditLog.newRequest());
    }

    LogPageView.Days days(Caller caller, Texts t) {
        return new LogDays(t, overview.days(caller, AuditLog.newRequest())).view();
    }

    /** Marks the ticked alerts as reviewed, or all shown alerts. */
    DeskView.Notice mark(Caller caller, Form form, Texts t) {
        int marked = overview.alerts().mark(caller, () -> alerts(form, t), AuditLog.newRequest());
        return DeskView.Notice.done(t.say("log.marked", marked));
    }

    private static List<Long> alerts(Form form, Texts t) {
        Stream<String> chosen = form.filled("all")
                .map(all -> Arrays.stream(all.strip().split(" +", -1)))
                .orElseGet(() -> form.chosen(TICKED).stream());
        List<Long> alerts = chosen.map(LogPages::index).sorted().toList();
        if (alerts.isEmpty()) {
            throw RequestReader.invalid(t.say("log.none-ticked"));
        }
        return alerts;
    }
}
