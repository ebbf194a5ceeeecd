package org.patronvault.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.privacy.retention.Retention;
import org.patronvault.privacy.retention.RetentionReview;
import org.patronvault.privacy.retention.RetentionRun;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** REST handlers for {@code /v1/retention}: patrons whose records reached their end (P6). */
public final class RetentionApi {
    private static final String TODAY = "today";
    private static final String EXCEPT = "except";

    private static final String REVIEWS = "/v1/retention/reviews/";
    private static final ApprovableActs.Kind KIND =
            new ApprovableActs.Kind(Permission.RETENTION, ActKind.RETENTION, "");

    private final Retention retention;
    private final IdempotencyStore replay;
    private final RequestReader requests;
    private final ApprovableActs acts;

    public RetentionApi(WebUseCases parts, RequestReader requests, ApprovableActs acts) {
        this.retention = parts.privacy().retention();
        this.replay = parts.access().replay();
        this.requests = requests;
        this.acts = acts;
    }

    public void register(RoutesConfig routes) {
        routes.get("/v1/retention", this::counts);
        routes.post("/v1/retention/{rule}/reviews", this::review);
        routes.get(REVIEWS + "{id}", this::read);
        routes.post(REVIEWS + "{id}/run", this::run);
    }

    private void counts(Context ctx) {
        ObjectNode json = JsonResponses.object();
        ArrayNode rules = json.putArray("rules");
        for (Retention.Count count : retention.counts(requests.caller(ctx), AuditLog.newRequest())) {
            rules.addObject()
                    .put("rule", count.rule().name())
                    .put("what", count.rule().words())
                    .put("asOf", count.asOf().toString())
                    .put("matching", count.matching())
                    .put("of", count.patrons());
        }
        JsonResponses.write(ctx, json);
    }

    private void review(Context ctx) {
        Caller caller = requests.caller(ctx);
        RetentionReview review = retention.review(
                caller,
                ctx.pathParam("rule"),
                () -> RequestReader.replay(ctx, replay, caller, RequestReader.bytes(ctx)),
                AuditLog.newRequest());
        ctx.status(201);
        ctx.header("Location", REVIEWS + review.id());
        JsonResponses.write(ctx, review.json());
    }

    private void read(Context ctx) {
        JsonResponses.write(
                ctx,
                retention
                        .find(requests.caller(ctx), ctx.pathParam("id"), AuditLog.newRequest())
                        .json());
    }

    private void run(Context ctx) {
        Caller caller = requests.caller(ctx);
        String id = ctx.pathParam("id");
        RequestBody body = RequestReader.body(ctx, TODAY, EXCEPT);
        acts.begin(ctx, KIND, body.bytes(), () -> running(id), asking -> {
            Optional<Approval> filed =
                    retention.run().begin(caller, asking, id, () -> said(body), AuditLog.newRequest());
            return new Approvals.Answer(filed, Optional.empty());
        });
        if (!ctx.res().containsHeader("Location")) {
            ctx.header("Location", REVIEWS + id);
        }
    }

    private static ObjectNode running(String id) {
        return JsonResponses.object().put("id", id).put("state", "running");
    }

    private static RetentionRun.Confirmation said(RequestBody body) {
        body.requireKnownMembers();
        Set<PatronId> except = new HashSet<>();
        JsonNode ids = body.node().path(EXCEPT);
        if (!ids.isMissingNode() && !ids.isArray()) {
            throw notIds();
        }
        ids.forEach(id -> except.add(PatronId.parse(id.asText()).orElseThrow(RetentionApi::notIds)));
        try {
            return new RetentionRun.Confirmation(LocalDate.parse(body.requiredText(TODAY)), except);
        } catch (DateTimeParseException e) {
            throw RequestReader.invalid("today must be a date as YYYY-MM-DD.");
        }
    }

    private static Refused notIds() {
        return RequestReader.invalid("except must be a list of patrons' ids.");
    }
}
