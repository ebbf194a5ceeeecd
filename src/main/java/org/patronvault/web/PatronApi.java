package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.Caller;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;
import org.patronvault.patron.Correction;
import org.patronvault.patron.Directory;
import org.patronvault.patron.Erasure;
import org.patronvault.patron.Lookup;
import org.patronvault.patron.PatronDraft;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.Registration;
import org.patronvault.patron.Replay;
import org.patronvault.patron.SearchQuery;
import org.patronvault.patron.Verification;
import org.patronvault.privacy.AccessHistory;

/** {@code /v1/patrons…}. */
final class PatronApi {
    private final Patrons patrons;
    private final AccessHistory history;
    private final Requests requests;

    PatronApi(Patrons patrons, AccessHistory history, Requests requests) {
        this.patrons = patrons;
        this.history = history;
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/patrons", this::register);
        routes.post("/v1/patrons/search", this::search);
        routes.get("/v1/patrons/{id}", this::facts);
        routes.patch("/v1/patrons/{id}", this::change);
        routes.delete("/v1/patrons/{id}", this::erase);
        routes.post("/v1/patrons/{id}/reveal", this::reveal);
        routes.post("/v1/patrons/{id}/verify", this::verify);
        routes.post("/v1/patrons/{id}/card", this::replaceCard);
        routes.get("/v1/patrons/{id}/accesses", this::accesses);
    }

    private void register(Context ctx) {
        Caller caller = requests.caller(ctx);
        Registration registration = patrons.registration();
        byte[] request = AuditLog.newRequest();
        Requests.Body body = Requests.body(ctx);
        registration.admit(caller, request);
        Optional<Replay.Key> replay = Requests.replay(ctx, patrons.replay(), caller, body.bytes());
        Optional<String> before = patrons.replay().answered(replay);
        String answer;
        if (before.isPresent()) {
            answer = before.get();
        } else {
            PatronDraft draft = patrons.json().parse(body.node());
            Registration.Registered done = registration.register(caller, draft, replay, request);
            answer = object().put("id", done.id().toString())
                    .put("version", done.version())
                    .put("similar", done.similar())
                    .toString();
        }
        ctx.status(201);
        ctx.header("Location", "/v1/patrons/" + answer.substring(7, 23));
        ctx.header("ETag", "\"1\"");
        Answers.write(ctx, answer);
    }

    private static ObjectNode object() {
        return Answers.object();
    }

    private void search(Context ctx) {
        Caller caller = requests.caller(ctx);
        SearchQuery query =
                query(Requests.body(ctx, "q", "card", "name", "phone", "email", "purpose", "limit", "reveal"));
        ctx.future(() -> patrons.lookup()
                .find(caller, query, AuditLog.newRequest())
                .thenAccept(found -> Answers.write(ctx, found(found))));
    }

    private static SearchQuery query(Requests.Body body) {
        try {
            Purpose purpose = body.purpose();
            body.requireKnownMembers();
            SearchQuery query = new SearchQuery(
                    body.text("q"),
                    body.text("card"),
                    body.text("phone"),
                    body.text("email"),
                    purpose,
                    body.number("limit", Lookup.MAX_RESULTS, 1, Lookup.MAX_RESULTS),
                    body.fields("reveal"),
                    Optional.empty());
            if (body.text("name").isPresent()) {
                throw Requests.invalid("Names are not searched in this version; search by card, phone or email.");
            }
            boolean byField = query.card().isPresent()
                    || query.phone().isPresent()
                    || query.email().isPresent();
            if (query.q().isPresent() == byField) {
                throw Requests.invalid("Search by q alone, or by card, phone or email.");
            }
            return query;
        } catch (Refused fault) {
            return SearchQuery.faulty(fault);
        }
    }

    private static ObjectNode found(Lookup.Found found) {
        ObjectNode json = object();
        ArrayNode results = json.putArray("results");
        for (Lookup.Hit hit : found.hits()) {
            ObjectNode one = results.addObject().put("id", hit.id().toString());
            if (hit.facts()) {
                one.put("match", hit.match());
                Answers.attributes(one, hit.attributes());
                Answers.opened(one, hit.data(), hit.opened());
            }
        }
        json.put("more", found.more());
        json.put("entry", found.entry());
        found.hint().ifPresent(hint -> json.put("hint", hint));
        return json;
    }

    private void facts(Context ctx) {
        Caller caller = requests.caller(ctx);
        Directory.Entry entry = patrons.directory().find(caller, Requests.patron(ctx), AuditLog.newRequest());
        ObjectNode json = object().put("id", entry.id().toString()).put("version", entry.version());
        Answers.attributes(json, entry.attributes());
        json.put("registered", entry.attributes().registered().toString());
        ArrayNode fields = json.putArray("fields");
        entry.facts().set().stream().sorted().forEach(field -> fields.add(field.wireName()));
        ctx.header("ETag", "\"" + entry.version() + "\"");
        Answers.write(ctx, json);
    }

