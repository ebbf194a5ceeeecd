package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletableFuture;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.NotEntitledReason;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.web.http.HotCall;
import org.patronvault.web.http.HttpAnswer;
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

    /** The check. Systems of vendors make it often. */
    public HotCall hotCall() {
        return new HotCall("/v1/entitlements/check", this::check);
    }

    private CompletableFuture<HttpAnswer> check(ReceivedRequest request) {
        Caller caller = requests.caller(request);
        RequestBody body = RequestReader.body(request, "card", "pin", "service");
        entitlements.admit(caller);
        body.requireKnownMembers();
        Entitlements.Check check = new Entitlements.Check(
                body.requiredText("card"), body.text("pin").map(Sensitive::of), body.requiredText("service"));
        Entitlements.Answer answer = entitlements.check(caller, check, RequestReader.idempotencyKey(request));
        ObjectNode json = JsonResponses.object().put("entitled", answer.entitled());
        if (answer.entitled()) {
            json.put("validUntil", answer.validUntil().orElseThrow().toString());
            json.put("subject", answer.subject().orElseThrow());
        } else {
            json.put("reason", answer.told().map(NotEntitledReason::wireName).orElse(Problem.NOT_ENTITLED.slug()));
        }
        return CompletableFuture.completedFuture(JsonResponses.answer(json));
    }
}
