package org.patronvault.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.access.Caller;
import org.patronvault.access.Replay;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.PatronField;
import org.patronvault.privacy.disclosure.WrittenPermission;
import org.patronvault.privacy.disclosure.WrittenPermissions;

/** {@code /v1/patrons/{id}/permissions}: to whom patrons have permitted in writing to hand out what (P3). */
final class PermissionApi {
    private static final String PATH = "/v1/patrons/{id}/permissions";

    private final WrittenPermissions permissions;
    private final AuditLog log;
    private final Replay replay;
    private final Requests requests;

    PermissionApi(WebParts parts, Requests requests) {
        this.permissions = parts.privacy().disclosures().permissions();
        this.log = parts.log();
        this.replay = parts.access().replay();
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
        routes.post(PATH, this::make);
        routes.get(PATH, this::list);
        routes.delete(PATH + "/{permission}", this::revoke);
    }

    private void make(Context ctx) {
        Caller caller = requests.caller(ctx);
        RequestBody body = Requests.body(ctx, "recipient", "fields", "signed", "until", "document");
        WrittenPermission made = permissions.make(
                caller,
                Requests.patron(ctx),
                () -> wanted(body),
                () -> Requests.replay(ctx, replay, caller, body.bytes()),
                AuditLog.newRequest());
        ctx.status(201);
        ctx.header("Location", ctx.path() + "/" + made.id());
        Answers.write(ctx, json(made));
    }

    private static WrittenPermissions.Wanted wanted(RequestBody body) {
        body.requireKnownMembers();
        return new WrittenPermissions.Wanted(
                body.requiredText("recipient"),
                body.fields("fields"),
                body.requiredText("signed"),
                body.requiredText("until"),
                body.text("document").orElse(""));
    }

    private void list(Context ctx) {
        ObjectNode json = Answers.object();
        ArrayNode list = json.putArray("permissions");
        permissions
                .of(requests.caller(ctx), Requests.patron(ctx), AuditLog.newRequest())
                .forEach(one -> list.add(json(one)));
        Answers.write(ctx, json);
    }

    private void revoke(Context ctx) {
        Answers.write(
                ctx,
                json(permissions.revoke(
                        requests.caller(ctx),
                        Requests.patron(ctx),
                        ctx.pathParam("permission"),
                        AuditLog.newRequest())));
    }

    private ObjectNode json(WrittenPermission one) {
        ObjectNode json = Answers.object().put("id", one.id()).put("recipient", one.recipient());
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
