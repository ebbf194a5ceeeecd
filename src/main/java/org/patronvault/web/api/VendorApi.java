package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.core.log.AuditLog;
import org.patronvault.privacy.entitlement.CheckAnswer;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.privacy.entitlement.Vendor;
import org.patronvault.privacy.entitlement.VendorCounts;
import org.patronvault.privacy.entitlement.Vendors;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/vendors}: each vendor's requests, answers and counts (P8). */
public final class VendorApi {
    private final Vendors vendors;
    private final Supplier<List<GatewayAccount>> gateway;
    private final RequestReader requests;

    public VendorApi(WebUseCases parts, RequestReader requests) {
        this.vendors = parts.privacy().vendors();
        this.gateway = parts.gateway();
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/vendors", this::list);
        routes.get("/v1/vendors/{name}", this::one);
    }

    private void list(Context ctx) {
        Vendors.Result<List<Vendor>> look = vendors.list(requests.caller(ctx), AuditLog.newRequest());
        ObjectNode json = JsonResponses.object();
        ArrayNode all = json.putArray("vendors");
        look.seen().forEach(vendor -> all.add(json(vendor)));
        write(ctx, json, look);
    }

    private void one(Context ctx) {
        Vendors.Result<Vendor> look = vendors.look(requests.caller(ctx), ctx.pathParam("name"), AuditLog.newRequest());
        Vendor vendor = look.seen();
        ObjectNode json = json(vendor);
        ArrayNode byService = json.putArray("byService");
        vendor.byService().forEach((service, counts) -> {
            ObjectNode one = byService.addObject();
            if (!service.isEmpty()) {
                one.put("service", service);
            }
            one.set("counts", json(counts));
        });
        ArrayNode days = json.putArray("days");
        vendor.days()
                .forEach((day, counts) ->
                        days.addObject().put("day", day.toString()).set("counts", json(counts)));
        ArrayNode accounts = json.putArray("accounts");
        gateway.get().stream()
                .filter(account -> account.client().equals(vendor.client().name()))
                .forEach(account -> accounts.add(json(account)));
        write(ctx, json, look);
    }

    private static void write(Context ctx, ObjectNode json, Vendors.Result<?> look) {
        JsonResponses.write(ctx, json.put("behind", look.behind()).put("entry", look.entry()));
    }

    private static ObjectNode json(Vendor vendor) {
        ClientGrant grant = vendor.client().grant();
        ObjectNode json = JsonResponses.object()
                .put("name", vendor.client().name())
                .put("state", vendor.state().name().toLowerCase(Locale.ROOT))
                .put("reference", grant.reference())
                .put("expires", grant.expiresText());
        ArrayNode services = json.putArray("services");
        vendor.services().forEach((name, service) -> {
            ObjectNode one = services.addObject().put("name", name);
            service.words().forEach(one.putArray("words")::add);
        });
        json.set("today", json(vendor.today()));
        json.set("thirtyDays", json(vendor.sum()));
        vendor.lastAsked().ifPresent(time -> json.put("lastAsked", time.toString()));
        return json;
    }

    private static ObjectNode json(VendorCounts counts) {
        return JsonResponses.object()
                .put("asked", counts.asked())
                .put("entitled", counts.of(CheckAnswer.ENTITLED))
                .put("notEntitled", counts.of(CheckAnswer.NOT_ENTITLED))
                .put("heldBack", counts.of(CheckAnswer.HELD_BACK))
                .put("verifierUnavailable", counts.of(CheckAnswer.VERIFIER_UNAVAILABLE))
                .put("failed", counts.of(CheckAnswer.FAILED));
    }

    private static ObjectNode json(GatewayAccount account) {
        ObjectNode json = JsonResponses.object()
                .put("login", account.login())
                .put("service", account.service())
                .put("connections", account.connections())
                .put("refusedLogins", account.refusedLogins())
                .put("brokenMessages", account.brokenMessages());
        account.lastHeard().ifPresent(time -> json.put("lastHeard", time.toString()));
        return json;
    }
}
