package org.patronvault.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.access.Replay;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.custody.KeyStatus;
import org.patronvault.custody.Rotation;
import org.patronvault.custody.SealControl;
import org.patronvault.model.PatronField;
import org.patronvault.model.Unsealing;

/** Keys, rotations, seal and unseal. */
final class KeyApi {
    private final Access access;
    private final AuditLog log;
    private final KeyStatus keys;
    private final Rotation rotation;
    private final SealControl seal;
    private final Replay replay;
    private final Requests requests;

    KeyApi(WebParts parts, Requests requests) {
        this.access = parts.access();
        this.log = parts.log();
        this.keys = parts.keys();
        this.rotation = parts.rotation();
        this.seal = parts.seal();
        this.replay = parts.access().replay();
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/keys", this::status);
        routes.post("/v1/keys/{field}/rotate", this::rotate);
        routes.get("/v1/operations/{id}", this::operation);
        routes.post("/v1/unseal", this::unseal);
        routes.post("/v1/seal", this::seal);
    }

    /** Who may read keys; returns what the log says of a try that is refused. */
    private AccessEvent admit(Context ctx) {
        Caller caller = requests.caller(ctx);
        AccessEvent attempt = log.event(caller.actor(), Act.READ_KEYS, Outcome.REFUSED, AuditLog.newRequest());
        access.require(caller, Question.may(Permission.KEYS), attempt);
        return attempt;
    }

    private void status(Context ctx) {
        admit(ctx);
        Answers.write(ctx, Answers.keys(keys.now()));
    }

    private void rotate(Context ctx) {
        Caller caller = requests.caller(ctx);
        Optional<PatronField> field = PatronField.ofWireName(ctx.pathParam("field"));
        Rotation.Operation begun = rotation.begin(
                caller, field, () -> Requests.replay(ctx, replay, caller, Requests.bytes(ctx)), AuditLog.newRequest());
        ctx.status(202);
        ctx.header("Location", "/v1/operations/" + begun.id());
        Answers.write(ctx, Answers.object().put("operation", begun.id()));
    }

    private void operation(Context ctx) {
        AccessEvent attempt = admit(ctx);
        Rotation.Operation o = log.logging(attempt, () -> rotation.find(ctx.pathParam("id")));
        ObjectNode json = Answers.object()
                .put("id", o.id())
                .put("kind", o.kind())
                .put("field", o.field())
                .put("state", o.state())
                .put("done", o.done())
                .put("total", o.total())
                .put("started", Answers.seconds(o.started()));
        if (o.finished() > 0) {
            json.put("finished", Answers.seconds(o.finished()));
        }
        Answers.write(ctx, json);
    }

    private void unseal(Context ctx) {
        RequestBody body = Requests.body(ctx, "share", "passphrase");
        body.requireKnownMembers();
        Optional<String> share = body.text("share");
        if (share.isPresent()) {
            Answers.write(ctx, sealed(seal.offerShare(share.get())));
            return;
        }
        // As commands read it from a file: without the line's end.
        byte[] passphrase =
                body.requiredText("passphrase").replaceFirst("\\r?\\n$", "").getBytes(StandardCharsets.UTF_8);
        try {
            seal.offer(passphrase);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
        Answers.write(ctx, sealed(seal.progress()));
    }

    private void seal(Context ctx) {
        seal.seal(requests.caller(ctx), AuditLog.newRequest());
        Answers.write(ctx, sealed(seal.progress()));
    }

    private static ObjectNode sealed(Unsealing now) {
        return Answers.object()
                .put("sealed", now.sealed())
                .put("have", now.have())
                .put("need", now.need());
    }
}
