package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.lookup.ChangeFeed;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestReader;

/** REST handler for {@code GET /v1/changes}. */
public final class ChangesApi {
    private final Patrons patrons;
    private final RequestReader requests;

    public ChangesApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/changes", this::changes);
    }

    private void changes(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        patrons.changes().admit(caller, request);
        long after = RequestReader.query(ctx, "after", 0);
        long limit = RequestReader.query(ctx, "limit", ChangeFeed.MAX_CHANGES);
        if (limit < 1 || limit > ChangeFeed.MAX_CHANGES) {
            throw RequestReader.invalid("limit must be a whole number from 1 to " + ChangeFeed.MAX_CHANGES + ".");
        }
        JsonResponses.write(ctx, answer(patrons.changes().after(caller, after, (int) limit, request)));
    }

    private static ArrayNode answer(List<ChangeFeed.Change> changes) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (ChangeFeed.Change change : changes) {
            list.addObject()
                    .put("n", change.n())
                    .put("id", change.id().toString())
                    .put("version", change.version())
                    .put("erased", change.erased());
        }
        return list;
    }
}
