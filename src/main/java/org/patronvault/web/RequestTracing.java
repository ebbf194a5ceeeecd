package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.patronvault.audit.CurrentRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Gives each call an id, which its answer and its entries in the access log carry, and tells of each answer: to the
 * metrics, and, where that is asked for, as an event to whoever collects logs. Neither has a path, a name or an address.
 */
final class RequestTracing {
    /** The header of each answer; what a caller sends under that name is not looked at. */
    static final String HEADER = "X-Request-Id";

    private static final String ID = "request";
    private static final String STARTED = "vault.started";
    private static final Logger LOG = LoggerFactory.getLogger("org.patronvault.calls");

    private final Metrics metrics;
    private final Proxies proxies;

    RequestTracing(Metrics metrics, Proxies proxies) {
        this.metrics = metrics;
        this.proxies = proxies;
    }

    /** Before anything else is done for a call. */
    void begin(RoutesConfig routes) {
        routes.before(this::begun);
    }

    /** After everything that answers it. */
    void end(RoutesConfig routes) {
        routes.after(this::ended);
    }

    private void begun(Context ctx) {
        String id = HexFormat.of().formatHex(CurrentRequest.begin());
        ctx.attribute(STARTED, System.nanoTime());
        ctx.attribute(ID, id);
        ctx.header(HEADER, id);
        // For what goes wrong meanwhile.
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

    /** When a thread has done what it does for a call at once: the rest may be done by another, and this one serves others. */
    static void left() {
        CurrentRequest.end();
        MDC.remove(ID);
    }

    /** The id of a call, as its answer and what is told of it carry it; empty before it has one. */
    static String id(Context ctx) {
        String id = ctx.attribute(ID);
        return id == null ? "" : id;
    }

    /** Has what is told of a call carry its id, whichever thread tells it. */
    static void telling(Context ctx, Runnable tell) {
        MDC.put(ID, id(ctx));
        try {
            tell.run();
        } finally {
            MDC.remove(ID);
        }
    }

    /** From how far away, and not from where. */
    private String from(Context ctx) {
        String address = proxies.caller(ctx.ip(), Collections.list(ctx.req().getHeaders("X-Forwarded-For")));
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
