package org.patronvault.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.erasure.Merge;
import org.patronvault.web.http.IdempotentWrites;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestValidation;

/** REST handler for {@code POST /v1/patrons/{id}/merge}. */
public final class MergeApi {
    private final Patrons patrons;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    public MergeApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/patrons/{id}/merge", this::merge);
    }

    private void merge(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = RequestReader.body(ctx, "into");
        writes.once(ctx, caller, ActKind.MERGE, request, body::bytes, replay -> {
            RequestValidation faults = new RequestValidation();
            Optional<String> into = faults.read(() -> body.requiredText("into"));
            faults.check(body::requireKnownMembers);
            Merge.Answer answer =
                    patrons.merge().merge(caller, RequestReader.patron(ctx), into, faults.first(), replay, request);
            return answer.merged()
                    .map(Merge.Result::json)
                    .orElseGet(() -> ApprovableActs.waiting(ctx, answer.filed().orElseThrow()));
        });
    }
}
