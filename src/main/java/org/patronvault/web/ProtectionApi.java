package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.patronvault.access.Caller;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.Protection;

/** {@code /v1/patrons/{id}/protection}. */
final class ProtectionApi {
    private static final String PATH = "/v1/patrons/{id}/protection";
    private static final String PROTECTED = "protected";
    private static final String DECOY = "decoy";

    private final Patrons patrons;
    private final Requests requests;
    private final Writes writes;

    ProtectionApi(Patrons patrons, Requests requests) {
        this.patrons = patrons;
        this.requests = requests;
        this.writes = new Writes(patrons);
    }

    void register(RoutesConfig routes) {
        routes.get(PATH, this::read);
        routes.put(PATH, this::put);
    }

    private void read(Context ctx) {
        Protection.Held held =
                patrons.protection().read(requests.caller(ctx), Requests.patron(ctx), AuditLog.newRequest());
        ctx.header("ETag", "\"" + held.version() + "\"");
        Answers.write(
                ctx,
                Answers.object()
                        .put("id", held.id().toString())
                        .put("version", held.version())
                        .put(PROTECTED, held.isProtected())
                        .put(DECOY, held.isDecoy())
                        .put("entry", held.entry()));
    }

    private void put(Context ctx) {
        Caller caller = requests.caller(ctx);
        byte[] request = AuditLog.newRequest();
        RequestBody body = Requests.body(ctx, PROTECTED, DECOY);
        writes.once(
                ctx,
                caller,
                Act.PROTECT,
                request,
                body::bytes,
                replay -> patrons.protection()
                        .put(caller, Requests.patron(ctx), Requests.ifMatch(ctx), asked(body), replay, request)
                        .json());
    }

    private static Protection.Asked asked(RequestBody body) {
        Faults faults = new Faults();
        Optional<Boolean> isProtected = faults.read(() -> body.flag(PROTECTED)).flatMap(flag -> flag);
        Optional<Boolean> isDecoy = faults.read(() -> body.flag(DECOY)).flatMap(flag -> flag);
        faults.check(body::requireKnownMembers);
        faults.check(() -> {
            if (isProtected.isEmpty() && isDecoy.isEmpty()) {
                throw Requests.invalid("Say with `protected` or `decoy`, as true or false, what shall hold.");
            }
        });
        return new Protection.Asked(isProtected, isDecoy, faults.first());
    }
}
