package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.Approval;
import org.patronvault.access.Approvals;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.access.Replay;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** Acts on accounts and clients, which may have to wait for a second person: then the answer is 202 with the request. */
final class SharedActs {
    private static final String PENDING = Approval.State.PENDING.wireName();

    private final Access access;
    private final AuditLog log;
    private final Requests requests;

    SharedActs(WebParts parts, Requests requests) {
        this.access = parts.access();
        this.log = parts.log();
        this.requests = requests;
    }

    /** What is tried, as the log has it if it is refused before it begins. */
    AccessEvent attempt(Caller caller, Act act) {
        return log.event(caller.actor(), act, Outcome.REFUSED, AuditLog.newRequest());
    }

    /** Whoever calls, if the policy lets them; a refusal is in the log. */
    Caller admit(Context ctx, Permission permission, Act act) {
        Caller caller = requests.caller(ctx);
        access.require(caller, Question.may(permission), attempt(caller, act));
        return caller;
    }

    /** Passes if {@code may}, or if the policy allows one of these; a refusal is in the log. */
    void requireAny(Caller caller, boolean may, Act act, Permission... permissions) {
        boolean allowed = may
                || Arrays.stream(permissions)
                        .anyMatch(p ->
                                access.policy().ask(caller, Question.may(p)).allowed());
        if (!allowed) {
            throw log.refuse(attempt(caller, act), new Refused(Problem.NOT_ALLOWED, "That is not for this role."));
        }
    }

    /** Does {@code work}; a refusal that is not in the log yet is logged first. */
    <T> T logging(Caller caller, Act act, Supplier<T> work) {
        return log.logging(attempt(caller, act), work);
    }

    /**
     * Carries it out, or files it, once for its Idempotency-Key, and writes the answer.
     *
     * @param status of the answer if it is carried out
     * @param done the answer then, without the secret
     * @param secretName the member that carries the secret
     */
    void carryOut(
            Context ctx,
            Caller caller,
            byte[] body,
            int status,
            ObjectNode done,
            String secretName,
            Function<Approvals.Asking, Approvals.Answer> act) {
        Function<Approvals.Answer, String> json =
                answer -> answer(answer, done.deepCopy(), secretName).toString();
        JsonNode answer = Answers.parse(once(ctx, caller, body, key -> {
            Approvals.Asking asking = new Approvals.Asking(caller.actor(), Optional.empty(), key, json);
            return json.apply(act.apply(asking));
        }));
        boolean waits = answer.path("state").asText().equals(PENDING);
        ctx.status(waits ? 202 : status);
        if (waits) {
            ctx.header("Location", "/v1/approvals/" + answer.path("id").asText());
        }
        Answers.write(ctx, answer);
    }

    /** As before, if the same request came with the same key before; the same may be carried out just now, too. */
    String once(Context ctx, Caller caller, byte[] body, Function<Optional<Replay.Key>, String> act) {
        Replay replay = access.replay();
        Optional<Replay.Key> key = Requests.replay(ctx, replay, caller, body);
        return replay.answered(key).orElseGet(() -> {
            try {
                return act.apply(key);
            } catch (Refused e) {
                return replay.answered(key).orElseThrow(() -> e);
            }
        });
    }

    private static ObjectNode answer(Approvals.Answer answer, ObjectNode done, String secretName) {
        if (answer.filed().isPresent()) {
            Approval filed = answer.filed().get();
            return Answers.object()
                    .put("id", filed.id())
                    .put("state", PENDING)
                    .put("digest", filed.digest())
                    .put("expires", filed.expires().toString());
        }
        answer.secret().ifPresent(secret -> done.put(secretName, secret));
        return done;
    }
}
