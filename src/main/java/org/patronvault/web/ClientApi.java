package org.patronvault.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.ClientGrant;
import org.patronvault.access.Clients;
import org.patronvault.access.Permission;
import org.patronvault.audit.Act;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;

/** {@code /v1/clients}: other systems (P7), by an administrator. */
final class ClientApi {
    private static final String KEY = "key";

    private final Access access;
    private final SharedActs acts;

    ClientApi(WebParts parts, SharedActs acts) {
        this.access = parts.access();
        this.acts = acts;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/clients", this::list);
        routes.post("/v1/clients", this::add);
        routes.get("/v1/clients/{name}", this::one);
        routes.patch("/v1/clients/{name}", this::change);
        routes.post("/v1/clients/{name}/rotate", this::rotate);
        routes.post("/v1/clients/{name}/revoke", this::revoke);
    }

    private Clients clients() {
        return access.clients();
    }

    private Caller admit(Context ctx) {
        return acts.admit(ctx, Permission.CLIENTS, Act.CLIENT);
    }

    private void list(Context ctx) {
        admit(ctx);
        ObjectNode json = Answers.object();
        ArrayNode list = json.putArray("clients");
        clients().list().forEach(facts -> list.add(json(facts)));
        Answers.write(ctx, json);
    }

    private void one(Context ctx) {
        Caller caller = admit(ctx);
        Answers.write(ctx, json(acts.logging(caller, Act.CLIENT, () -> clients().find(ctx.pathParam("name")))));
    }

    private static ObjectNode json(Clients.Facts facts) {
        ClientGrant grant = facts.grant();
        ObjectNode json = Answers.object()
                .put("name", facts.name())
                .put("revoked", facts.revoked())
                .put("created", facts.created().toString());
        grant.scopes().stream().sorted().forEach(json.putArray("scopes")::add);
        grant.fields().stream().map(PatronField::wireName).sorted().forEach(json.putArray("fields")::add);
        grant.purposes().stream().map(Purpose::name).sorted().forEach(json.putArray("purposes")::add);
        if (grant.daily().isPresent()) {
            json.put("daily", grant.daily().getAsInt());
        } else {
            json.put("daily", "none");
        }
        return json.put("reference", grant.reference()).put("expires", grant.expiresText());
    }

    private static RequestBody body(Context ctx) {
        return Requests.body(
                ctx, "name", "scope", "scopes", "fields", "purpose", "purposes", "daily", "reference", "expires");
    }

    /** What was sent, the rest as it was. */
    private static ClientGrant over(ClientGrant before, RequestBody body) {
        body.requireKnownMembers();
        List<String> scopes = body.texts("scopes", "scope");
        return ClientGrant.parse(
                scopes.isEmpty() ? List.copyOf(before.scopes()) : scopes,
                body.has("fields")
                        ? body.texts("fields")
                        : before.fields().stream().map(PatronField::wireName).toList(),
                body.has("purposes", "purpose")
                        ? body.texts("purposes", "purpose")
                        : before.purposes().stream().map(Purpose::name).toList(),
                body.scalar("daily").orElse(before.dailyText()),
                body.text("reference").orElse(before.reference()),
                body.text("expires").orElse(before.expiresText()));
    }

    private void add(Context ctx) {
        Caller caller = admit(ctx);
        RequestBody body = body(ctx);
        acts.logging(caller, Act.CLIENT, () -> {
            String name = body.requiredText("name");
            ClientGrant grant = over(ClientGrant.NOTHING, body);
            ObjectNode done = Answers.object().put("name", access.accounts().canonical(name));
            acts.carryOut(
                    ctx,
                    caller,
                    body.bytes(),
                    201,
                    done,
                    KEY,
                    asking -> clients().add(asking, name, grant));
            return null;
        });
    }

    private void change(Context ctx) {
        Caller caller = admit(ctx);
        RequestBody body = body(ctx);
        acts.logging(caller, Act.CLIENT, () -> {
            Clients.Facts before = clients().find(ctx.pathParam("name"));
            ClientGrant grant = over(before.grant(), body);
            ObjectNode done = json(new Clients.Facts(before.name(), grant, before.revoked(), before.created()));
            acts.carryOut(
                    ctx,
                    caller,
                    body.bytes(),
                    200,
                    done,
                    KEY,
                    asking -> clients().change(asking, before.name(), grant));
            return null;
        });
    }

    private void rotate(Context ctx) {
        Caller caller = admit(ctx);
        acts.logging(caller, Act.CLIENT, () -> {
            String name = clients().find(ctx.pathParam("name")).name();
            ObjectNode done = Answers.object().put("name", name);
            acts.carryOut(
                    ctx,
                    caller,
                    Requests.bytes(ctx),
                    200,
                    done,
                    KEY,
                    asking -> clients().rotate(asking, name));
            return null;
        });
    }

    private void revoke(Context ctx) {
        Caller caller = admit(ctx);
        Clients.Facts after = acts.logging(caller, Act.CLIENT, () -> {
            String name = clients().find(ctx.pathParam("name")).name();
            clients().revoke(caller.actor(), name);
            return clients().find(name);
        });
        Answers.write(ctx, json(after));
    }
}
