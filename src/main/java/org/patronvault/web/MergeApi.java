package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.access.Caller;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.patron.Merge;
import org.patronvault.patron.Patrons;

/** REST handler for {@code POST /v1/patrons/{id}/merge}. */
final class MergeApi {
    private final Patrons patrons;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    MergeApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/patrons/{id}/merge", this::merge);
    }

    private void merge(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = RequestReader.body(ctx, "into");
        writes.once(ctx, caller, Act.MERGE, request, body::bytes, replay -> {
            RequestValidation faults = new RequestValidation();
            Optional<String> into = faults.read(() -> body.requiredText("into"));
            faults.check(body::requireKnownMembers);
            Merge.Answer answer =
                    patrons.merge().merge(caller, RequestReader.patron(ctx), into, faults.first(), replay, request);
            return answer.merged().map(Merge.Result::json).orElseGet(() -> ApprovableActs.waiting(ctx, answer.filed()));
        });
    }
}
