package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.access.Caller;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.patron.Patrons;

/** REST handlers for {@code /v1/patrons/{id}/subjects}: the pairwise subjects under which vendors know patrons (P8). */
final class SubjectApi {
    private final Patrons patrons;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    SubjectApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    void register(RoutesConfig routes) {
        routes.delete("/v1/patrons/{id}/subjects/{client}", this::forget);
    }

    private void forget(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        writes.silently(
                ctx,
                caller,
                Act.FORGET,
                request,
                () -> RequestReader.bytes(ctx),
                replay -> patrons.forgetting()
                        .forget(
                                caller,
                                RequestReader.patron(ctx),
                                RequestReader.ifMatch(ctx),
                                () -> ctx.pathParam("client"),
                                replay,
                                request)
                        .json());
    }
}
