package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.NotEntitledReason;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.ReceivedRequest;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;

/** REST handler for {@code /v1/entitlements/check} (P8). */
public final class EntitlementApi {
    private final Entitlements entitlements;
    private final RequestReader requests;

    public EntitlementApi(Entitlements entitlements, RequestReader requests) {
        this.entitlements = entitlements;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/entitlements/check", this::check);
    }

    private void check(Context ctx) {
        Caller caller = requests.caller(ctx);
        RequestBody body = RequestReader.body(ctx, "card", "pin", "service");
        entitlements.admit(caller);
        body.requireKnownMembers();
        Entitlements.Check check = new Entitlements.Check(
                body.requiredText("card"), body.text("pin").map(Sensitive::of), body.requiredText("service"));
        Entitlements.Answer answer =
                entitlements.check(caller, check, RequestReader.idempotencyKey(ReceivedRequest.of(ctx)));
        ObjectNode json = JsonResponses.object().put("entitled", answer.entitled());
        if (answer.entitled()) {
            json.put("validUntil", answer.validUntil().orElseThrow().toString());
            json.put("subject", answer.subject().orElseThrow());
        } else {
            json.put("reason", answer.told().map(NotEntitledReason::wireName).orElse(Problem.NOT_ENTITLED.slug()));
        }
        JsonResponses.write(ctx, json);
    }
}
