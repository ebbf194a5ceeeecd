package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.session.Sessions;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.ReceivedRequest;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;

/** REST handlers for {@code /v1/sessions}. */
public final class SessionApi {
    private final Access access;
    private final RequestReader requests;

    public SessionApi(Access access, RequestReader requests) {
        this.access = access;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/sessions", this::signIn);
        routes.get("/v1/sessions", this::list);
        routes.delete("/v1/sessions/current", this::signOut);
        routes.delete("/v1/sessions/{id}", this::end);
    }

    private void signIn(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "username", "password", "otp", "role");
        Sessions.NewSession begun = access.begin(body.credentials(), body.text("role"), requests.origin(ctx));
        ObjectNode json = JsonResponses.object();
        json.put("token", begun.token());
        json.put("expires", begun.expires().toString());
        json.put("role", begun.role());
        ArrayNode roles = json.putArray("roles");
        begun.roles().forEach(roles::add);
        ctx.status(201);
        ctx.header("Location", "/v1/sessions/current");
        JsonResponses.write(ctx, json);
    }

    private void signOut(Context ctx) {
        person(ctx);
        access.sessions().end(RequestReader.token(ReceivedRequest.of(ctx)));
        ctx.status(204);
    }

    private Caller person(Context ctx) {
        Caller caller = requests.caller(ctx);
        if (!caller.isPerson()) {
            throw new Refused(Problem.NOT_ALLOWED, "A key has no session to end; an administrator revokes it.");
        }
        return caller;
    }

    /** Whether the caller may manage other people's sessions. */
    private boolean mayAnyones(Caller caller) {
        return access.may(caller, Permission.STAFF);
    }

    private void list(Context ctx) {
        Caller caller = person(ctx);
        String current = access.sessions().idOf(RequestReader.token(ReceivedRequest.of(ctx)));
        Optional<String> whose = mayAnyones(caller)
                ? Optional.empty()
                : Optional.of(caller.actor().name());
        ObjectNode json = JsonResponses.object();
        ArrayNode sessions = json.putArray("sessions");
        for (Sessions.OpenSession open : access.sessions().open(whose)) {
            ObjectNode one = sessions.addObject()
                    .put("id", open.id())
                    .put("user", open.user())
                    .put("role", open.role())
                    .put("library", open.library())
                    .put("started", open.started().toString())
                    .put("expires", open.expires().toString());
            open.used().ifPresent(used -> one.put("lastUsed", used.toString()));
            one.put("current", open.id().equals(current));
        }
        JsonResponses.write(ctx, json);
    }

    private void end(Context ctx) {
        Caller caller = person(ctx);
        access.sessions().end(caller.actor(), mayAnyones(caller), ctx.pathParam("id"));
        ctx.status(204);
    }
}
