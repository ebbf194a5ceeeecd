package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.access.Approval;
import org.patronvault.access.Approvals;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.Act;

/** {@code /v1/approvals}: what waits for a second person. */
final class ApprovalApi {
    private final Approvals approvals;
    private final Requests requests;
    private final SharedActs acts;

    ApprovalApi(WebParts parts, Requests requests, SharedActs acts) {
        this.approvals = parts.access().approvals();
        this.requests = requests;
        this.acts = acts;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/approvals", this::list);
        routes.get("/v1/approvals/{id}", this::one);
        routes.post("/v1/approvals/{id}", this::decide);
        routes.post("/v1/approvals/{id}/result", this::collect);
    }

    /** Whoever may agree to what others ask, or asks. */
    private Caller admit(Context ctx) {
        Caller caller = requests.caller(ctx);
        acts.requireAny(caller, Approvals.mayAgree(caller.actor()), Act.APPROVAL, Permission.STAFF, Permission.CLIENTS);
        return caller;
    }

    private void list(Context ctx) {
        Caller caller = admit(ctx);
        ObjectNode json = Answers.object();
        ArrayNode list = json.putArray("approvals");
        acts.logging(caller, Act.APPROVAL, () -> approvals.list(caller.actor()))
                .forEach(approval -> list.add(json(approval)));
        Answers.write(ctx, json);
    }

    private void one(Context ctx) {
        Caller caller = admit(ctx);
        Approval found = acts.logging(caller, Act.APPROVAL, () -> approvals.find(caller.actor(), ctx.pathParam("id")));
        Answers.write(ctx, json(found));
    }

    private static ObjectNode json(Approval approval) {
        ObjectNode json = Answers.object()
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

    /** Agrees, unless it says otherwise. */
    private void decide(Context ctx) {
        Caller caller = admit(ctx);
        RequestBody body = Requests.isEmpty(ctx) ? Requests.emptyBody() : Requests.body(ctx, "approve", "digest");
        Approval after = acts.logging(caller, Act.APPROVAL, () -> {
            String id = approvals.find(caller.actor(), ctx.pathParam("id")).id();
            body.requireKnownMembers();
            JsonNode approve = body.node().path("approve");
            if (!approve.isMissingNode() && !approve.isBoolean()) {
                throw Requests.invalid("approve must be true or false.");
            }
            return approve.asBoolean(true)
                    ? approvals.approve(caller.actor(), id, body.text("digest"))
                    : approvals.reject(caller.actor(), id);
        });
        Answers.write(ctx, json(after));
    }

    private void collect(Context ctx) {
        Caller caller = admit(ctx);
        String answer = acts.logging(caller, Act.APPROVAL, () -> {
            Approval approval = approvals.find(caller.actor(), ctx.pathParam("id"));
            String name = approval.secretName().orElse("result");
            return acts.once(ctx, caller, Requests.bytes(ctx), key -> {
                String secret = approvals.collect(caller.actor(), approval.id(), key, s -> result(name, s));
                return result(name, secret);
            });
        });
        Answers.write(ctx, Answers.parse(answer));
    }

    private static String result(String name, String secret) {
        return Answers.object().put(name, secret).toString();
    }
}
