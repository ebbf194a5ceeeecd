package org.patronvault.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Caller;
import org.patronvault.log.report.AccessHistory;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.lookup.IdentityVerification;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.patron.record.PersonalDataJson;
import org.patronvault.web.http.HotCall;
import org.patronvault.web.http.HttpAnswer;
import org.patronvault.web.http.IdempotentWrites;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.ReceivedRequest;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestValidation;

/** REST handlers for {@code /v1/patrons…}. */
public final class PatronApi {
    private final Patrons patrons;
    private final AccessHistory history;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    public PatronApi(Patrons patrons, AccessHistory history, RequestReader requests) {
        this.patrons = patrons;
        this.history = history;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    public void register(RoutesConfig routes) {
        routes.post("/v1/patrons", this::register);
        hotCalls().forEach(call -> call.register(routes));
        routes.get("/v1/patrons/{id}", this::facts);
        routes.patch("/v1/patrons/{id}", this::change);
        routes.post("/v1/patrons/{id}/verify", this::verify);
        routes.post("/v1/patrons/{id}/card", this::replaceCard);
        routes.get("/v1/patrons/{id}/accesses", this::accesses);
    }

    /** The calls that are made often. */
    public List<HotCall> hotCalls() {
        return List.of(
                new HotCall("/v1/patrons/search", this::search), new HotCall("/v1/patrons/{id}/reveal", this::reveal));
    }

    private void register(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = RequestReader.body(ctx);
        JsonNode answer = writes.once(
                ctx,
                caller,
                ActKind.REGISTER,
                request,
                body::bytes,
                replay -> patrons.registration()
                        .register(
                                caller,
                                () -> body.node().path("card").textValue(),
                                () -> patrons.json().parse(body.node()),
                                replay,
                                request)
                        .json());
        ctx.status(201);
        ctx.header("Location", "/v1/patrons/" + answer.path("id").textValue());
    }

    private static ObjectNode object() {
        return JsonResponses.object();
    }

    private CompletableFuture<HttpAnswer> search(ReceivedRequest request) {
        Caller caller = requests.caller(request);
        RequestBody body =
                RequestReader.body(request, "q", "card", "name", "phone", "email", "purpose", "limit", "reveal");
        return patrons.lookup()
                .find(caller, query(body), AuditLog.newRequest())
                .thenApply(found -> JsonResponses.answer(found(found)));
    }

    private static SearchQuery query(RequestBody body) {
        RequestValidation faults = new RequestValidation();
        Optional<Purpose> purpose = faults.read(body::purpose);
        faults.check(body::requireKnownMembers);
        Optional<String> q = faults.read(() -> body.text("q")).flatMap(text -> text);
        Optional<String> card = faults.read(() -> body.text("card")).flatMap(text -> text);
        Optional<String> name = faults.read(() -> body.text("name")).flatMap(text -> text);
        Optional<String> phone = faults.read(() -> body.text("phone")).flatMap(text -> text);
        Optional<String> email = faults.read(() -> body.text("email")).flatMap(text -> text);
        int limit = faults.read(() -> body.number("limit", Lookup.MAX_RESULTS, 1, Lookup.MAX_RESULTS))
                .orElse(Lookup.MAX_RESULTS);
        Set<PatronField> reveal = faults.read(() -> body.fields("reveal")).orElse(Set.of());
        faults.check(() -> {
            if (q.isPresent() == Stream.of(card, name, phone, email).anyMatch(Optional::isPresent)) {
                throw RequestReader.invalid("Search by q alone, or by card, name, phone or email.");
            }
        });
        return new SearchQuery(q, card, name, phone, email, purpose, limit, reveal, faults.first());
    }

    private static ObjectNode found(Lookup.Result found) {
        ObjectNode json = object();
        ArrayNode results = json.putArray("results");
        for (Lookup.Hit hit : found.hits()) {
            ObjectNode one = results.addObject().put("id", hit.id().toString());
            if (hit.facts()) {
                one.put("match", hit.match());
                JsonResponses.attributes(one, hit.attributes());
                PersonalDataJson.put(one, hit.data(), hit.opened());
            } else if (hit.withdrawn()) {
                one.put("withdrawn", true);
            }
        }
        json.put("more", found.more());
        json.put("entry", found.entry());
        found.hint().ifPresent(hint -> json.put("hint", hint));
        return json;
    }

    private void facts(Context ctx) {
        Caller caller = requests.caller(ctx);
        PatronDirectory.Entry entry =
                patrons.directory().find(caller, RequestReader.patron(ctx), AuditLog.newRequest());
        ObjectNode json = object().put("id", entry.id().toString()).put("version", entry.version());
        JsonResponses.attributes(json, entry.attributes());
        json.put("registered", entry.attributes().registered().toString());
        ArrayNode fields = json.putArray("fields");
        entry.facts().set().stream().sorted().forEach(field -> fields.add(field.wireName()));
        if (caller.isPerson()) {
            // Staff learn from it why address and phone are refused, and take care.
            json.put("protected", entry.facts().isProtected());
        }
        ctx.header("ETag", "\"" + entry.version() + "\"");
        JsonResponses.write(ctx, json);
    }

    private CompletableFuture<HttpAnswer> reveal(ReceivedRequest request) {
        Caller caller = requests.caller(request);
        RequestBody body = RequestReader.body(request, "fields", "purpose");
        RequestValidation faults = new RequestValidation();
        Set<PatronField> fields = faults.read(() -> body.fields("fields")).orElse(Set.of());
        Optional<Purpose> purpose = faults.read(body::purpose);
        faults.check(body::requireKnownMembers);
        faults.check(() -> {
            if (fields.isEmpty()) {
                throw RequestReader.invalid("Say with `fields` what to open.");
            }
        });
        return patrons.lookup()
                .reveal(caller, request.patron(), fields, purpose, faults.first(), AuditLog.newRequest())
                .thenApply(revealed -> {
                    ObjectNode json = object();
                    PersonalDataJson.put(json, revealed.data(), revealed.fields());
                    json.put("entry", revealed.entry());
                    return JsonResponses.answer(json);
                });
    }

    private void verify(Context ctx) {
        Caller caller = requests.caller(ctx);
        RequestBody body = RequestReader.body(ctx, "phone", "email", "postalCode", "family", "given");
        Map<IdentityVerification.Claim, String> claims = new EnumMap<>(IdentityVerification.Claim.class);
        RequestValidation faults = new RequestValidation();
        faults.check(body::requireKnownMembers);
        for (IdentityVerification.Claim claim : IdentityVerification.Claim.values()) {
            faults.read(() -> body.text(claim.wireName()))
                    .flatMap(text -> text)
                    .ifPresent(said -> claims.put(claim, said));
        }
        faults.check(() -> {
            if (claims.isEmpty()) {
                throw RequestReader.invalid("Say what the caller says: phone, email, postalCode, family or given.");
            }
        });
        IdentityVerification.Result verified = patrons.verification()
                .verify(caller, RequestReader.patron(ctx), claims, faults.first(), AuditLog.newRequest());
        ObjectNode json = object();
        verified.right().forEach((claim, right) -> json.put(claim.wireName(), right));
        json.put("entry", verified.entry());
        JsonResponses.write(ctx, json);
    }

    private void change(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = RequestReader.body(ctx);
        writes.once(
                ctx,
                caller,
                ActKind.CHANGE,
                request,
                body::bytes,
                replay -> patrons.correction()
                        .apply(
                                caller,
                                RequestReader.patron(ctx),
                                RequestReader.ifMatch(ctx),
                                body::node,
                                replay,
                                request)
                        .json());
    }

    private void replaceCard(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = RequestReader.body(ctx, "card", "reason");
        writes.once(
                ctx,
                caller,
                ActKind.REPLACE_CARD,
                request,
                body::bytes,
                replay -> patrons.cardReplacement()
                        .replace(
                                caller,
                                RequestReader.patron(ctx),
                                () -> body.node().path("card").textValue(),
                                () -> newCard(body),
                                replay,
                                request)
                        .json());
    }

    private static String newCard(RequestBody body) {
        body.requireKnownMembers();
        String card = body.requiredText("card");
        if (!Set.of("lost", "replaced").contains(body.requiredText("reason"))) {
            throw RequestReader.invalid("reason must be lost or replaced.");
        }
        return card;
    }

    private void accesses(Context ctx) {
        Caller caller = requests.caller(ctx);
        AccessHistory.History accesses = history.of(caller, RequestReader.patron(ctx), AuditLog.newRequest());
        ObjectNode json = object().put("patron", accesses.patron().toString());
        ArrayNode list = json.putArray("accesses");
        accesses.entries().forEach(entry -> list.add(JsonResponses.access(entry, accesses.patron())));
        json.put("entry", accesses.entry());
        JsonResponses.write(ctx, json);
    }
}
