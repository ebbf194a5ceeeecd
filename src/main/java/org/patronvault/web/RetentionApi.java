package org.patronvault.web;

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
import org.patronvault.access.Approval;
import org.patronvault.audit.AuditLog;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.privacy.Retention;
import org.patronvault.privacy.RetentionRun;
import org.patronvault.privacy.Review;

/** {@code /v1/retention}: whose record is kept no longer (P6). */
final class RetentionApi {
    private static final String TODAY = "today";
    private static final String EXCEPT = "except";

    private final Retention retention;
    private final Requests requests;

    RetentionApi(Retention retention, Requests requests) {
        this.retention = retention;
        this.requests = requests;
    }

    void register(RoutesConfig routes) {
        routes.get("/v1/retention", this::counts);
        routes.post("/v1/retention/{rule}/reviews", this::review);
        routes.get("/v1/retention/reviews/{id}", this::read);
        routes.post("/v1/retention/reviews/{id}/run", this::run);
    }

    private void counts(Context ctx) {
        ObjectNode json = Answers.object();
        ArrayNode rules = json.putArray("rules");
        for (Retention.Count count : retention.counts(requests.caller(ctx), AuditLog.newRequest())) {
            rules.addObject()
                    .put("rule", count.rule().name())
                    .put("what", count.rule().words())
                    .put("asOf", count.asOf().toString())
                    .put("matching", count.matching())
                    .put("of", count.patrons());
        }
        Answers.write(ctx, json);
    }

    private void review(Context ctx) {
        Review review = retention.review(requests.caller(ctx), ctx.pathParam("rule"), AuditLog.newRequest());
        ctx.status(201);
        ctx.header("Location", "/v1/retention/reviews/" + review.id());
        Answers.write(ctx, review.json());
    }

    private void read(Context ctx) {
        Answers.write(
                ctx,
                retention
                        .find(requests.caller(ctx), ctx.pathParam("id"), AuditLog.newRequest())
                        .json());
    }

    private void run(Context ctx) {
        String id = ctx.pathParam("id");
        Optional<Approval> filed = retention
                .run()
                .begin(requests.caller(ctx), id, () -> said(Requests.body(ctx, TODAY, EXCEPT)), AuditLog.newRequest());
        ctx.status(202);
        ctx.header("Location", filed.map(one -> "/v1/approvals/" + one.id()).orElse("/v1/retention/reviews/" + id));
        Answers.write(
                ctx,
                filed.map(SharedActs::filed)
                        .orElseGet(() -> Answers.object().put("id", id).put("state", "running")));
    }

    private static RetentionRun.Said said(RequestBody body) {
        body.requireKnownMembers();
        Set<PatronId> except = new HashSet<>();
        JsonNode ids = body.node().path(EXCEPT);
        if (!ids.isMissingNode() && !ids.isArray()) {
            throw notIds();
        }
        ids.forEach(id -> except.add(PatronId.parse(id.asText()).orElseThrow(RetentionApi::notIds)));
        try {
            return new RetentionRun.Said(LocalDate.parse(body.requiredText(TODAY)), except);
        } catch (DateTimeParseException e) {
            throw Requests.invalid("today must be a date as YYYY-MM-DD.");
        }
    }

    private static Refused notIds() {
        return Requests.invalid("except must be a list of patrons' ids.");
    }
}
