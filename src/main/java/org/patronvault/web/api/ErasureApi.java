package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.erasure.Erasure;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.patron.record.ErasureRequests;
import org.patronvault.web.http.IdempotentWrites;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.print.CertificatePage;

/** REST handlers for {@code DELETE /v1/patrons/{id}}, for one field too, and {@code /v1/erasures} (P6). */
public final class ErasureApi {
    private final Patrons patrons;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    public ErasureApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    public void register(RoutesConfig routes) {
        routes.delete("/v1/patrons/{id}", this::erase);
        routes.delete("/v1/patrons/{id}/fields/{field}", this::eraseField);
        routes.get("/v1/erasures", this::list);
        routes.get("/v1/erasures/{id}/certificate", this::certificate);
    }

    /** Erases, and returns the answer. */
    private interface Erasing {
        String run(Caller caller, Optional<IdempotencyStore.Key> replay, byte[] request);
    }

    private void once(Context ctx, Erasing erasing) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        writes.once(
                ctx,
                caller,
                ActKind.ERASE,
                request,
                () -> RequestReader.bytes(ctx),
                replay -> erasing.run(caller, replay, request));
    }

    private void erase(Context ctx) {
        once(
                ctx,
                (caller, replay, request) -> answer(
                        ctx,
                        patrons.erasure()
                                .erase(Erasure.Requester.alone(caller), RequestReader.patron(ctx), replay, request)));
    }

    private void eraseField(Context ctx) {
        once(
                ctx,
                (caller, replay, request) -> answer(
                        ctx,
                        patrons.erasure()
                                .eraseField(
                                        Erasure.Requester.alone(caller),
                                        RequestReader.patron(ctx),
                                        ctx.pathParam("field"),
                                        replay,
                                        request)));
    }

    private static String answer(Context ctx, Erasure.Answer answer) {
        return answer.certificate()
                .map(ErasureCertificate::json)
                .orElseGet(() -> ApprovableActs.waiting(ctx, answer.filed().orElseThrow()));
    }

    private void list(Context ctx) {
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray("erasures");
        for (ErasureRequests.PendingRequest one :
                patrons.erasures().asked(requests.caller(ctx), AuditLog.newRequest())) {
            list.addObject()
                    .put("patron", one.patron().toString())
                    .put("asked", one.asked().toString())
                    .put("by", one.by());
        }
        JsonResponses.write(ctx, json);
    }

    private void certificate(Context ctx) {
        ErasureCertificate certificate =
                patrons.erasures().certificate(requests.caller(ctx), RequestReader.patron(ctx), AuditLog.newRequest());
        if (RequestReader.prefers(ctx, "text/html")) {
            ctx.result(CertificatePage.served(certificate, Texts.of(ctx)).html());
            ctx.contentType("text/html; charset=utf-8");
        } else {
            JsonResponses.write(ctx, certificate.document());
        }
    }
}
