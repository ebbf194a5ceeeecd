package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.access.Caller;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.patron.Patrons;

/** {@code /v1/patrons/{id}/subjects}: what vendors know patrons by (P8). */
final class SubjectApi {
    private final Patrons patrons;
    private final Requests requests;
    private final Writes writes;

    SubjectApi(Patrons patrons, Requests requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new Writes(patrons);
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
                () -> Requests.bytes(ctx),
                replay -> patrons.forgetting()
                        .forget(
                                caller,
                                Requests.patron(ctx),
                                Requests.ifMatch(ctx),
                                () -> ctx.pathParam("client"),
                                replay,
                                request)
                        .json());
    }
}
