package org.patronvault.web.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Consent;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.change.ConsentRecording;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.web.http.IdempotentWrites;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;

/** REST handlers for {@code /v1/patrons/{id}/consents} (P6, P9). */
public final class ConsentApi {
    private static final String PATH = "/v1/patrons/{id}/consents";
    private static final String GIVEN = "given";
    private static final String POLICY = "policy";
    private static final String CHANNEL = "channel";
    private static final String ON = "on";

    private final Patrons patrons;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    public ConsentApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, this::read);
        routes.put(PATH + "/{purpose}", this::put);
    }

    private void read(Context ctx) {
        ConsentRecording.CurrentConsents held =
                patrons.consenting().read(requests.caller(ctx), RequestReader.patron(ctx), AuditLog.newRequest());
        ctx.header("ETag", "\"" + held.version() + "\"");
        ObjectNode json = JsonResponses.object().put("id", held.id().toString()).put("version", held.version());
        ObjectNode now = json.putObject("consents");
        Consent.PURPOSES.forEach(purpose -> now.put(purpose, held.consents().isGiven(purpose)));
        ArrayNode history = json.putArray("history");
        List<Consent> newest = new java.util.ArrayList<>(held.consents().history());
        Collections.reverse(newest);
        newest.forEach(one -> history.addObject()
                .put("purpose", one.purpose())
                .put(GIVEN, one.given())
                .put(POLICY, one.policy())
                .put(ON, one.on().toString())
                .put(CHANNEL, one.channel())
                .put("by", one.by()));
        JsonResponses.write(ctx, json.put("entry", held.entry()));
    }

    private void put(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = RequestReader.body(ctx, GIVEN, POLICY, CHANNEL, ON);
        writes.once(
                ctx,
                caller,
                ActKind.CONSENT,
                request,
                body::bytes,
                replay -> patrons.consenting()
                        .put(
                                caller,
                                RequestReader.patron(ctx),
                                RequestReader.ifMatch(ctx),
                                () -> said(ctx.pathParam("purpose"), body),
                                replay,
                                request)
                        .json());
    }

    private static ConsentRecording.Input said(String purpose, RequestBody body) {
        body.requireKnownMembers();
        boolean given = body.flag(GIVEN)
                .orElseThrow(() -> RequestReader.invalid("Say with `given`, as true or false, what the patron said."));
        return new ConsentRecording.Input(purpose, given, word(body, POLICY), word(body, CHANNEL), on(body));
    }

    private static String word(RequestBody body, String member) {
        String word = body.requiredText(member);
        if (!PatronJson.isConsentWord(word)) {
            throw RequestReader.invalid(member + " must be 1 to 40 letters, digits or simple punctuation.");
        }
        return word;
    }

    private static Optional<LocalDate> on(RequestBody body) {
        try {
            return body.text(ON).map(LocalDate::parse);
        } catch (DateTimeParseException e) {
            throw RequestReader.invalid("on must be a date as YYYY-MM-DD.");
        }
    }
}
