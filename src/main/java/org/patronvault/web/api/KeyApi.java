package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.UnsealProgress;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Operations;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for keys, rotations, seal and unseal. */
public final class KeyApi {
    private final Access access;
    private final AuditLog log;
    private final KeyStatus keys;
    private final Rotations rotations;
    private final SealControl seal;
    private final IdempotencyStore replay;
    private final RequestReader requests;

    public KeyApi(WebUseCases parts, RequestReader requests) {
        this.access = parts.access();
        this.log = parts.log();
        this.keys = parts.keys();
        this.rotations = parts.rotations();
        this.seal = parts.seal();
        this.replay = parts.access().replay();
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/keys", this::status);
        routes.post("/v1/keys/{field}/rotate", ctx -> begin(ctx, rotations::begin));
        routes.post("/v1/keys/{field}/reencrypt", ctx -> begin(ctx, rotations::reencrypt));
        routes.get("/v1/operations", this::operations);
        routes.get("/v1/operations/{id}", this::operation);
        routes.post("/v1/unseal", this::unseal);
        routes.post("/v1/seal", this::seal);
    }

    /** Checks that the caller may read keys. Returns the log entry for a refused attempt. */
    private AccessEvent admit(Context ctx) {
        Caller caller = requests.caller(ctx);
        AccessEvent attempt = log.event(caller.actor(), ActKind.READ_KEYS, Outcome.REFUSED, AuditLog.newRequest());
        access.require(caller, Permission.KEYS, attempt);
        return attempt;
    }

    private void status(Context ctx) {
        admit(ctx);
        JsonResponses.write(ctx, JsonResponses.keys(keys.now()));
    }

    /** Starts operations on the named key. */
    private interface OperationStart {
        List<Operation> of(
                Caller caller,
                String name,
                IntSupplier rate,
                Supplier<Optional<IdempotencyStore.Key>> key,
                byte[] request);
    }

    private void begin(Context ctx, OperationStart beginning) {
        Caller caller = requests.caller(ctx);
        RequestBody body = RequestReader.isEmpty(ctx) ? RequestReader.emptyBody() : RequestReader.body(ctx, "rate");
        List<Operation> begun = beginning.of(
                caller,
                ctx.pathParam("field"),
                () -> rate(body),
                () -> RequestReader.replay(ctx, replay, caller, body.bytes()),
                AuditLog.newRequest());
        ctx.status(202);
        ctx.header("Location", "/v1/operations/" + begun.get(0).id());
        ObjectNode json = JsonResponses.object().put("operation", begun.get(0).id());
        ArrayNode all = json.putArray("operations");
        begun.forEach(one -> all.add(one.id()));
        JsonResponses.write(ctx, json);
    }

    private static int rate(RequestBody body) {
        body.requireKnownMembers();
        return body.number("rate", 0, 0, Operations.MAX_RATE);
    }

    private void operations(Context ctx) {
        admit(ctx);
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray("operations");
        rotations.operations().all().forEach(one -> list.add(json(one)));
        JsonResponses.write(ctx, json);
    }

    private void operation(Context ctx) {
        AccessEvent attempt = admit(ctx);
        Operations operations = rotations.operations();
        JsonResponses.write(ctx, json(log.logging(attempt, () -> operations.find(ctx.pathParam("id")))));
    }

    private ObjectNode json(Operation o) {
        ObjectNode json = JsonResponses.object()
                .put("id", o.id())
                .put("kind", o.kind())
                .put("field", o.field())
                .put("state", o.state())
                .put("done", o.done())
                .put("total", o.total())
                .put("failed", o.failed())
                .put("by", o.by())
                .put("rate", Math.round(rotations.operations().pace(o)))
                .put("started", JsonResponses.seconds(o.started()));
        KeyStatus.Outlook outlook = keys.outlook(o);
        outlook.remainingSeconds().ifPresent(left -> json.put("remainingSeconds", left));
        outlook.hindrance().ifPresent(why -> json.put("hindrance", why));
        if (o.finished() > 0) {
            json.put("finished", JsonResponses.seconds(o.finished()));
        }
        return json;
    }

    private void unseal(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "share", "passphrase");
        body.requireKnownMembers();
        Optional<String> share = body.text("share");
        if (share.isPresent()) {
            JsonResponses.write(ctx, sealed(seal.offerShare(share.get())));
            return;
        }
        // Commands also drop the line end when they read it from a file.
        byte[] passphrase =
                body.requiredText("passphrase").replaceFirst("\\r?\\n$", "").getBytes(StandardCharsets.UTF_8);
        String address = requests.address(ctx);
        ctx.future(() -> seal.offer(passphrase, address)
                .whenComplete((opened, fault) -> Arrays.fill(passphrase, (byte) 0))
                .thenRun(() -> JsonResponses.write(ctx, sealed(seal.progress()))));
    }

    private void seal(Context ctx) {
        seal.seal(requests.caller(ctx), AuditLog.newRequest());
        JsonResponses.write(ctx, sealed(seal.progress()));
    }

    private static ObjectNode sealed(UnsealProgress now) {
        return JsonResponses.object()
                .put("sealed", now.sealed())
                .put("have", now.have())
                .put("need", now.need());
    }
}
