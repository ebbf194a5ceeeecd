package org.patronvault.web.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.log.CurrentRequest;
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
    private static final String STARTED = "vault.started";
    private static final Logger LOG = LoggerFactory.getLogger("org.patronvault.calls");

    private final Metrics metrics;
    private final Proxies proxies;

    public RequestTracing(Metrics metrics, Proxies proxies) {
        this.metrics = metrics;
        this.proxies = proxies;
    }

    /** Registers the start, before all other handlers. */
    public void begin(RoutesConfig routes) {
        routes.before(this::begun);
    }

    /** Registers the end, after all handlers that answer. */
    public void end(RoutesConfig routes) {
        routes.after(this::ended);
    }

    private void begun(Context ctx) {
        String id = HexFormat.of().formatHex(CurrentRequest.begin());
        ctx.attribute(STARTED, System.nanoTime());
        ctx.attribute(ID, id);
        ctx.header(HEADER, id);
        // For errors during the request.
        MDC.put(ID, id);
    }

    private void ended(Context ctx) {
        Long started = ctx.attribute(STARTED);
        if (started == null || Metrics.isOfCase(ctx)) {
            return;
        }
        long nanos = System.nanoTime() - started;
        metrics.answered(ctx, nanos);
        if (LOG.isInfoEnabled()) {
            LOG.atInfo()
                    .addKeyValue("event", "answered")
                    .addKeyValue(ID, id(ctx))
                    .addKeyValue("method", Metrics.method(ctx))
                    .addKeyValue("route", Metrics.route(ctx))
                    .addKeyValue("status", ctx.statusCode())
                    .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(nanos))
                    .addKeyValue("from", from(ctx))
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
        String id = ctx.attribute(ID);
        return id == null ? "" : id;
    }

    /** Runs {@code tell} with the request's ID in its reports, on any thread. */
    static void telling(Context ctx, Runnable tell) {
        MDC.put(ID, id(ctx));
        try {
            tell.run();
        } finally {
            MDC.remove(ID);
        }
    }

    /** The kind of network the request came from, not its address. */
    private String from(Context ctx) {
        String address = proxies.caller(ReceivedRequest.of(ctx));
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
