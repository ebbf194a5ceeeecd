package org.patronvault.web.page.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.page.admin.AdminPageFlow.Part;
import org.patronvault.web.page.admin.AdminPageFlow.Result;
import org.patronvault.web.page.admin.AdminPageFlow.Visit;

/** The page {@code /admin/approvals}: requests that wait for a second person, word for word, and decided requests. */
final class AdminApprovals {
    private static final String ID = "id";

    private final AdminPageFlow room;
    private final Approvals approvals;
    private final AuditLog log;

    AdminApprovals(AdminPageFlow room) {
        this.room = room;
        this.approvals = room.access().approvals();
        this.log = room.parts().log();
    }

    void register(RoutesConfig routes) {
        room.look(routes, Part.APPROVALS, this::show);
        room.act(routes, Part.APPROVALS, "/admin/approvals/agree", this::show, this::agree);
        room.act(routes, Part.APPROVALS, "/admin/approvals/refuse", this::show, this::refuse);
        room.act(routes, Part.APPROVALS, "/admin/approvals/collect", this::show, this::collect);
    }

    private Result agree(Visit visit) {
        Approval after = approvals.approve(
                visit.caller().actor(),
                visit.text(ID),
                Optional.of(visit.text("digest")),
                IdempotencyStore.Once.withoutKey());
        String key = after.state() == Approval.State.PENDING ? "one-more" : after.isLeaveGiven() ? "leave" : "done";
        return Result.done(visit.t().say("admin.approvals.agreed." + key, after.requester()));
    }

    private Result refuse(Visit visit) {
        Actor by = visit.caller().actor();
        Approval after = approvals.reject(by, visit.text(ID));
        return Result.done(visit.t()
                .say(after.requester().equals(by.name()) ? "admin.approvals.taken-back" : "admin.approvals.refused"));
    }

    private Result collect(Visit visit) {
        Actor by = visit.caller().actor();
        Function<String, String> json =
                secret -> JsonResponses.object().put("secret", secret).toString();
        Approval approval = approvals.find(by, visit.text(ID));
        JsonNode kept = JsonResponses.parse(room.repeatable(
                visit,
                key -> json.apply(approvals.collect(by, approval.id(), new IdempotencyStore.Once<>(key, json)))));
        return Result.done(visit.t().say("admin.approvals.collected"))
                .showing(new AdminView.Secret(
                        visit.t().say("admin.approvals.secret", approval.about()),
                        kept.path("secret").asText(),
                        visit.t().say("admin.approvals.secret-help")));
    }

    private void show(Visit visit, Result told) {
        Actor by = visit.caller().actor();
        List<Approval> all = log.logging(
                log.event(by, ActKind.APPROVAL, Outcome.REFUSED, AuditLog.newRequest()), () -> approvals.list(by));
        Function<Approval, AdminView.Request> view = one -> {
            boolean own = one.requester().equals(by.name());
            return new AdminView.Request(
                    one, own, own && !one.isLeaveGiven() && one.secretName().isPresent());
        };
        room.page(
                "admin-approvals.jte",
                visit,
                told,
                Part.APPROVALS,
                Map.of(
                        "requests",
                        new AdminView.Requests(
                                all.stream()
                                        .filter(one -> one.waitsFor(by))
                                        .map(view)
                                        .toList(),
                                all.stream()
                                        .filter(one -> one.state() == Approval.State.PENDING && !one.waitsFor(by))
                                        .map(view)
                                        .toList(),
                                all.stream()
                                        .filter(one -> one.state() != Approval.State.PENDING)
                                        .map(view)
                                        .toList())));
    }
}
