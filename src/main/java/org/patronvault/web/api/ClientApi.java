package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.access.client.Clients;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/clients}: API clients of other systems (P7), for administrators. */
public final class ClientApi {
    private static final ApprovableActs.Kind KIND = new ApprovableActs.Kind(Permission.CLIENTS, ActKind.CLIENT, "key");
    private static final String[] SCOPES = {"scopes", "scope"};
    private static final String[] PURPOSES = {"purposes", "purpose"};

    private final Access access;
    private final ApprovableActs acts;

    public ClientApi(WebUseCases parts, ApprovableActs acts) {
        this.access = parts.access();
        this.acts = acts;
    }

    public void register(RoutesConfig routes) {
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

    private void list(Context ctx) {
        acts.list(ctx, KIND, "clients", () -> clients().list().stream().map(ClientApi::json));
    }

    private void one(Context ctx) {
        acts.one(ctx, KIND, name -> json(clients().find(name)));
    }

    private static ObjectNode json(Clients.Facts facts) {
        ClientGrant grant = facts.grant();
        ObjectNode json = JsonResponses.object()
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
        if (grant.checks().isPresent()) {
            json.put("checks", grant.checks().getAsInt());
        } else {
            json.put("checks", grant.checksText());
        }
        return json.put("reference", grant.reference()).put("expires", grant.expiresText());
    }

    /** Merges the request over the present grant. {@code null} restores the default of a new client. */
    private static ClientGrant over(ClientGrant before, RequestBody body) {
        ClientGrant fresh = ClientGrant.NOTHING;
        return ClientGrant.parse(
                        body.has(SCOPES) ? body.texts(SCOPES) : List.copyOf(before.scopes()),
                        body.has("fields")
                                ? body.texts("fields")
                                : before.fields().stream()
                                        .map(PatronField::wireName)
                                        .toList(),
                        body.has(PURPOSES)
                                ? body.texts(PURPOSES)
                                : before.purposes().stream().map(Purpose::name).toList(),
                        body.has("daily") ? body.scalar("daily").orElse(fresh.dailyText()) : before.dailyText(),
                        body.has("reference") ? body.text("reference").orElse(fresh.reference()) : before.reference(),
                        body.has("expires") ? body.text("expires").orElse(fresh.expiresText()) : before.expiresText())
                .checking(body.has("checks") ? body.scalar("checks").orElse(fresh.checksText()) : before.checksText());
    }

    private void add(Context ctx) {
        RequestBody body = RequestReader.body(
                ctx,
                "name",
                "scope",
                "scopes",
                "fields",
                "purpose",
                "purposes",
                "daily",
                "reference",
                "expires",
                "checks");
        Supplier<ObjectNode> done =
                () -> JsonResponses.object().put("name", access.accounts().canonical(body.requiredText("name")));
        acts.add(ctx, KIND, body.bytes(), done, asking -> {
            String name = body.requiredText("name");
            clients().requireFree(name);
            body.requireKnownMembers();
            return clients().add(asking, name, over(ClientGrant.NOTHING, body));
        });
    }

    private void change(Context ctx) {
        RequestBody body = RequestReader.body(
                ctx, "scope", "scopes", "fields", "purpose", "purposes", "daily", "reference", "expires", "checks");
        about(
                ctx,
                body.bytes(),
                before -> json(new Clients.Facts(
                        before.name(), over(before.grant(), body), before.revoked(), before.created())),
                (asking, before) -> {
                    body.requireKnownMembers();
                    return clients().change(asking, before.name(), over(before.grant(), body));
                });
    }

    private void rotate(Context ctx) {
        about(
                ctx,
                RequestReader.body(ctx).bytes(),
                ClientApi::named,
                (asking, client) -> clients().rotate(asking, client.name()));
    }

    private void revoke(Context ctx) {
        about(
                ctx,
                RequestReader.body(ctx).bytes(),
                ClientApi::named,
                (asking, client) -> clients().revoke(asking, client.name()));
    }

    private static ObjectNode named(Clients.Facts client) {
        return JsonResponses.object().put("name", client.name());
    }

    private void about(
            Context ctx,
            byte[] body,
            Function<Clients.Facts, ObjectNode> done,
            BiFunction<Approvals.Requester, Clients.Facts, Approvals.Answer> act) {
        acts.change(ctx, KIND, body, clients()::find, done, act);
    }
}
