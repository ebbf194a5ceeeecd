package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.patronvault.access.Access;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.StaffFacts;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/staff}: staff accounts, for administrators. */
public final class StaffApi {
    private static final ApprovableActs.Kind KIND =
            new ApprovableActs.Kind(Permission.STAFF, ActKind.STAFF, "activationCode");

    private final Access access;
    private final RequestReader requests;
    private final ApprovableActs acts;

    public StaffApi(WebUseCases parts, RequestReader requests, ApprovableActs acts) {
        this.access = parts.access();
        this.requests = requests;
        this.acts = acts;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/staff", this::list);
        routes.post("/v1/staff", this::add);
        routes.get("/v1/staff/{name}", this::one);
        routes.post("/v1/staff/{name}/grant", this::grant);
        routes.post("/v1/staff/{name}/revoke", this::revoke);
        routes.post("/v1/staff/{name}/disable", ctx -> about(ctx, accounts()::disable));
        routes.post("/v1/staff/{name}/enable", ctx -> about(ctx, accounts()::enable));
        routes.post("/v1/staff/{name}/unlock", ctx -> about(ctx, accounts()::unlock));
        routes.post("/v1/staff/{name}/password", this::password);
        routes.post("/v1/staff/{name}/link", this::link);
        routes.post("/v1/staff/{name}/unlink", ctx -> about(ctx, access.signOn().accounts()::unlink));
        routes.post("/v1/staff/{name}/reset-second-factor", ctx -> about(ctx, accounts()::resetSecondFactor));
    }

    private Accounts accounts() {
        return access.accounts();
    }

    private void list(Context ctx) {
        acts.list(ctx, KIND, "staff", () -> accounts().list().stream().map(StaffApi::json));
    }

    private void one(Context ctx) {
        acts.one(ctx, KIND, name -> json(accounts().find(name)));
    }

    private static ObjectNode json(StaffFacts facts) {
        ObjectNode json = JsonResponses.object()
                .put("name", facts.name())
                .put("library", facts.library())
                .put("disabled", facts.disabled())
                .put("activated", facts.activated())
                .put("signOn", facts.signOn())
                .put("madeBy", facts.maker())
                .put("countsAsSecond", facts.countsAsSecond())
                .put("created", facts.created().toString());
        facts.roles().forEach(json.putArray("roles")::add);
        return json;
    }

    private void add(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "name", "role", "roles", "library", "password");
        acts.add(ctx, KIND, body.bytes(), () -> added(body), asking -> {
            String name = body.requiredText("name");
            accounts().requireFree(name);
            body.requireKnownMembers();
            List<Role> roles = roles(body);
            String library = body.text("library").orElse("");
            Optional<String> password = body.text("password");
            return password.isPresent()
                    ? accounts().add(asking, name, roles, library, password.get())
                    : accounts().add(asking, name, roles, library);
        });
    }

    private ObjectNode added(RequestBody body) {
        ObjectNode done = JsonResponses.object().put("name", accounts().canonical(body.requiredText("name")));
        roles(body).forEach(role -> done.withArray("roles").add(role.name()));
        return done.put("library", body.text("library").orElse(""));
    }

    private static List<Role> roles(RequestBody body) {
        List<String> roles = body.texts("roles", "role");
        if (roles.isEmpty()) {
            throw RequestReader.invalid("roles is required.");
        }
        return roles.stream().map(Role::new).toList();
    }

    private void grant(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "role", "roles");
        about(ctx, body.bytes(), (asking, name) -> {
            body.requireKnownMembers();
            return accounts().grant(asking, name, roles(body));
        });
    }

    private void revoke(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "role", "roles");
        about(ctx, body.bytes(), (asking, name) -> {
            body.requireKnownMembers();
            return accounts().revoke(asking, name, roles(body));
        });
    }

    private void link(Context ctx) {
        RequestBody body = RequestReader.body(ctx, "code");
        about(ctx, body.bytes(), (asking, name) -> {
            body.requireKnownMembers();
            return access.signOn().accounts().link(asking, name, body.requiredText("code"));
        });
    }

    /** An act without terms. */
    private void about(Context ctx, BiFunction<Approvals.Requester, String, Approvals.Answer> act) {
        about(ctx, RequestReader.body(ctx).bytes(), act);
    }

    private void about(Context ctx, byte[] body, BiFunction<Approvals.Requester, String, Approvals.Answer> act) {
        acts.change(
                ctx,
                KIND,
                body,
                written -> accounts().find(written).name(),
                name -> JsonResponses.object().put("name", name),
                act);
    }

    /**
     * Sets the caller's own password, with the present one or an activation code and no session, or another's as
     * administrator.
     */
    private void password(Context ctx) {
        RequestBody body = RequestReader.isEmpty(ctx)
                ? RequestReader.emptyBody()
                : RequestReader.body(ctx, "current", "password", "otp");
        if (body.node().isEmpty()) {
            about(ctx, accounts()::resetPassword);
            return;
        }
        body.requireKnownMembers();
        String current = body.requiredText("current");
        String password = body.requiredText("password");
        SignIn.Identity who = access.signIn()
                .prove(
                        new SignIn.Credentials(
                                ctx.pathParam("name"), current, body.text("otp").orElse("")),
                        requests.origin(ctx));
        accounts().setOwnPassword(who, password);
        ctx.status(204);
    }
}
