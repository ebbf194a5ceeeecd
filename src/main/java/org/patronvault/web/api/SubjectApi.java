package org.patronvault.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;
import org.patronvault.web.http.IdempotentWrites;
import org.patronvault.web.http.RequestReader;

/** REST handlers for {@code /v1/patrons/{id}/subjects}: the pairwise subjects under which vendors know patrons (P8). */
public final class SubjectApi {
    private final Patrons patrons;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    public SubjectApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    public void register(RoutesConfig routes) {
        routes.delete("/v1/patrons/{id}/subjects/{client}", this::forget);
    }

    private void forget(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        writes.silently(
                ctx,
                caller,
                ActKind.FORGET,
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
