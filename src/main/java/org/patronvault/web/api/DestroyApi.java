package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for destroying key versions: one custodian asks, another approves, any custodian can cancel. */
public final class DestroyApi {
    private static final ApprovableActs.Kind KIND = new ApprovableActs.Kind(Permission.CUSTODY, ActKind.DESTROY, "");

    private final KeyDestruction destruction;
    private final IdempotencyStore replay;
    private final ApprovableActs acts;
    private final RequestReader requests;

    public DestroyApi(WebUseCases parts, RequestReader requests, ApprovableActs acts) {
        this.destruction = parts.destruction();
        this.requests = requests;
        this.replay = parts.access().replay();
        this.acts = acts;
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/keys/{field}/versions/{version}/destroy", this::destroy);
        routes.post("/v1/operations/{id}/cancel", this::cancel);
    }

    private void destroy(Context ctx) {
        RequestBody body = RequestReader.isEmpty(ctx) ? RequestReader.emptyBody() : RequestReader.body(ctx, "gone");
        String field = ctx.pathParam("field");
        acts.begin(ctx, KIND, body.bytes(), () -> begun(field, version(ctx)), asking -> {
            body.requireKnownMembers();
            List<String> gone = body.has("gone") ? body.texts("gone") : List.of();
            return destruction.ask(asking, field, version(ctx), gone);
        });
    }

    private static int version(Context ctx) {
        try {
            return Integer.parseInt(ctx.pathParam("version"));
        } catch (NumberFormatException e) {
            throw new Refused(Problem.NOT_FOUND, "There is no such key, or no such version of it.");
        }
    }

    private ObjectNode begun(String field, int version) {
        Operation begun = destruction.find(field, version).orElseThrow();
        return JsonResponses.object()
                .put("operation", begun.id())
                .put("remainingSeconds", destruction.remainingSeconds(begun));
    }

    private void cancel(Context ctx) {
        Caller caller = requests.caller(ctx);
        Operation after = destruction.cancel(
                caller,
                ctx.pathParam("id"),
                () -> RequestReader.replay(ctx, replay, caller, RequestReader.bytes(ctx)),
                AuditLog.newRequest());
        JsonResponses.write(ctx, JsonResponses.object().put("id", after.id()).put("state", after.state()));
    }
}
