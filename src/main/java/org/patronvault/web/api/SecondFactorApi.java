package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.patronvault.access.Access;
import org.patronvault.access.account.SecondFactor;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.page.QrCode;

/** REST handlers for {@code /v1/second-factor}: enrollment by name and password, before there is a session. */
public final class SecondFactorApi {
    private final Access access;
    private final RequestReader requests;

    public SecondFactorApi(Access access, RequestReader requests) {
        this.access = access;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/second-factor", this::begin);
        routes.post("/v1/second-factor/confirmation", this::confirm);
    }

    private void begin(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "username", "password", "otp");
        SecondFactor.Enrolment begun =
                access.secondFactor().begin(access.signIn().prove(body.credentials(), requests.origin(ctx)));
        ctx.status(201);
        JsonResponses.write(
                ctx,
                JsonResponses.object()
                        .put("secret", begun.secret())
                        .put("uri", begun.uri())
                        .put("qr", QrCode.of(begun.uri()).svg()));
    }

    private void confirm(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "username", "password", "otp");
        body.requireKnownMembers();
        body.requiredText("otp");
        ObjectNode json = JsonResponses.object();
        ArrayNode codes = json.putArray("recoveryCodes");
        access.signIn().confirm(body.credentials(), requests.origin(ctx)).forEach(codes::add);
        JsonResponses.write(ctx, json);
    }
}
