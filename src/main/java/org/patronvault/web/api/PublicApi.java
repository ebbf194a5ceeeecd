package org.patronvault.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.Metrics;
import org.patronvault.web.http.Problems;
import org.patronvault.web.http.ReceivedRequest;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.StreamedResponses;
import org.patronvault.web.http.WebUseCases;

/** REST handlers without sign-in: health, the API description, and open metrics. */
public final class PublicApi {
    private final Access access;
    private final AuditLog log;
    private final SealControl seal;
    private final RequestReader requests;
    private final Metrics metrics;
    private final boolean proxied;
    private final Supplier<Optional<String>> weakness;

    /** The description, read on first use so that it does not delay the start. */
    private static final class OpenApi {
        static final String JSON = read();
        static final byte[] BYTES = JSON.getBytes(StandardCharsets.UTF_8);

        private static String read() {
            try (InputStream in = PublicApi.class.getResourceAsStream("/openapi.yaml")) {
                JsonNode document = new ObjectMapper(new YAMLFactory()).readTree(in);
                return document.toString();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public PublicApi(WebUseCases parts, RequestReader requests, Metrics metrics, boolean proxied) {
        this.weakness = parts.weakness();
        this.access = parts.access();
        this.log = parts.log();
        this.seal = parts.seal();
        this.requests = requests;
        this.metrics = metrics;
        this.proxied = proxied;
    }

    public void register(RoutesConfig routes) {
        routes.get(
                "/health/live",
                ctx -> JsonResponses.write(ctx, JsonResponses.object().put("live", true)));
        routes.get("/health/ready", this::ready);
        routes.get("/openapi.json", ctx -> {
            StreamedResponses.shared(ctx, OpenApi.BYTES);
            ctx.contentType("application/json");
        });
        routes.get("/metrics", this::metrics);
    }

    /** The API description as JSON. */
    public static String openApi() {
        return OpenApi.JSON;
    }

    private void ready(Context ctx) {
        if (seal.isSealed()) {
            unready(ctx, "sealed", "The vault is sealed; a custodian must unseal it.", true);
            return;
        }
        weakness.get()
                .ifPresentOrElse(
                        says -> unready(ctx, "database-weak", says, false),
                        () -> JsonResponses.write(
                                ctx, JsonResponses.object().put("ready", true).put("sealed", false)));
    }

    private static void unready(Context ctx, String slug, String says, boolean sealed) {
        ObjectNode problem = Problems.document(503, slug, says);
        problem.put("ready", false).put("sealed", sealed);
        ctx.status(503);
        ctx.header("Retry-After", "5");
        JsonResponses.write(ctx, problem);
        ctx.contentType(Problems.MEDIA_TYPE);
    }

    /**
     * Serves metrics to this machine, unless a proxy may hide the client, and to clients with scope {@code metrics}. A
     * sealed vault cannot check a key, so any caller with one learns only what {@link #ready} tells everybody.
     */
    private void metrics(Context ctx) {
        boolean fromElsewhere = proxied || !isLoopback(ctx.ip());
        if (fromElsewhere && seal.isSealed()) {
            String unused = RequestReader.token(ReceivedRequest.of(ctx));
            metrics.answerThatItIsSealed(ctx);
            return;
        }
        if (fromElsewhere) {
            Caller caller = requests.caller(ctx);
            access.require(
                    caller,
                    Permission.METRICS,
                    log.event(caller.actor(), ActKind.READ_LOG, Outcome.REFUSED, AuditLog.newRequest()));
        }
        metrics.answer(ctx);
    }

    private static boolean isLoopback(String ip) {
        try {
            return InetAddress.getByName(ip).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
