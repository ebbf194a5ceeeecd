package org.patronvault.web.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.change.Protection;
import org.patronvault.web.http.IdempotentWrites;
import org.patronvault.web.http.JsonResponses;
import org.patronvault.web.http.RequestBody;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestValidation;

/** REST handlers for {@code /v1/patrons/{id}/protection}. */
public final class ProtectionApi {
    private static final String PATH = "/v1/patrons/{id}/protection";
    private static final String PROTECTED = "protected";
    private static final String DECOY = "decoy";

    private final Patrons patrons;
    private final RequestReader requests;
    private final IdempotentWrites writes;

    public ProtectionApi(Patrons patrons, RequestReader requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new IdempotentWrites(patrons);
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, this::read);
        routes.put(PATH, this::put);
    }

    private void read(Context ctx) {
        Protection.State held =
                patrons.protection().read(requests.caller(ctx), RequestReader.patron(ctx), AuditLog.newRequest());
        ctx.header("ETag", "\"" + held.version() + "\"");
        JsonResponses.write(
                ctx,
                JsonResponses.object()
                        .put("id", held.id().toString())
                        .put("version", held.version())
                        .put(PROTECTED, held.isProtected())
                        .put(DECOY, held.isDecoy())
                        .put("entry", held.entry()));
    }

    private void put(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = RequestReader.body(ctx, PROTECTED, DECOY);
        writes.once(
                ctx,
                caller,
                ActKind.PROTECT,
                request,
                body::bytes,
                replay -> patrons.protection()
                        .put(
                                caller,
                                RequestReader.patron(ctx),
                                RequestReader.ifMatch(ctx),
                                asked(body),
                                replay,
                                request)
                        .json());
    }

    private static Protection.Request asked(RequestBody body) {
        RequestValidation faults = new RequestValidation();
        Optional<Boolean> isProtected = faults.read(() -> body.flag(PROTECTED)).flatMap(flag -> flag);
        Optional<Boolean> isDecoy = faults.read(() -> body.flag(DECOY)).flatMap(flag -> flag);
        faults.check(body::requireKnownMembers);
        faults.check(() -> {
            if (isProtected.isEmpty() && isDecoy.isEmpty()) {
                throw RequestReader.invalid("Say with `protected` or `decoy`, as true or false, what shall hold.");
            }
        });
        return new Protection.Request(isProtected, isDecoy, faults.first());
    }
}
