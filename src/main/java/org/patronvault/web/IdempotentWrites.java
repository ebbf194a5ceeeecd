package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.patronvault.access.Caller;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.audit.Act;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.patron.Patrons;

/** Writes of one patron, each carried out once for its Idempotency-Key. */
final class IdempotentWrites {
    private final Patrons patrons;

    IdempotentWrites(Patrons patrons) {
        this.patrons = patrons;
    }

    /**
     * Asks the policy, then reads what was sent and carries it out, or answers as before. Writes the answer, and
     * returns it.
     */
    JsonNode once(
            Context ctx,
            Caller caller,
            Act act,
            byte[] request,
            Supplier<byte[]> body,
            Function<Optional<IdempotencyStore.Key>, String> write) {
        JsonNode answer = answer(ctx, caller, act, request, body, write);
        JsonResponses.write(ctx, answer);
        return answer;
    }

    /** The same, of which nothing is answered but the version in a header. */
    void silently(
            Context ctx,
            Caller caller,
            Act act,
            byte[] request,
            Supplier<byte[]> body,
            Function<Optional<IdempotencyStore.Key>, String> write) {
        JsonNode unused = answer(ctx, caller, act, request, body, write);
        ctx.status(204);
    }

    private JsonNode answer(
            Context ctx,
            Caller caller,
            Act act,
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

    /** The same request may be carried out by another thread just now: then its answer is the answer. */
    private String carryOut(
            Optional<IdempotencyStore.Key> replay, Function<Optional<IdempotencyStore.Key>, String> write) {
        try {
            return write.apply(replay);
        } catch (Refused e) {
            return patrons.replay().answered(replay).orElseThrow(() -> e);
        }
    }
}
