package org.patronvault.web.api;

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
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebUseCases;

/** Acts on accounts and clients that may need a second person. An act that must wait answers 202 with its request. */
public final class ApprovableActs {
    private static final String PENDING = Approval.State.PENDING.wireName();

    private final Access access;
    private final AuditLog log;
    private final RequestReader requests;

    public ApprovableActs(WebUseCases parts, RequestReader requests) {
        this.access = parts.access();
        this.log = parts.log();
        this.requests = requests;
    }

    /**
     * The kind of object acted on: accounts or clients.
     *
     * @param permission to act on them
     * @param act its name in the log
     * @param secretName the member that carries a new secret
     */
    record Kind(Permission permission, ActKind act, String secretName) {}

    /** A request to act on a kind of object, which the policy allows its caller. */
    private record AdmittedRequest(Context ctx, Caller caller, Kind kind, byte[] body) {}

    /** The log entry of an attempt refused before it began. */
    private AccessEvent attempt(Actor actor, ActKind act) {
        return log.event(actor, act, Outcome.REFUSED, AuditLog.newRequest());
    }

    /** Returns the caller if the policy allows the kind, and logs a refusal. */
    private Caller admit(Context ctx, Kind kind) {
        Caller caller = requests.caller(ctx);
        access.require(caller, kind.permission(), attempt(caller.actor(), kind.act()));
        return caller;
    }

    /** Answers with a list of all objects of a kind, under {@code name}. */
    void list(Context ctx, Kind kind, String name, Supplier<Stream<ObjectNode>> all) {
        admit(ctx, kind);
        ObjectNode json = JsonResponses.object();
        ArrayNode list = json.putArray(name);
        all.get().forEach(list::add);
        JsonResponses.write(ctx, json);
    }

    /** Answers with the object in the address. */
    void one(Context ctx, Kind kind, Function<String, ObjectNode> find) {
        Caller caller = admit(ctx, kind);
        JsonResponses.write(ctx, logging(caller, kind.act(), () -> find.apply(ctx.pathParam("name"))));
    }

    /** Returns the caller if they may approve or request acts, and logs a refusal. */
    Caller admitToApprovals(Context ctx) {
        Caller caller = requests.caller(ctx);
        access.requirePartInApprovals(caller, attempt(caller.actor(), ActKind.APPROVAL));
        return caller;
    }

    /** Runs {@code work} and logs its refusal, unless the log has it already. */
    <T> T logging(Caller caller, ActKind act, Supplier<T> work) {
        return log.logging(attempt(caller.actor(), act), work);
    }

    /**
     * Adds an object, or files the request to add it.
     *
     * @param done builds the answer without the secret, once the request was found valid
     */
    void add(
            Context ctx,
            Kind kind,
            byte[] body,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        logged(new AdmittedRequest(ctx, admit(ctx, kind), kind, body), 201, done, act);
    }

    /** Starts a long operation, or files the request for it, and answers 202 either way. */
    void begin(
            Context ctx,
            Kind kind,
            byte[] body,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        logged(new AdmittedRequest(ctx, admit(ctx, kind), kind, body), 202, done, act);
    }

    /** Changes the object in the address, or files the change. */
    <T> void change(
            Context ctx,
            Kind kind,
            byte[] body,
            Function<String, T> find,
            Function<T, ObjectNode> done,
            BiFunction<Approvals.Requester, T, Approvals.Answer> act) {
        Caller caller = admit(ctx, kind);
        T found = logging(caller, kind.act(), () -> find.apply(ctx.pathParam("name")));
        AdmittedRequest admitted = new AdmittedRequest(ctx, caller, kind, body);
        logged(admitted, 200, () -> done.apply(found), asking -> act.apply(asking, found));
    }

    private void logged(
            AdmittedRequest admitted,
            int status,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        logging(admitted.caller(), admitted.kind().act(), () -> {
            carryOut(admitted, status, done, act);
            return admitted;
        });
    }

    /** Runs or files the act once for its Idempotency-Key, and writes the answer. */
    private void carryOut(
            AdmittedRequest admitted,
            int status,
            Supplier<ObjectNode> done,
            Function<Approvals.Requester, Approvals.Answer> act) {
        Context ctx = admitted.ctx();
        Caller caller = admitted.caller();
        Function<Approvals.Answer, String> json =
                answer -> answer(answer, admitted.kind(), done).toString();
        JsonNode answer = JsonResponses.parse(once(
                ctx,
                caller,
                admitted.body(),
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

    /**
     * Returns the earlier answer if the same request came with the same key, even if another thread is still running
     * it.
     */
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

    /** Answers 202: the request waits for a second person. Returns the body. */
    static String waiting(Context ctx, Approval filed) {
        ctx.status(202);
        ctx.header("Location", "/v1/approvals/" + filed.id());
        return filed(filed).toString();
    }

    /** The body that describes a waiting request. */
    static ObjectNode filed(Approval filed) {
        return JsonResponses.object()
                .put("id", filed.id())
                .put("state", PENDING)
                .put("digest", filed.digest())
                .put("expires", filed.expires().toString());
    }
}
