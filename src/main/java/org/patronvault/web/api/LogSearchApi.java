package org.patronvault.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.LogQuery;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.log.report.AccessHistory;
import org.patronvault.log.report.AccessReport;
import org.patronvault.log.report.LogFile;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestValidation;
import org.patronvault.web.http.StreamedResponses;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.print.ReportPage;

/** REST handlers for {@code /v1/log/search} and for patrons' access reports. */
public final class LogSearchApi {
    public static final int DEFAULT_LIMIT = 200;

    private final AccessHistory history;
    private final RequestReader requests;

    public LogSearchApi(AccessHistory history, RequestReader requests) {
        this.history = history;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/log/search", this::search);
        routes.get("/v1/patrons/{id}/accesses/report", this::report);
    }

    private void search(Context ctx) {
        Caller caller = requests.caller(ctx);
        String[] members = Stream.concat(LogQuery.MEMBERS.stream(), Stream.of("before", "limit"))
                .toArray(String[]::new);
        RequestBody body = RequestReader.body(ctx, members);
        RequestValidation faults = new RequestValidation();
        faults.check(body::requireKnownMembers);
        Optional<LogQuery> query = faults.read(() -> LogQuery.parse(body::text, ZoneId.systemDefault()));
        long before = faults.read(() -> body.index("before", Long.MAX_VALUE)).orElse(0L);
        int limit = faults.read(() -> body.number("limit", DEFAULT_LIMIT, 1, LogReader.MAX_ENTRIES))
                .orElse(1);
        Optional<PatronId> patron =
                faults.read(() -> LogQuery.patron(body::text)).flatMap(one -> one);
        AccessHistory.Request asked = new AccessHistory.Request(patron, query, faults.first());
        Optional<LogFile.Format> file = Arrays.stream(LogFile.Format.values())
                .filter(one -> RequestReader.prefers(ctx, one.mediaType()))
                .findFirst();
        if (file.isPresent()) {
            stream(ctx, history, caller, asked, file.get());
            return;
        }
        AccessHistory.Search found = history.search(caller, asked, before, limit, AuditLog.newRequest());
        JsonResponses.write(ctx, found.json());
    }

    /** Streams the entries as they are read. An answer that breaks off must not look complete. */
    public static void stream(
            Context ctx, AccessHistory history, Caller caller, AccessHistory.Request asked, LogFile.Format format) {
        LogFile[] file = new LogFile[1];
        StreamedResponses.answer(ctx, caller.actor(), () -> {
            history.each(
                    caller,
                    asked,
                    entry -> {
                        ctx.contentType(format.mediaType());
                        ctx.header("Content-Disposition", "attachment; filename=\"access-log." + name(format) + "\"");
                        ctx.header("Vault-Entry", Long.toString(entry));
                        file[0] = new LogFile(format, ctx.outputStream());
                        return file[0];
                    },
                    AuditLog.newRequest());
            file[0].end();
            file[0].close();
        });
    }

    private static String name(LogFile.Format format) {
        return format.mediaType().replaceFirst(".*/", "");
    }

    private void report(Context ctx) {
        AccessReport report = history.report(
                requests.caller(ctx), RequestReader.patron(ctx), ZoneId.systemDefault(), AuditLog.newRequest());
        if (RequestReader.prefers(ctx, "text/html")) {
            page(ctx, report);
        } else {
            JsonResponses.write(ctx, report.json());
        }
    }

    public static void page(Context ctx, AccessReport report) {
        ctx.result(ReportPage.served(report, Texts.of(ctx)).html());
        ctx.contentType("text/html; charset=utf-8");
    }
}
