package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.Caller;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Purpose;
import org.patronvault.patron.BatchReveal;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.PersonalDataJson;

/** REST handler for {@code POST /v1/patrons/reveal}. */
final class BatchRevealApi {
    private final Patrons patrons;
    private final RequestReader requests;

    BatchRevealApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
        routes.post("/v1/patrons/reveal", this::reveal);
    }

    private void reveal(Context ctx) {
        Caller caller = requests.caller(ctx);
        BatchReveal.Request asked = asked(RequestReader.body(ctx, "patrons", "fields", "purpose"));
        ctx.future(() -> patrons.batchReveal()
                .reveal(caller, asked, AuditLog.newRequest())
                .thenAccept(revealed -> JsonResponses.write(ctx, answer(revealed, asked.fields()))));
    }

    /** Reads every readable member even if others are wrong: the policy answers before validation does. */
    private static BatchReveal.Request asked(RequestBody body) {
        RequestValidation faults = new RequestValidation();
        List<Optional<PatronId>> ids = faults.read(() -> ids(body)).orElse(List.of());
        Set<PatronField> fields = faults.read(() -> fields(body)).orElse(Set.of());
        Optional<Purpose> purpose = faults.read(body::purpose);
        faults.check(body::requireKnownMembers);
        faults.check(() -> requireEachOnce(ids));
        return new BatchReveal.Request(ids, fields, purpose, faults.first());
    }

    private static List<Optional<PatronId>> ids(RequestBody body) {
        List<Optional<PatronId>> ids = body.patrons(BatchReveal.MAX_PATRONS);
        if (ids.isEmpty()) {
            throw RequestReader.invalid("patrons must be a list of 1 to " + BatchReveal.MAX_PATRONS + " ids.");
        }
        return ids;
    }

    private static Set<PatronField> fields(RequestBody body) {
        Set<PatronField> fields = body.fields("fields");
        if (fields.isEmpty()) {
            throw RequestReader.invalid("Say with `fields` what to open.");
        }
        return fields;
    }

    private static void requireEachOnce(List<Optional<PatronId>> ids) {
        List<PatronId> known = ids.stream().flatMap(Optional::stream).toList();
        if (new HashSet<>(known).size() < known.size()) {
            throw RequestReader.invalid("A patron stands in the list twice.");
        }
    }

    private static JsonNode answer(List<BatchReveal.RevealedPatron> revealed, Set<PatronField> fields) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (BatchReveal.RevealedPatron one : revealed) {
            ObjectNode json = list.addObject().put("id", one.id().toString());
            PersonalDataJson.put(json, one.data(), fields);
            json.put("entry", one.entry());
        }
        return list;
    }
}
