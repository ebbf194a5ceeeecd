package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.policy.Caller;
import org.patronvault.privacy.disclosure.WrittenPermission;
import org.patronvault.privacy.disclosure.WrittenPermissions;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/patrons/{id}/permissions}: patrons' written permissions to disclose (P3). */
public final class PermissionApi {
    private static final String PATH = "/v1/patrons/{id}/permissions";

    private final WrittenPermissions permissions;
    private final AuditLog log;
    private final IdempotencyStore replay;
    private final RequestReader requests;

    public PermissionApi(WebUseCases parts, RequestReader requests) {
        this.permissions = parts.privacy().disclosures().permissions();
        this.log = parts.log();
        this.replay = parts.access().replay();
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post(PATH, this::make);
        routes.get(PATH, this::list);
        routes.delete(PATH + "/{permission}", this::revoke);
    }

    private void make(Context ctx) {
        Caller caller = requests.caller(ctx);
        RequestBody body = RequestReader.body(ctx, "recipient", "fields", "signed", "until", "document");
        WrittenPermission made = permissions.make(
                caller,
                RequestReader.patron(ctx),
                () -> wanted(body),
                () -> RequestReader.replay(ctx, replay, caller, body.bytes()),
                AuditLog.newRequest());
        ctx.status(201);
        ctx.header("Location", ctx.path() + "/" + made.id());
        JsonResponses.write(ctx, json(made));
    }

    private static WrittenPermissions.Spec wanted(RequestBody body) {
        body.requireKnownMembers();
        return new WrittenPermissions.Spec(
                body.requiredText("recipient"),
                body.fields("fields"),
                body.requiredText("signed"),
                body.requiredText("until"),
                body.text("document").orElse(""));
    }

    private void list(Context ctx) {
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray("permissions");
        permissions
                .of(requests.caller(ctx), RequestReader.patron(ctx), AuditLog.newRequest())
                .forEach(one -> list.add(json(one)));
        JsonResponses.write(ctx, json);
    }

    private void revoke(Context ctx) {
        JsonResponses.write(
                ctx,
                json(permissions.revoke(
                        requests.caller(ctx),
                        RequestReader.patron(ctx),
                        ctx.pathParam("permission"),
                        AuditLog.newRequest())));
    }

    private ObjectNode json(WrittenPermission one) {
        ObjectNode json = JsonResponses.object().put("id", one.id()).put("recipient", one.recipient());
        ArrayNode fields = json.putArray("fields");
        one.fields().stream().sorted().map(PatronField::wireName).forEach(fields::add);
        json.put("signed", one.signed())
                .put("until", one.until().toString())
                .put("by", one.by())
                .put("inForce", one.isInForce(log.now()));
        one.document().ifPresent(hash -> json.put("document", hash));
        one.revoked().ifPresent(at -> json.put("revoked", at.toString()));
        return json;
    }
}
