package org.patronvault.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.access.Access;
import org.patronvault.access.Sessions;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** {@code /v1/sessions}. */
final class SessionApi {
    private final Access access;
    private final Requests requests;

    SessionApi(Access access, Requests requests) {
        this.access = access;
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/sessions", this::signIn);
        routes.delete("/v1/sessions/current", this::signOut);
    }

    private void signIn(Context ctx) {
        RequestBody body = Requests.body(ctx, "username", "password", "otp", "role");
        body.requireKnownMembers();
        Sessions.Begun begun = access.begin(
                body.requiredText("username"), body.requiredText("password"), body.text("role"), requests.address(ctx));
        ObjectNode json = Answers.object();
        json.put("token", begun.token());
        json.put("expires", begun.expires().toString());
        json.put("role", begun.role());
        ArrayNode roles = json.putArray("roles");
        begun.roles().forEach(roles::add);
        ctx.status(201);
        ctx.header("Location", "/v1/sessions/current");
        Answers.write(ctx, json);
    }

    private void signOut(Context ctx) {
        if (!requests.caller(ctx).isPerson()) {
            throw new Refused(Problem.NOT_ALLOWED, "A key has no session to end; an administrator revokes it.");
        }
        access.sessions().end(Requests.token(ctx));
        ctx.status(204);
    }
}
