package org.patronvault.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/approvals}: requests that wait for a second person. */
public final class ApprovalApi {
    private final Approvals approvals;
    private final ApprovableActs acts;

    public ApprovalApi(WebUseCases parts, ApprovableActs acts) {
        this.approvals = parts.access().approvals();
        this.acts = acts;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/approvals", this::list);
        routes.get("/v1/approvals/{id}", this::one);
        routes.post("/v1/approvals/{id}", this::decide);
        routes.post("/v1/approvals/{id}/result", this::collect);
    }

    private void list(Context ctx) {
        Caller caller = acts.admitToApprovals(ctx);
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray("approvals");
        acts.logging(caller, ActKind.APPROVAL, () -> approvals.list(caller.actor()))
                .forEach(approval -> list.add(json(approval)));
        JsonResponses.write(ctx, json);
    }

    private void one(Context ctx) {
        Caller caller = acts.admitToApprovals(ctx);
        Approval found =
                acts.logging(caller, ActKind.APPROVAL, () -> approvals.find(caller.actor(), ctx.pathParam("id")));
        JsonResponses.write(ctx, json(found));
    }

    private static ObjectNode json(Approval approval) {
        ObjectNode json = JsonResponses.object()
                .put("id", approval.id())
                .put("kind", approval.kind())
                .put("about", approval.about())
                .put("what", approval.sentence());
        ObjectNode terms = json.putObject("terms");
        approval.terms().forEach((term, values) -> {
            ArrayNode list = terms.putArray(term);
            values.forEach(list::add);
        });
        json.put("digest", approval.digest())
                .put("requester", approval.requester())
                .put("filed", approval.filed().toString())
                .put("expires", approval.expires().toString())
                .put("state", approval.state().wireName())
                .put("needs", approval.needs());
        approval.approvers().forEach(json.putArray("approvers")::add);
        approval.secretName().ifPresent(name -> json.put("result", name));
        return json;
    }

    /** Approves the request, unless the body says otherwise. */
    private void decide(Context ctx) {
        Caller caller = acts.admitToApprovals(ctx);
        RequestBody body =
                RequestReader.isEmpty(ctx) ? RequestReader.emptyBody() : RequestReader.body(ctx, "approve", "digest");
        String answer = acts.logging(caller, ActKind.APPROVAL, () -> {
            String id = approvals.find(caller.actor(), ctx.pathParam("id")).id();
            return acts.once(ctx, caller, body.bytes(), key -> {
                IdempotencyStore.Once<Approval> once =
                        new IdempotencyStore.Once<>(key, after -> json(after).toString());
                approvals.findOpen(caller.actor(), id);
                body.requireKnownMembers();
                return once.json()
                        .apply(
                                approves(body)
                                        ? approvals.approve(caller.actor(), id, body.text("digest"), once)
                                        : approvals.reject(caller.actor(), id, once));
            });
        });
        JsonResponses.write(ctx, answer);
    }

    private static boolean approves(RequestBody body) {
        JsonNode approve = body.node().path("approve");
        if (!approve.isMissingNode() && !approve.isBoolean()) {
            throw RequestReader.invalid("approve must be true or false.");
        }
        return approve.asBoolean(true);
    }

    private void collect(Context ctx) {
        Caller caller = acts.admitToApprovals(ctx);
        String answer = acts.logging(caller, ActKind.APPROVAL, () -> {
            Approval approval = approvals.find(caller.actor(), ctx.pathParam("id"));
            String name = approval.secretName().orElse("result");
            return acts.once(ctx, caller, RequestReader.body(ctx).bytes(), key -> {
                IdempotencyStore.Once<String> once = new IdempotencyStore.Once<>(
                        key, secret -> JsonResponses.object().put(name, secret).toString());
                return once.json().apply(approvals.collect(caller.actor(), approval.id(), once));
            });
        });
        JsonResponses.write(ctx, answer);
    }
}
