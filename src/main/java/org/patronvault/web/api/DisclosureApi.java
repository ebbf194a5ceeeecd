package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.policy.Caller;
import org.patronvault.privacy.disclosure.CaseDecisionRules;
import org.patronvault.privacy.disclosure.CaseIntake;
import org.patronvault.privacy.disclosure.CaseJson;
import org.patronvault.privacy.disclosure.CaseReleases;
import org.patronvault.privacy.disclosure.CaseWorkflow;
import org.patronvault.privacy.disclosure.Cases;
import org.patronvault.privacy.disclosure.DisclosureCase;
import org.patronvault.privacy.disclosure.Disclosures;
import org.patronvault.privacy.disclosure.OfficerScript;
import org.patronvault.privacy.disclosure.StepInput;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/disclosures} (P3, P10). */
public final class DisclosureApi {
    private static final String PATH = "/v1/disclosures";
    private static final String FIELDS = "fields";

    private final Disclosures disclosures;
    private final IdempotencyStore replay;
    private final RequestReader requests;

    public DisclosureApi(WebUseCases parts, RequestReader requests) {
        this.disclosures = parts.privacy().disclosures();
        this.replay = parts.access().replay();
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
        routes.post(PATH, ctx -> open(ctx, false));
        routes.post(PATH + "/urgent", ctx -> open(ctx, true));
        routes.get(PATH, this::list);
        routes.get(PATH + "/{id}", this::look);
        routes.post(PATH + "/{id}/intake", this::add);
        step(routes, "referral", disclosures.acts()::refer, "to");
        step(routes, "counsel", disclosures.acts()::counsel, "counsel", "advice", "unreachable");
        step(
                routes,
                "decision",
                disclosures.acts()::decide,
                "decision",
                "instrument",
                "issuedBy",
                "reason",
                "document",
                RequestBody.PATRONS,
                FIELDS);
        step(routes, "approval", disclosures.acts()::approve, "decline", "decided");
        step(routes, "notice", disclosures.acts()::notice, "given", "withheld");
        step(routes, "gag", disclosures.acts()::gag, "ordered", "reason");
        step(routes, "closing", disclosures.acts()::close, "reason");
        routes.post(PATH + "/{id}/release", this::release);
    }

    /** A step of a few words. */
    private interface Act {
        DisclosureCase take(CaseWorkflow.StepRequest by, Supplier<StepInput> said);
    }

    private void step(RoutesConfig routes, String name, Act act, String... members) {
        routes.post(PATH + "/{id}/" + name, ctx -> {
            RequestBody body = body(ctx, members);
            JsonResponses.write(ctx, CaseJson.of(act.take(by(ctx, body), () -> said(body))));
        });
    }

    private static RequestBody body(Context ctx, String... members) {
        return RequestReader.isEmpty(ctx) ? RequestReader.emptyBody() : RequestReader.longTextBody(ctx, members);
    }

    private CaseWorkflow.StepRequest by(Context ctx, RequestBody body) {
        Caller caller = requests.caller(ctx);
        return new CaseWorkflow.StepRequest(caller, ctx.pathParam("id"), key(ctx, caller, body), AuditLog.newRequest());
    }

    private Supplier<Optional<IdempotencyStore.Key>> key(Context ctx, Caller caller, RequestBody body) {
        return () -> RequestReader.replay(ctx, replay, caller, body.bytes());
    }

    private static StepInput said(RequestBody body) {
        body.requireKnownMembers();
        return new StepInput(
                member -> member.equals("ordered")
                        ? body.flag(member).map(flag -> Boolean.toString(flag))
                        : body.text(member),
                body.patrons(CaseDecisionRules.MAX_PATRONS),
                body.fields(FIELDS));
    }

    private void open(Context ctx, boolean urgent) {
        Caller caller = requests.caller(ctx);
        RequestBody body = body(ctx, CaseIntake.MEMBERS.toArray(String[]::new));
        CaseId id = disclosures
                .cases()
                .open(caller, urgent, () -> intake(body), key(ctx, caller, body), AuditLog.newRequest());
        ctx.status(201);
        ctx.header("Location", PATH + "/" + id);
        JsonResponses.write(
                ctx,
                JsonResponses.object()
                        .put("id", id.toString())
                        .put("state", "referred")
                        .put("script", OfficerScript.get().text()));
    }

    /** The answer says nothing of the case, because its recorder may lack permission to see it. */
    private void add(Context ctx) {
        RequestBody body = body(ctx, CaseIntake.MEMBERS.toArray(String[]::new));
        DisclosureCase added = disclosures.acts().add(by(ctx, body), () -> intake(body));
        JsonResponses.write(ctx, JsonResponses.object().put("id", added.id().toString()));
    }

    private static Map<String, String> intake(RequestBody body) {
        body.requireKnownMembers();
        Map<String, String> said = new HashMap<>();
        CaseIntake.MEMBERS.forEach(member -> body.text(member)
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> said.put(member, text)));
        return said;
    }

    private void list(Context ctx) {
        Cases.Listing listed = disclosures.cases().list(requests.caller(ctx), AuditLog.newRequest());
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray("cases");
        listed.cases().forEach(one -> list.add(CaseJson.summary(one)));
        JsonResponses.write(ctx, json.put("entry", listed.entry()));
    }

    private void look(Context ctx) {
        Cases.VisibleCase seen =
                disclosures.cases().look(requests.caller(ctx), ctx.pathParam("id"), AuditLog.newRequest());
        JsonResponses.write(ctx, CaseJson.of(seen.one()).put("entry", seen.entry()));
    }

    private void release(Context ctx) {
        RequestBody body = RequestReader.longTextBody(ctx, "recipient", RequestBody.PATRONS, FIELDS);
        CaseWorkflow.StepRequest by = by(ctx, body);
        write(ctx, by.id(), disclosures.releases().release(by, () -> {
            body.requireKnownMembers();
            return new CaseReleases.Spec(
                    body.requiredText("recipient"), body.patrons(CaseDecisionRules.MAX_PATRONS), body.fields(FIELDS));
        }));
    }

    /** Answers with an encrypted package as a file download. */
    public static void write(Context ctx, String id, byte[] sealed) {
        ctx.header("Content-Disposition", "attachment; filename=\"disclosure-" + id + ".p7m\"");
        ctx.contentType("application/pkcs7-mime");
        ctx.result(sealed);
    }
}
