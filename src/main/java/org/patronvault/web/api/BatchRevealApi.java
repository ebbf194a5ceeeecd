package org.patronvault.web.api;

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
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.record.PersonalDataJson;
import org.patronvault.patron.transfer.BatchReveal;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestValidation;

/** REST handler for {@code POST /v1/patrons/reveal}. */
public final class BatchRevealApi {
    private final Patrons patrons;
    private final RequestReader requests;

    public BatchRevealApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
    }

    public void register(RoutesConfig routes) {
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
