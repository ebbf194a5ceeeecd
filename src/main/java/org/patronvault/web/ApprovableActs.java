package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Approval;
import org.patronvault.access.Approvals;
import org.patronvault.access.Caller;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.model.Actor;
import org.patronvault.model.Refused;

/** Acts on accounts and clients, which may have to wait for a second person: then the answer is 202 with the request. */
final class ApprovableActs {
    private static final String PENDING = Approval.State.PENDING.wireName();

    private final Access access;
    private final AuditLog log;
    private final RequestReader requests;

    ApprovableActs(WebUseCases parts, RequestReader requests) {
        this.access = parts.access();
        this.log = parts.log();
        this.requests = requests;
    }

    /**
     * Accounts, or clients.
     *
     * @param permission who may
     * @param act what the log calls it
     * @param secretName the member that carries the secret an act results in
     */
    record Kind(Permission permission, Act act, String secretName) {}

    /** What is tried, as the log has it if it is refused before it begins. */
    private AccessEvent attempt(Actor actor, Act act) {
        return log.event(actor, act, Outcome.REFUSED, AuditLog.newRequest());
    }

    /** Whoever calls, if the policy lets them; a refusal is in the log. */
    private Caller admit(Context ctx, Kind kind) {
        Caller caller = requests.caller(ctx);
        access.require(caller, AccessRequest.may(kind.permission()), attempt(caller.actor(), kind.act()));
        return caller;
    }

    /** Answers with all of a kind, in a list of that name. */
    void list(Context ctx, Kind kind, String name, Supplier<Stream<ObjectNode>> all) {
        admit(ctx, kind);
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray(name);
        all.get().forEach(list::add);
        JsonResponses.write(ctx, json);
    }

    /** Answers with the one the address names. */
    void one(Context ctx, Kind kind, Function<String, ObjectNode> find) {
        Caller caller = admit(ctx, kind);
        JsonResponses.write(ctx, logging(caller, kind.act(), () -> find.apply(ctx.pathParam("name"))));
    }

    /** Whoever calls, if they may agree to what others ask, or ask; a refusal is in the log. */
    Caller admitToApprovals(Context ctx) {
        Caller caller = requests.caller(ctx);
        access.requirePartInApprovals(caller, attempt(caller.actor(), Act.APPROVAL));
        return caller;
    }

    /** Does {@code work}; a refusal that is not in the log yet is logged first. */
    <T> T logging(Caller caller, Act act, Supplier<T> work) {
        return log.logging(attempt(caller.actor(), act), work);
    }

    /**
     * Adds one, or files that.
     *
     * @param done the answer then, without the secret; asked for after what was sent is known to be in order
     */
    void add(
            Context ctx,
            Kind kind,
            byte[] body,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        Caller caller = admit(ctx, kind);
        logged(ctx, caller, kind, body, 201, done, act);
    }

    /** Begins what takes its time, or files that; 202 either way. */
    void begin(
            Context ctx,
            Kind kind,
            byte[] body,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        Caller caller = admit(ctx, kind);
        logged(ctx, caller, kind, body, 202, done, act);
    }

    /** Does something to the one the address names, or files that. */
    <T> void change(
            Context ctx,
            Kind kind,
            byte[] body,
            Function<String, T> find,
            Function<T, ObjectNode> done,
            BiFunction<Approvals.Requester, T, Approvals.Answer> act) {
        Caller caller = admit(ctx, kind);
        T found = logging(caller, kind.act(), () -> find.apply(ctx.pathParam("name")));
        logged(ctx, caller, kind, body, 200, () -> done.apply(found), asking -> act.apply(asking, found));
    }

    private void logged(
            Context ctx,
            Caller caller,
            Kind kind,
            byte[] body,
            int status,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        logging(caller, kind.act(), () -> {
            carryOut(ctx, caller, kind, body, status, done, act);
            return kind;
        });
    }

    /** Carries it out, or files it, once for its Idempotency-Key, and writes the answer. */
    private void carryOut(
            Context ctx,
            Caller caller,
            Kind kind,
            byte[] body,
            int status,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        Function<Approvals.Answer, String> json =
                answer -> answer(answer, kind, done).toString();
        JsonNode answer = JsonResponses.parse(once(
                ctx,
                caller,
                body,
                key -> json.apply(act.apply(new Approvals.Requester(
                        caller.actor(), Optional.empty(), new IdempotencyStore.Once<>(key, json))))));
        boolean waits = answer.path("state").asText().equals(PENDING);
        ctx.status(waits ? 202 : status);
        if (waits) {
            ctx.header("Location", "/v1/approvals/" + answer.path("id").asText());
        } else if (status == 201) {
            ctx.header(
                    "Location",
                    ctx.path() + "/"
                            + answer.path(answer.has("name") ? "name" : "id").asText());
        }
        JsonResponses.write(ctx, answer);
    }

    /** As before, if the same request came with the same key before; the same may be carried out just now, too. */
    String once(Context ctx, Caller caller, byte[] body, Function<Optional<IdempotencyStore.Key>, String> act) {
        IdempotencyStore replay = access.replay();
        Optional<IdempotencyStore.Key> key = RequestReader.replay(ctx, replay, caller, body);
        return replay.answered(key).orElseGet(() -> {
            try {
                return act.apply(key);
            } catch (Refused e) {
                return replay.answered(key).orElseThrow(() -> e);
            }
        });
    }

    private static ObjectNode answer(Approvals.Answer answer, Kind kind, Supplier<ObjectNode> done) {
        if (answer.filed().isPresent()) {
            return filed(answer.filed().get());
        }
        ObjectNode json = done.get();
        answer.secret().ifPresent(secret -> json.put(kind.secretName(), secret));
        return json;
    }

    /** Answers that what was asked for waits for a second person; what is said of it. */
    static String waiting(Context ctx, Optional<Approval> filed) {
        ctx.status(202);
        ctx.header("Location", "/v1/approvals/" + filed.orElseThrow().id());
        return filed(filed.get()).toString();
    }

    /** What is answered of a request that waits. */
    static ObjectNode filed(Approval filed) {
        return JsonResponses.object()
                .put("id", filed.id())
                .put("state", PENDING)
                .put("digest", filed.digest())
                .put("expires", filed.expires().toString());
    }
}
