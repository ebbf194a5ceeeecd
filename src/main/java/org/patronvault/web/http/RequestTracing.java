package org.patronvault.web.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.log.CurrentRequest;
import org.patronvault.core.model.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Request IDs and reports of answers. Each request gets an ID, which its answer and its log entries carry. Each answer
 * is reported to the metrics and, if configured, as an event to a log collector. Neither holds a path, a name or an
 * address.
 */
public final class RequestTracing {
    /** The header of each answer. The vault ignores a caller's header of that name. */
    static final String HEADER = "X-Request-Id";

    private static final String ID = "request";
    private static final String START = "vault.start";
    private static final Logger LOG = LoggerFactory.getLogger("org.patronvault.calls");

    private final Metrics metrics;
    private final Proxies proxies;

    public RequestTracing(Metrics metrics, Proxies proxies) {
        this.metrics = metrics;
        this.proxies = proxies;
    }

    /** A request under way: its ID, and when it began. */
    record Start(String id, long since) {}

    /** The report of one answer. The route is a pattern, never the path. */
    record Report(String method, String route, int status, Optional<Problem> problem) {}

    /** Registers the start, before all other handlers. */
    public void begin(RoutesConfig routes) {
        routes.before(ctx -> {
            Start start = begin();
            ctx.attribute(START, start);
            ctx.header(HEADER, start.id());
        });
    }

    /** Registers the end, after all handlers that answer. */
    public void end(RoutesConfig routes) {
        routes.after(ctx -> {
            Start start = ctx.attribute(START);
            if (start != null) {
                end(
                        start,
                        ReceivedRequest.of(ctx),
                        new Report(Metrics.method(ctx), Metrics.route(ctx), ctx.statusCode(), Metrics.problem(ctx)));
            }
        });
    }

    /** Begins a request, which this thread serves until {@link #left}. */
    Start begin() {
        String id = HexFormat.of().formatHex(CurrentRequest.begin());
        // For errors during the request.
        MDC.put(ID, id);
        return new Start(id, System.nanoTime());
    }

    /** Reports the answer to a request, on any thread. */
    void end(Start start, ReceivedRequest request, Report answer) {
        if (Metrics.isOfCase(request.path())) {
            return;
        }
        long nanos = System.nanoTime() - start.since();
        metrics.answered(answer, nanos);
        if (LOG.isInfoEnabled()) {
            LOG.atInfo()
                    .addKeyValue("event", "answered")
                    .addKeyValue(ID, start.id())
                    .addKeyValue("method", answer.method())
                    .addKeyValue("route", answer.route())
                    .addKeyValue("status", answer.status())
                    .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(nanos))
                    .addKeyValue("from", from(request))
                    .log();
        }
    }

    /** Clears the ID when a thread leaves the request: another thread may do the rest, and this one serves others. */
    static void left() {
        CurrentRequest.end();
        MDC.remove(ID);
    }

    /** Returns the request's ID, as its answer and its reports carry it, or empty before it has one. */
    static String id(Context ctx) {
        Start start = ctx.attribute(START);
        return start == null ? "" : start.id();
    }

    /** Runs {@code tell} with the request's ID in its reports, on any thread. */
    static void telling(String request, Runnable tell) {
        MDC.put(ID, request);
        try {
            tell.run();
        } finally {
            MDC.remove(ID);
        }
    }

    /** The kind of network the request came from, not its address. */
    private String from(ReceivedRequest request) {
        String address = proxies.caller(request);
        try {
            InetAddress there = InetAddress.getByName(address);
            byte first = there.getAddress()[0];
            boolean isUniqueLocal = there.getAddress().length == 16 && (first & 0xfe) == 0xfc;
            return there.isLoopbackAddress()
                    ? "loopback"
                    : there.isSiteLocalAddress() || there.isLinkLocalAddress() || isUniqueLocal ? "private" : "public";
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
