package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Instant;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.policy.Caller;
import org.patronvault.privacy.disclosure.Designation;
import org.patronvault.privacy.disclosure.Designations;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/designations}: designees who handle record requests for the director (P10). */
public final class DesignationApi {
    private static final String PATH = "/v1/designations";

    private final Designations designations;
    private final AuditLog log;
    private final IdempotencyStore replay;
    private final RequestReader requests;

    public DesignationApi(WebUseCases parts, RequestReader requests) {
        this.designations = parts.privacy().disclosures().designations();
        this.log = parts.log();
        this.replay = parts.access().replay();
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post(PATH, this::make);
        routes.get(PATH, this::list);
        routes.delete(PATH + "/{id}", this::revoke);
    }

    private void make(Context ctx) {
        Caller caller = requests.caller(ctx);
        RequestBody body = RequestReader.body(ctx, "designee", "from", "until", "document");
        Designation made = designations.make(
                caller,
                () -> wanted(body),
                () -> RequestReader.replay(ctx, replay, caller, body.bytes()),
                AuditLog.newRequest());
        ctx.status(201);
        ctx.header("Location", PATH + "/" + made.id());
        JsonResponses.write(ctx, json(made));
    }

    private static Designations.Spec wanted(RequestBody body) {
        body.requireKnownMembers();
        return new Designations.Spec(
                body.requiredText("designee"),
                body.text("from").orElse(""),
                body.requiredText("until"),
                body.text("document").orElse(""));
    }

    private void list(Context ctx) {
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray("designations");
        designations.all(requests.caller(ctx), AuditLog.newRequest()).forEach(one -> list.add(json(one)));
        JsonResponses.write(ctx, json);
    }

    private void revoke(Context ctx) {
        JsonResponses.write(
                ctx, json(designations.revoke(requests.caller(ctx), ctx.pathParam("id"), AuditLog.newRequest())));
    }

    private ObjectNode json(Designation one) {
        Instant now = log.now();
        ObjectNode json = JsonResponses.object()
                .put("id", one.id())
                .put("designee", one.designee())
                .put("by", one.by())
                .put("from", one.from().toString())
                .put("until", one.until().toString())
                .put("state", one.state(now));
        one.document().ifPresent(hash -> json.put("document", hash));
        one.revoked().ifPresent(at -> json.put("revoked", at.toString()));
        return json;
    }
}
