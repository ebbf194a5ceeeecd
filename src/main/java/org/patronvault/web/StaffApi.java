package org.patronvault.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.patronvault.access.Access;
import org.patronvault.access.Accounts;
import org.patronvault.access.Approvals;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.SignIn;
import org.patronvault.access.StaffFacts;
import org.patronvault.audit.Act;
import org.patronvault.model.Actor;
import org.patronvault.model.Role;

/** {@code /v1/staff}: accounts of people, by an administrator. */
final class StaffApi {
    private static final String ACTIVATION_CODE = "activationCode";

    private final Access access;
    private final Requests requests;
    private final SharedActs acts;

    StaffApi(WebParts parts, Requests requests, SharedActs acts) {
        this.access = parts.access();
        this.requests = requests;
        this.acts = acts;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/staff", this::list);
        routes.post("/v1/staff", this::add);
        routes.get("/v1/staff/{name}", this::one);
        routes.post("/v1/staff/{name}/grant", this::grant);
        routes.post("/v1/staff/{name}/revoke", this::revoke);
        routes.post("/v1/staff/{name}/disable", ctx -> alone(ctx, accounts()::disable));
        routes.post(
                "/v1/staff/{name}/enable",
                ctx -> about(ctx, (asking, name) -> accounts().enable(asking, name)));
        routes.post("/v1/staff/{name}/unlock", ctx -> alone(ctx, accounts()::unlock));
        routes.post("/v1/staff/{name}/password", this::password);
    }

    private Accounts accounts() {
        return access.accounts();
    }

    private Caller admit(Context ctx) {
        return acts.admit(ctx, Permission.STAFF, Act.STAFF);
    }

    private void list(Context ctx) {
        admit(ctx);
        ObjectNode json = Answers.object();
        ArrayNode staff = json.putArray("staff");
        accounts().list().forEach(facts -> staff.add(json(facts)));
        Answers.write(ctx, json);
    }

    private void one(Context ctx) {
        Caller caller = admit(ctx);
        Answers.write(ctx, json(acts.logging(caller, Act.STAFF, () -> accounts().find(ctx.pathParam("name")))));
    }

    private static ObjectNode json(StaffFacts facts) {
        ObjectNode json = Answers.object()
                .put("name", facts.name())
                .put("library", facts.library())
                .put("disabled", facts.disabled())
                .put("activated", facts.activated())
                .put("created", facts.created().toString());
        facts.roles().forEach(json.putArray("roles")::add);
        return json;
    }

    private void add(Context ctx) {
        Caller caller = admit(ctx);
        RequestBody body = Requests.body(ctx, "name", "role", "roles", "library", "password");
        acts.logging(caller, Act.STAFF, () -> {
            body.requireKnownMembers();
            String name = body.requiredText("name");
            List<Role> roles = roles(body);
            String library = body.text("library").orElse("");
            ObjectNode done = Answers.object().put("name", accounts().canonical(name));
            roles.forEach(role -> done.withArray("roles").add(role.name()));
            done.put("library", library);
            Optional<String> password = body.text("password");
            Function<Approvals.Asking, Approvals.Answer> act = asking -> password.isPresent()
                    ? accounts().add(asking, name, roles, library, password.get())
                    : accounts().add(asking, name, roles, library);
            acts.carryOut(ctx, caller, body.bytes(), 201, done, ACTIVATION_CODE, act);
            return null;
        });
    }

    private static List<Role> roles(RequestBody body) {
        List<String> roles = body.texts("roles", "role");
        if (roles.isEmpty()) {
            throw Requests.invalid("roles is required.");
        }
        return roles.stream().map(Role::new).toList();
    }

    private void grant(Context ctx) {
        Caller caller = admit(ctx);
        RequestBody body = Requests.body(ctx, "role", "roles");
        acts.logging(caller, Act.STAFF, () -> {
            StaffFacts facts = accounts().find(ctx.pathParam("name"));
            body.requireKnownMembers();
            List<Role> roles = roles(body);
            ObjectNode done = Answers.object().put("name", facts.name());
            acts.carryOut(
                    ctx,
                    caller,
                    body.bytes(),
                    200,
                    done,
                    ACTIVATION_CODE,
                    asking -> accounts().grant(asking, facts.name(), roles));
            return null;
        });
    }

    private void revoke(Context ctx) {
        RequestBody body = Requests.body(ctx, "role", "roles");
        alone(ctx, (by, name) -> {
            body.requireKnownMembers();
            accounts().revoke(by, name, roles(body));
        });
    }

    /** An act one person is enough for. */
    private void alone(Context ctx, BiConsumer<Actor, String> act) {
        Caller caller = admit(ctx);
        StaffFacts after = acts.logging(caller, Act.STAFF, () -> {
            String name = accounts().find(ctx.pathParam("name")).name();
            act.accept(caller.actor(), name);
            return accounts().find(name);
        });
        Answers.write(ctx, json(after));
    }

    /** An act without terms that may need two. */
    private void about(Context ctx, java.util.function.BiFunction<Approvals.Asking, String, Approvals.Answer> act) {
        Caller caller = admit(ctx);
        acts.logging(caller, Act.STAFF, () -> {
            String name = accounts().find(ctx.pathParam("name")).name();
            ObjectNode done = Answers.object().put("name", name);
            acts.carryOut(
                    ctx, caller, Requests.bytes(ctx), 200, done, ACTIVATION_CODE, asking -> act.apply(asking, name));
            return null;
        });
    }

    /** One's own, by the present one or an activation code, without a session; another's, by an administrator. */
    private void password(Context ctx) {
        if (Requests.isEmpty(ctx)) {
            about(ctx, (asking, name) -> accounts().resetPassword(asking, name));
            return;
        }
        RequestBody body = Requests.body(ctx, "current", "password");
        body.requireKnownMembers();
        String current = body.requiredText("current");
        String password = body.requiredText("password");
        SignIn.Proven who = access.signIn().prove(ctx.pathParam("name"), current, requests.address(ctx));
        accounts().setOwnPassword(who.acting(Optional.empty()), password);
        ctx.status(204);
    }
}