    private void reveal(Context ctx) {
        Caller caller = requests.caller(ctx);
        Requests.Body body = Requests.body(ctx, "fields", "purpose");
        Optional<Refused> fault = Optional.empty();
        Optional<Purpose> purpose = Optional.empty();
        Set<PatronField> fields = Set.of();
        try {
            fields = body.fields("fields");
            purpose = Optional.of(body.purpose());
            body.requireKnownMembers();
            if (fields.isEmpty()) {
                throw Requests.invalid("Say with `fields` what to open.");
            }
        } catch (Refused e) {
            fault = Optional.of(e);
        }
        Optional<PatronId> id = Requests.patron(ctx);
        Set<PatronField> opens = fields;
        Optional<Purpose> what = purpose;
        Optional<Refused> wrong = fault;
        ctx.future(() -> patrons.lookup()
                .reveal(caller, id, opens, what, wrong, AuditLog.newRequest())
                .thenAccept(revealed -> {
                    ObjectNode json = object();
                    Answers.opened(json, revealed.data(), revealed.fields());
                    json.put("entry", revealed.entry());
                    Answers.write(ctx, json);
                }));
    }

    private void verify(Context ctx) {
        Caller caller = requests.caller(ctx);
        Requests.Body body = Requests.body(ctx, "phone", "email", "postalCode", "family", "given");
        Map<Verification.Claim, String> claims = new EnumMap<>(Verification.Claim.class);
        Optional<Refused> fault = Optional.empty();
        try {
            body.requireKnownMembers();
            for (Verification.Claim claim : Verification.Claim.values()) {
                body.text(claim.wireName()).ifPresent(said -> claims.put(claim, said));
            }
            if (claims.isEmpty()) {
                throw Requests.invalid("Say what the caller says: phone, email, postalCode, family or given.");
            }
        } catch (Refused e) {
            fault = Optional.of(e);
        }
        Verification.Verified verified =
                patrons.verification().verify(caller, Requests.patron(ctx), claims, fault, AuditLog.newRequest());
        ObjectNode json = object();
        verified.right().forEach((claim, right) -> json.put(claim.wireName(), right));
        json.put("entry", verified.entry());
        Answers.write(ctx, json);
    }

    private void change(Context ctx) {
        Caller caller = requests.caller(ctx);
        patrons.correction().admit(caller, AuditLog.newRequest());
        Requests.Body body = Requests.body(ctx);
        Optional<Replay.Key> replay = Requests.replay(ctx, patrons.replay(), caller, body.bytes());
        Optional<String> before = patrons.replay().answered(replay);
        if (before.isPresent()) {
            Answers.write(ctx, before.get());
            return;
        }
        Correction.Corrected done = patrons.correction()
                .apply(caller, Requests.patron(ctx), Requests.ifMatch(ctx), body.node(), replay, AuditLog.newRequest());
        corrected(ctx, done);
    }

    private static void corrected(Context ctx, Correction.Corrected done) {
        ObjectNode json = object().put("id", done.id().toString()).put("version", done.version());
        done.entry().ifPresent(entry -> json.put("entry", entry));
        ctx.header("ETag", "\"" + done.version() + "\"");
        Answers.write(ctx, json);
    }

    private void replaceCard(Context ctx) {
        Caller caller = requests.caller(ctx);
        patrons.cardReplacement().admit(caller, AuditLog.newRequest());
        Requests.Body body = Requests.body(ctx, "card", "reason");
        Optional<Replay.Key> replay = Requests.replay(ctx, patrons.replay(), caller, body.bytes());
        Optional<String> before = patrons.replay().answered(replay);
        if (before.isPresent()) {
            Answers.write(ctx, before.get());
            return;
        }
        String card = "";
        Optional<Refused> fault = Optional.empty();
        try {
            body.requireKnownMembers();
            card = body.requiredText("card");
            if (!Set.of("lost", "replaced").contains(body.requiredText("reason"))) {
                throw Requests.invalid("reason must be lost or replaced.");
            }
        } catch (Refused e) {
            fault = Optional.of(e);
        }
        corrected(
                ctx,
                patrons.cardReplacement()
                        .replace(caller, Requests.patron(ctx), card, fault, replay, AuditLog.newRequest()));
    }

    private void erase(Context ctx) {
        Caller caller = requests.caller(ctx);
        Erasure.Certificate certificate = patrons.erasure().erase(caller, Requests.patron(ctx), AuditLog.newRequest());
        ObjectNode json = object();
        JsonNode members = new com.fasterxml.jackson.databind.ObjectMapper().valueToTree(certificate.members());
        json.set("certificate", members);
        json.put("signature", certificate.signature());
        json.put("key", certificate.key());
        json.put("entry", certificate.entry());
        Answers.write(ctx, json);
    }

    private void accesses(Context ctx) {
        Caller caller = requests.caller(ctx);
        AccessHistory.History accesses = history.of(caller, Requests.patron(ctx), AuditLog.newRequest());
        ObjectNode json = object().put("patron", accesses.patron().toString());
        ArrayNode list = json.putArray("accesses");
        accesses.entries().forEach(entry -> list.add(Answers.access(entry, accesses.patron())));
        json.put("entry", accesses.entry());
        Answers.write(ctx, json);
    }
}
