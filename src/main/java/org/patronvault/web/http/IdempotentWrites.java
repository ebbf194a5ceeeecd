package org.patronvault.web.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;

/** Writes to one patron record, each carried out once for its Idempotency-Key. */
public final class IdempotentWrites {
    private final Patrons patrons;

    public IdempotentWrites(Patrons patrons) {
        this.patrons = patrons;
    }

    /**
     * Checks the policy, then reads the body and carries out the write, or repeats the earlier answer. Writes the
     * answer and returns it.
     */
    public JsonNode once(
            Context ctx,
            Caller caller,
            ActKind act,
            byte[] request,
            Supplier<byte[]> body,
            Function<Optional<IdempotencyStore.Key>, String> write) {
        JsonNode answer = answer(ctx, caller, act, request, body, write);
        JsonResponses.write(ctx, answer);
        return answer;
    }

    /** Carries out a write once like {@link #once}, and answers only the version, in a header. */
    public void silently(
            Context ctx,
            Caller caller,
            ActKind act,
            byte[] request,
            Supplier<byte[]> body,
            Function<Optional<IdempotencyStore.Key>, String> write) {
        JsonNode unused = answer(ctx, caller, act, request, body, write);
        ctx.status(204);
    }

    private JsonNode answer(
            Context ctx,
            Caller caller,
            ActKind act,
            byte[] request,
            Supplier<byte[]> body,
            Function<Optional<IdempotencyStore.Key>, String> write) {
        Optional<PatronId> aimed = ctx.pathParamMap().containsKey("id") ? RequestReader.patron(ctx) : Optional.empty();
        JsonNode answer = patrons.admitted(caller, act, aimed, request, () -> {
            Optional<IdempotencyStore.Key> replay = RequestReader.replay(ctx, patrons.replay(), caller, body.get());
            return JsonResponses.parse(patrons.replay().answered(replay).orElseGet(() -> carryOut(replay, write)));
        });
        if (answer.has("version")) {
            ctx.header("ETag", "\"" + answer.path("version").longValue() + "\"");
        }
        return answer;
    }

    /** Another thread may be running this request, and then its answer is returned. */
    private String carryOut(
            Optional<IdempotencyStore.Key> replay, Function<Optional<IdempotencyStore.Key>, String> write) {
        try {
            return write.apply(replay);
        } catch (Refused e) {
            return patrons.replay().answered(replay).orElseThrow(() -> e);
        }
    }
}
