package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.access.Caller;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.patron.Merge;
import org.patronvault.patron.Patrons;

/** {@code POST /v1/patrons/{id}/merge}. */
final class MergeApi {
    private final Patrons patrons;
    private final Requests requests;
    private final Writes writes;

    MergeApi(Patrons patrons, Requests requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new Writes(patrons);
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/patrons/{id}/merge", this::merge);
    }

    private void merge(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = Requests.body(ctx, "into");
        writes.once(ctx, caller, Act.MERGE, request, body::bytes, replay -> {
            Faults faults = new Faults();
            Optional<String> into = faults.read(() -> body.requiredText("into"));
            faults.check(body::requireKnownMembers);
            Merge.Answer answer =
                    patrons.merge().merge(caller, Requests.patron(ctx), into, faults.first(), replay, request);
            return answer.merged().map(Merge.Merged::json).orElseGet(() -> SharedActs.waiting(ctx, answer.filed()));
        });
    }
}
