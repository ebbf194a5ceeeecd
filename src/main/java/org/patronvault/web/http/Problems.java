package org.patronvault.web.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.patronvault.core.log.StorageOutage;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The conversion of refusals and failures to RFC 9457 problem documents. No document holds sent or stored data. */
public final class Problems {
    public static final String MEDIA_TYPE = "application/problem+json";
    private static final String BASE = "https://patronvault.org/problems/";
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    public static void register(RoutesConfig routes) {
        // Javalin has a handler of its own for the second.
        routes.exception(Exception.class, Problems::write);
        routes.exception(HttpResponseException.class, Problems::write);
    }

    private static void write(Exception failure, Context ctx) {
        of(failure, RequestTracing.id(ctx)).write(ctx);
    }

    /** Returns the answer to a request that failed, and reports to the operator what is no refusal. */
    static HttpAnswer of(Throwable thrown, String request) {
        boolean isWrapped = thrown instanceof CompletionException && thrown.getCause() != null;
        Throwable failure = isWrapped ? thrown.getCause() : thrown;
        if (failure instanceof Refused refused) {
            return of(refused);
        }
        if (failure instanceof HttpResponseException refused) {
            return of(ofStatus(refused.getStatus()));
        }
        Optional<Refused> outage = StorageOutage.of(failure);
        if (outage.isPresent()) {
            return of(outage.get());
        }
        RequestTracing.telling(request, () -> {
            if (failure instanceof IntegrityException damage) {
                tell(damage);
            } else {
                LOG.error("cannot happen: {} at {}", StorageOutage.nameOf(failure), place(failure), failure);
            }
        });
        String detail = "The vault failed; the operator finds more in its log, at " + request + ".";
        return answer(500, Map.of(), failure(500, detail), Optional.empty());
    }

    /** Reports it to the operator. The access log has it already. */
    public static void tell(IntegrityException e) {
        LOG.error("stored bytes did not authenticate: {}", e.getMessage(), e);
    }

    /** Where in our own code it happened. */
    private static String place(Throwable e) {
        for (StackTraceElement element : e.getStackTrace()) {
            if (element.getClassName().startsWith("org.patronvault")) {
                return element.toString();
            }
        }
        return e.getStackTrace().length == 0 ? "unknown" : e.getStackTrace()[0].toString();
    }

    public static Refused ofStatus(int status) {
        return switch (status) {
            case 404 -> new Refused(Problem.NOT_FOUND, "There is nothing here.");
            case 405 -> new Refused(Problem.METHOD_NOT_ALLOWED, "That method does nothing here.");
            case 413 -> new Refused(Problem.BODY_TOO_LARGE, "The body is larger than 64 KiB.");
            case 415 -> new Refused(Problem.NOT_JSON, "Send JSON as application/json.");
            case 417 -> new Refused(Problem.MALFORMED, "The field Expect may be 100-continue only.");
            case 421 ->
                new Refused(
                        Problem.MISDIRECTED,
                        "This vault does not serve the host name in the request. An administrator can add the name to"
                                + " http.hosts in vault.yaml.");
            case 426, 505 -> new Refused(Problem.MALFORMED, "Use HTTP/1.1.");
            case 503 -> new Refused(Problem.BUSY, "The vault is busy; try again in a moment.", 5);
            default -> new Refused(Problem.MALFORMED, "The request cannot be read.");
        };
    }

    public static int statusOf(Problem problem) {
        return switch (problem.kind()) {
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case ABSENT -> 404;
            case METHOD -> 405;
            case CONFLICT -> 409;
            case STALE -> 412;
            case TOO_LARGE -> 413;
            case MEDIA_TYPE -> 415;
            case MISDIRECTED -> 421;
            case UNPROCESSABLE -> 422;
            case UNCONDITIONAL -> 428;
            case LIMITED -> 429;
            case MALFORMED -> 400;
            case SEALED, UNAVAILABLE -> 503;
        };
    }

    public static HttpAnswer of(Refused refused) {
        int status = statusOf(refused.problem());
        Map<String, String> headers = Map.of();
        if (status == 401) {
            headers = Map.of("WWW-Authenticate", "Bearer");
        } else if (status == 429 || status == 503) {
            headers = Map.of("Retry-After", Integer.toString(Math.max(1, refused.retryAfterSeconds())));
        }
        ObjectNode document = document(status, refused.problem().slug(), refused.getMessage());
        refused.holder()
                .ifPresent(holder -> document.put("by", holder.by())
                        .put("since", holder.since().toString()));
        refused.state().ifPresent(state -> document.put("state", state));
        return answer(status, headers, document, Optional.of(refused.problem()));
    }

    private static HttpAnswer answer(
            int status, Map<String, String> headers, ObjectNode document, Optional<Problem> problem) {
        return new HttpAnswer(
                status, headers, MEDIA_TYPE, document.toString().getBytes(StandardCharsets.UTF_8), problem);
    }

    private static ObjectNode failure(int status, String detail) {
        return document(status, "internal", detail);
    }

    /** The answer to a request that reaches no handler. */
    public static ObjectNode plain(int status) {
        if (status == 500) {
            return failure(status, "The vault failed.");
        }
        return plain(status, ofStatus(status));
    }

    /** The answer to a request that was refused before any handler. */
    public static ObjectNode plain(int status, Refused refused) {
        return document(status, refused.problem().slug(), refused.getMessage());
    }

    public static ObjectNode document(int status, String slug, String detail) {
        ObjectNode problem = JsonNodeFactory.instance.objectNode();
        problem.put("type", BASE + slug);
        problem.put(
                "title",
                Character.toUpperCase(slug.charAt(0)) + slug.substring(1).replace('-', ' '));
        problem.put("status", status);
        problem.put("detail", detail);
        return problem;
    }
}
